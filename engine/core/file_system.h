// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace leyden {

/// A file that only grows. Whole records are appended; sync() puts them on the disk.
class LEYDEN_API AppendFile
{
public:
    virtual ~AppendFile() = default;
    virtual void append(std::string_view bytes)
        = 0; ///< all or FileError; a short write is cut back
    virtual void sync() = 0;
    virtual void truncate(uint64_t size) = 0;
    virtual uint64_t size() const = 0;
};

class ByteSource;

/// Holds a lock file; lets go and removes it when it ends.
class LEYDEN_API FileLock
{
public:
    virtual ~FileLock() = default;
};

/// Where the engine meets disks, so that tests can make them slow, full or read-only.
///
/// Throws: FileError; the message names the path and the system's reason.
class LEYDEN_API FileSystem
{
public:
    using path = std::filesystem::path;
    using Sink = std::function<void(std::string_view)>;
    virtual ~FileSystem() = default;

    virtual void create_directories(const path& folder) = 0;
    /// Creates one folder; false where something of that name exists already (two runs never share
    /// one).
    virtual bool create_directory_exclusive(const path& folder) = 0;
    /// Replaces a document: new file beside it, fsync, rename, fsync of the folder.
    virtual void write_atomic(const path& file, std::string_view bytes) = 0;
    /// The same for a document that need not fit in memory: `produce` hands over one piece after
    /// the other. When it throws, the old document stays and the error passes through.
    virtual void write_atomic_stream(
        const path& file, const std::function<void(const Sink&)>& produce)
        = 0;
    virtual std::unique_ptr<AppendFile> open_append(const path& file) = 0;
    virtual std::string read(const path& file) = 0;
    /// For what is too large to be held twice; its size is the one of this moment.
    virtual std::unique_ptr<ByteSource> open_read(const path& file) = 0;
    virtual bool exists(const path& file) = 0;
    virtual void remove(const path& file) = 0; ///< no error where it is absent
    virtual void rename(const path& from, const path& to) = 0;
    /// Makes `link` a symbolic link to `target` (as written, relative to the link's folder), in
    /// place of what stood there.
    virtual void replace_link(const path& target, const path& link) = 0;
    /// Makes `file` and locks it; null where another process, or another lock of this one, holds
    /// it. A process that dies lets go. On disks that know no locks everybody gets one.
    virtual std::unique_ptr<FileLock> try_lock(const path& file) = 0;
    virtual std::vector<path> list(const path& folder) = 0; ///< sorted; empty where absent

    static FileSystem& local(); ///< the machine's disks; lives as long as the process
};

} // namespace leyden
