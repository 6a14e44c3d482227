// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/file_system.h"

#include "engine/core/byte_source.h"
#include "engine/core/errors.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

namespace leyden {
namespace {
namespace fs = std::filesystem;

[[noreturn]] void fail(const char* action, const fs::path& file, int error)
{
    throw FileError("cannot " + std::string(action) + " '" + file.string()
        + "': " + std::generic_category().message(error));
}

/// Repeats a call that a signal interrupted.
template <typename Call> auto retried(Call call)
{
    auto result = call();
    while (result == -1 && errno == EINTR)
        result = call();
    return result;
}

class Descriptor
{
public:
    Descriptor() = default;
    Descriptor(const fs::path& file, int flags)
        : fd_(retried([&] { return ::open(file.c_str(), flags | O_CLOEXEC, 0666); }))
    {
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) { }
    Descriptor& operator=(Descriptor&& other) noexcept
    {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~Descriptor()
    {
        if (fd_ >= 0)
            ::close(fd_);
    }

    bool is_open() const { return fd_ >= 0; }
    int get() const { return fd_; }

    /// Network disks report a full disk only here. Never repeated: the descriptor is gone either
    /// way.
    int close() { return ::close(std::exchange(fd_, -1)) == 0 || errno == EINTR ? 0 : errno; }

private:
    int fd_ = -1;
};

/// Writes all bytes; 0 or the error of the first write that failed.
int write_all(int fd, std::string_view bytes)
{
    constexpr size_t largest_write = size_t{1} << 30; // Linux takes no more than 2 GiB at once
    while (!bytes.empty()) {
        const ssize_t written = retried(
            [&] { return ::write(fd, bytes.data(), std::min(bytes.size(), largest_write)); });
        if (written < 0)
            return errno;
        if (written == 0)
            return EIO;
        bytes.remove_prefix(static_cast<size_t>(written));
    }
    return 0;
}

/// 0 or an error. Pipes and some network disks cannot be synced; that is no failure.
int sync_descriptor(int fd)
{
    if (retried([&] { return ::fsync(fd); }) == 0 || errno == EINVAL || errno == EROFS)
        return 0;
    return errno;
}

fs::path folder_of(const fs::path& file)
{
    return file.has_parent_path() ? file.parent_path() : fs::path(".");
}

/// Makes a rename or a new name in the folder survive a power cut.
void sync_folder(const fs::path& folder)
{
    const Descriptor descriptor(folder, O_RDONLY | O_DIRECTORY);
    if (!descriptor.is_open())
        return; // a folder that we may write but not read: the rename itself stands
    if (const int error = sync_descriptor(descriptor.get()))
        fail("write", folder, error);
}

class LocalAppendFile final : public AppendFile
{
public:
    explicit LocalAppendFile(fs::path file)
        : file_(std::move(file)), descriptor_(file_, O_WRONLY | O_CREAT | O_APPEND)
    {
        if (!descriptor_.is_open())
            fail("write", file_, errno);
    }

    void append(std::string_view bytes) override
    {
        const uint64_t before = size();
        const int error = write_all(descriptor_.get(), bytes);
        if (error == 0)
            return;
        // Half a record would spoil the next one as well.
        if (size() != before)
            truncate(before);
        fail("write", file_, error);
    }

    void sync() override
    {
        if (const int error = sync_descriptor(descriptor_.get()))
            fail("write", file_, error);
    }

    void truncate(uint64_t size) override
    {
        if (retried([&] { return ::ftruncate(descriptor_.get(), static_cast<off_t>(size)); }) != 0)
            fail("shorten", file_, errno);
    }

    uint64_t size() const override
    {
        struct stat status = {};
        if (::fstat(descriptor_.get(), &status) != 0)
            fail("read", file_, errno);
        return static_cast<uint64_t>(status.st_size);
    }

private:
    fs::path file_;
    Descriptor descriptor_;
};

/// Of a new file or link beside the one it is to replace. A process that was killed may have left
/// one.
std::string unused_name(const fs::path& target)
{
    static std::atomic<unsigned> counter = 0;
    const std::string stem = target.filename().string().substr(0, 200); // names end at 255 bytes
    return "." + stem + "." + std::to_string(::getpid()) + "-" + std::to_string(++counter) + ".tmp";
}

/// A new file beside the one it is to replace; gone unless it was moved there.
class TemporaryFile
{
public:
    explicit TemporaryFile(const fs::path& target) : target_(target)
    {
        do {
            temporary_ = folder_of(target) / unused_name(target);
            descriptor_ = Descriptor(temporary_, O_WRONLY | O_CREAT | O_EXCL);
        } while (!descriptor_.is_open() && errno == EEXIST);
        if (!descriptor_.is_open())
            fail("write", target_, errno);
    }
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;
    ~TemporaryFile()
    {
        if (!moved_)
            ::unlink(temporary_.c_str());
    }

    // Messages name the file that was asked for: nobody knows the temporary one.
    void write(std::string_view bytes)
    {
        if (const int error = write_all(descriptor_.get(), bytes))
            fail("write", target_, error);
    }

    void move_to_target()
    {
        if (const int error = sync_descriptor(descriptor_.get()))
            fail("write", target_, error);
        if (const int error = descriptor_.close())
            fail("write", target_, error);
        if (::rename(temporary_.c_str(), target_.c_str()) != 0)
            fail("write", target_, errno);
        moved_ = true;
        sync_folder(folder_of(target_));
    }

private:
    fs::path target_;
    fs::path temporary_;
    Descriptor descriptor_;
    bool moved_ = false;
};

class LocalFileLock final : public FileLock
{
public:
    LocalFileLock(fs::path file, Descriptor descriptor)
        : file_(std::move(file)), descriptor_(std::move(descriptor))
    {
    }
    LocalFileLock(const LocalFileLock&) = delete;
    LocalFileLock& operator=(const LocalFileLock&) = delete;
    ~LocalFileLock() override { ::unlink(file_.c_str()); } // while it is held: nobody else's file

private:
    fs::path file_;
    Descriptor descriptor_;
};

Descriptor open_to_read(const fs::path& file, struct stat& status)
{
    if (::stat(file.c_str(), &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode))
        // and wait for nobody
        throw FileError(
            "cannot read '" + file.string() + "': it is a pipe or a device; name a file");
    Descriptor descriptor(file, O_RDONLY);
    if (!descriptor.is_open() || ::fstat(descriptor.get(), &status) != 0)
        fail("read", file, errno);
    if (S_ISDIR(status.st_mode))
        fail("read", file, EISDIR);
    return descriptor;
}

class LocalByteSource final : public ByteSource
{
public:
    explicit LocalByteSource(fs::path file) : path_(std::move(file))
    {
        struct stat status = {};
        descriptor_ = open_to_read(path_, status);
        size_ = static_cast<uint64_t>(status.st_size);
    }

    uint64_t size() const override { return size_; }

    void read(uint64_t offset, char* to, size_t count) override
    {
        while (count > 0) {
            const ssize_t got = retried(
                [&] { return ::pread(descriptor_.get(), to, count, static_cast<off_t>(offset)); });
            if (got < 0)
                fail("read", path_, errno);
            if (got == 0)
                throw FileError(
                    "cannot read '" + path_.string() + "': it became shorter while it was read");
            offset += static_cast<uint64_t>(got);
            to += got;
            count -= static_cast<size_t>(got);
        }
    }

private:
    fs::path path_;
    Descriptor descriptor_;
    uint64_t size_ = 0;
};

class LocalFileSystem final : public FileSystem
{
public:
    void create_directories(const fs::path& folder) override
    {
        std::error_code error;
        std::filesystem::create_directories(folder, error);
        if (error)
            fail("create the folder", folder, error.value());
    }

    bool create_directory_exclusive(const fs::path& folder) override
    {
        if (::mkdir(folder.c_str(), 0777) == 0)
            return true;
        if (errno != EEXIST)
            fail("create the folder", folder, errno);
        return false;
    }

    void write_atomic(const fs::path& file, std::string_view bytes) override
    {
        write_atomic_stream(file, [bytes](const Sink& write) { write(bytes); });
    }

    void write_atomic_stream(
        const fs::path& file, const std::function<void(const Sink&)>& produce) override
    {
        TemporaryFile temporary(file);
        produce([&temporary](std::string_view bytes) { temporary.write(bytes); });
        temporary.move_to_target();
    }

    std::unique_ptr<AppendFile> open_append(const fs::path& file) override
    {
        return std::make_unique<LocalAppendFile>(file);
    }

    std::string read(const fs::path& file) override
    {
        struct stat status = {};
        const auto descriptor = open_to_read(file, status);
        // The size is a hint only: the file may grow meanwhile, and those of /proc claim 0 bytes.
        std::string bytes(static_cast<size_t>(status.st_size) + 1, '\0');
        size_t filled = 0;
        for (;;) {
            if (filled == bytes.size())
                bytes.resize(bytes.size() + std::max<size_t>(bytes.size() / 2, 4096));
            const ssize_t count = retried([&] {
                return ::read(descriptor.get(), bytes.data() + filled, bytes.size() - filled);
            });
            if (count < 0)
                fail("read", file, errno);
            if (count == 0)
                break;
            filled += static_cast<size_t>(count);
        }
        bytes.resize(filled);
        return bytes;
    }

    std::unique_ptr<ByteSource> open_read(const fs::path& file) override
    {
        return std::make_unique<LocalByteSource>(file);
    }

    bool exists(const fs::path& file) override
    {
        std::error_code error;
        return std::filesystem::exists(file, error);
    }

    void remove(const fs::path& file) override
    {
        if (::remove(file.c_str()) != 0 && errno != ENOENT && errno != ENOTDIR)
            fail("remove", file, errno);
    }

    void rename(const fs::path& from, const fs::path& to) override
    {
        if (::rename(from.c_str(), to.c_str()) != 0)
            fail("rename", from, errno);
        sync_folder(folder_of(to));
    }

    void replace_link(const fs::path& target, const fs::path& link) override
    {
        fs::path temporary;
        do {
            temporary = folder_of(link) / unused_name(link);
        } while (::symlink(target.c_str(), temporary.c_str()) != 0 && errno == EEXIST);
        if (::rename(temporary.c_str(), link.c_str()) == 0) {
            sync_folder(folder_of(link));
            return;
        }
        const int error = errno;
        ::unlink(temporary.c_str());
        fail("link", link, error);
    }

    std::unique_ptr<FileLock> try_lock(const fs::path& file) override
    {
        for (;;) {
            Descriptor descriptor(file, O_RDWR | O_CREAT);
            if (!descriptor.is_open())
                fail("write", file, errno);
            if (retried([&] { return ::flock(descriptor.get(), LOCK_EX | LOCK_NB); }) != 0
                && errno == EWOULDBLOCK)
                return nullptr;
            struct stat ours = {};
            struct stat named = {};
            if (::fstat(descriptor.get(), &ours) == 0 && ::stat(file.c_str(), &named) == 0
                && ours.st_ino == named.st_ino)
                return std::make_unique<LocalFileLock>(file, std::move(descriptor));
            // Its last holder removed the file between our open and our lock: what we hold has no
            // name any more.
        }
    }

    std::vector<fs::path> list(const fs::path& folder) override
    {
        std::error_code error;
        std::vector<fs::path> found;
        auto entry = std::filesystem::directory_iterator(folder, error);
        while (!error && entry != std::filesystem::directory_iterator()) {
            found.push_back(entry->path());
            entry.increment(error);
        }
        if (error && error != std::errc::no_such_file_or_directory)
            fail("read the folder", folder, error.value());
        std::sort(found.begin(), found.end());
        return found;
    }
};
} // namespace

FileSystem& FileSystem::local()
{
    static LocalFileSystem file_system;
    return file_system;
}

} // namespace leyden
