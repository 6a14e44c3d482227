// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/byte_source.h"
#include "engine/core/export.h"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace leyden {

/// Writes a zip archive of uncompressed records, piece by piece, as PyTorch lays out its own: the
/// bytes of each record start at a multiple of 64, so that a reader may map them into memory.
class LEYDEN_API ZipWriter
{
public:
    using Sink = std::function<void(std::string_view)>;

    /// `always_zip64` uses the fields for files past 4 GiB in small files too, for tests.
    explicit ZipWriter(Sink sink, bool always_zip64 = false);

    void add(std::string_view name, std::string_view bytes);
    void finish(); ///< writes the table of contents; nothing may be added afterwards

private:
    struct Record
    {
        std::string name;
        uint64_t header_offset;
        uint64_t size;
        uint32_t crc;
    };

    void write(std::string_view bytes);

    Sink sink_;
    uint64_t zip64_limit_;
    uint64_t written_ = 0;
    std::vector<Record> records_;
};

/// Reads such an archive from a source, which must outlive it.
///
/// Files come from outside: every offset and size is checked against the archive before it is used,
/// records cannot claim more bytes together than the archive has, and names are unique.
/// Throws: CheckpointError; the message says what is wrong but does not know the file's name.
class LEYDEN_API ZipReader
{
public:
    struct Record
    {
        std::string name;
        uint64_t offset; ///< of its bytes in the archive
        uint64_t size;
        uint32_t crc; ///< 0 where the writer left it out (torch.serialization.set_crc32_options)
    };

    explicit ZipReader(ByteSource& archive);

    const std::vector<Record>& records() const { return records_; } ///< sorted by name
    const Record* find(std::string_view name) const;                ///< null where absent
    const Record& at(std::string_view name) const;                  ///< throws where absent

    /// The record's bytes, into room for `size` of them or as a text. Throws where their checksum
    /// is wrong.
    void read(const Record& record, char* to) const;
    std::string read(std::string_view name) const;

private:
    ByteSource& archive_;
    std::vector<Record> records_;
};

} // namespace leyden
