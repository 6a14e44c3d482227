// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/byte_source.h"
#include "engine/core/errors.h"
#include "engine/core/file_system.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <utility>

namespace leyden::test {

/// The machine's disks, made full, read-only or slow on request. The switches may be turned from
/// any thread; `before_write` is set before the first use. Whatever is refused leaves no trace, as
/// FileSystem promises.
class FaultyFileSystem final : public FileSystem
{
public:
    static constexpr uint64_t unlimited = std::numeric_limits<uint64_t>::max();

    std::atomic<uint64_t> free_bytes = unlimited; ///< shrinks with each write; 0 is a full disk
    std::atomic<bool> is_read_only = false;
    std::atomic<int64_t> write_count = 0; ///< appends, atomic writes and syncs that were asked for
    std::function<void(const path&)> before_write; ///< may block: a slow disk

    void create_directories(const path& folder) override
    {
        if (!exists(folder))
            refuse_if_read_only(folder);
        disk().create_directories(folder);
    }
    bool create_directory_exclusive(const path& folder) override
    {
        refuse_if_read_only(folder);
        return disk().create_directory_exclusive(folder);
    }
    void write_atomic(const path& file, std::string_view bytes) override
    {
        begin_write(file);
        take(file, bytes.size());
        disk().write_atomic(file, bytes);
    }
    void write_atomic_stream(
        const path& file, const std::function<void(const Sink&)>& produce) override
    {
        begin_write(file);
        disk().write_atomic_stream(file, [&](const Sink& write) {
            produce([&](std::string_view bytes) {
                take(file, bytes.size());
                write(bytes);
            });
        });
    }
    std::unique_ptr<AppendFile> open_append(const path& file) override
    {
        refuse_if_read_only(file);
        return std::make_unique<FaultyAppendFile>(*this, file);
    }
    std::string read(const path& file) override { return disk().read(file); }
    std::unique_ptr<ByteSource> open_read(const path& file) override
    {
        return disk().open_read(file);
    }
    bool exists(const path& file) override { return disk().exists(file); }
    void remove(const path& file) override
    {
        if (exists(file))
            refuse_if_read_only(file);
        disk().remove(file);
    }
    void rename(const path& from, const path& to) override
    {
        refuse_if_read_only(from);
        disk().rename(from, to);
    }
    void replace_link(const path& target, const path& link) override
    {
        refuse_if_read_only(link);
        disk().replace_link(target, link);
    }
    std::unique_ptr<FileLock> try_lock(const path& file) override
    {
        refuse_if_read_only(file);
        return disk().try_lock(file);
    }
    std::vector<path> list(const path& folder) override { return disk().list(folder); }

private:
    class FaultyAppendFile final : public AppendFile
    {
    public:
        FaultyAppendFile(FaultyFileSystem& owner, path file)
            : owner_(owner), path_(std::move(file)), file_(disk().open_append(path_))
        {
        }
        void append(std::string_view bytes) override
        {
            owner_.begin_write(path_);
            owner_.take(path_, bytes.size());
            file_->append(bytes);
        }
        void sync() override
        {
            owner_.begin_write(path_);
            file_->sync();
        }
        void truncate(uint64_t size) override
        {
            owner_.refuse_if_read_only(path_);
            file_->truncate(size);
        }
        uint64_t size() const override { return file_->size(); }

    private:
        FaultyFileSystem& owner_;
        path path_;
        std::unique_ptr<AppendFile> file_;
    };

    static FileSystem& disk() { return local(); }

    void begin_write(const path& file)
    {
        ++write_count;
        if (before_write)
            before_write(file);
        refuse_if_read_only(file);
    }

    void refuse_if_read_only(const path& file) const
    {
        if (is_read_only)
            throw FileError("cannot write '" + file.string() + "': Read-only file system");
    }

    void take(const path& file, uint64_t bytes)
    {
        uint64_t free = free_bytes;
        do {
            if (free == unlimited)
                return;
            if (free < bytes)
                throw FileError("cannot write '" + file.string() + "': No space left on device");
        } while (!free_bytes.compare_exchange_weak(free, free - bytes));
    }
};

} // namespace leyden::test
