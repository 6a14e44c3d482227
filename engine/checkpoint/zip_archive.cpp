// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/zip_archive.h"

#include "engine/core/errors.h"

#include <libdeflate.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <type_traits>
#include <utility>

namespace leyden {
namespace {
static_assert(std::endian::native == std::endian::little, "zip fields are copied as they lie");

// PKWARE's APPNOTE.TXT, sections 4.3.7 to 4.3.16 and 4.5.3.
constexpr uint32_t local_signature = 0x04034b50;
constexpr uint32_t central_signature = 0x02014b50;
constexpr uint32_t end_signature = 0x06054b50;
constexpr uint32_t zip64_end_signature = 0x06064b50;
constexpr uint32_t zip64_locator_signature = 0x07064b50;
constexpr size_t local_size = 30;
constexpr size_t central_size = 46;
constexpr size_t end_size = 22;
constexpr size_t zip64_end_size = 56;
constexpr size_t zip64_locator_size = 20;
constexpr uint16_t zip64_extra_id = 1;
constexpr uint16_t padding_extra_id = 0x4246; // "FB", what PyTorch pads with
constexpr uint64_t alignment = 64;
constexpr uint64_t max_directory_size = uint64_t{16} << 20; // some 200,000 tensors
constexpr uint16_t max16 = std::numeric_limits<uint16_t>::max();
constexpr uint32_t max32 = std::numeric_limits<uint32_t>::max();

/// Of `bytes` behind others whose checksum is `before`.
uint32_t checksum(std::string_view bytes, uint32_t before = 0)
{
    return libdeflate_crc32(before, bytes.data(), bytes.size());
}

/// Appends fields; the type of the value is the width of the field.
class Fields
{
public:
    template <typename Value>
        requires std::is_unsigned_v<Value>
    Fields& add(Value value)
    {
        char raw[sizeof(Value)];
        std::memcpy(raw, &value, sizeof(Value));
        bytes_.append(raw, sizeof(Value));
        return *this;
    }
    Fields& add(std::string_view text)
    {
        bytes_.append(text);
        return *this;
    }
    const std::string& bytes() const { return bytes_; }

private:
    std::string bytes_;
};

constexpr uint16_t u16(uint64_t value)
{
    return static_cast<uint16_t>(std::min<uint64_t>(value, max16));
}

constexpr uint32_t u32(uint64_t value)
{
    return static_cast<uint32_t>(std::min<uint64_t>(value, max32));
}

[[noreturn]] void damaged(const char* what)
{
    throw CheckpointError("the archive is damaged (" + std::string(what) + ")");
}

void check_place(uint64_t end, uint64_t offset, uint64_t size, const char* what)
{
    if (offset > end || size > end - offset)
        damaged(what);
}

/// `size` bytes at `offset`, or an error where there is no such place.
std::string_view slice(std::string_view bytes, uint64_t offset, uint64_t size, const char* what)
{
    check_place(bytes.size(), offset, size, what);
    return bytes.substr(offset, size);
}

std::string slice(ByteSource& archive, uint64_t offset, uint64_t size, const char* what)
{
    check_place(archive.size(), offset, size, what);
    return archive.text(offset, size);
}

template <typename Value> Value load(std::string_view bytes, size_t offset)
{
    Value value = 0;
    LEYDEN_ASSERT(offset + sizeof(Value) <= bytes.size());
    std::memcpy(&value, bytes.data() + offset, sizeof(Value));
    return value;
}

struct Directory
{
    uint64_t count;
    uint64_t size;
    uint64_t offset;
};

/// Where the end record stands in the last bytes of the archive.
size_t find_end(std::string_view tail)
{
    if (tail.size() < end_size)
        damaged("it ends early");
    for (size_t at = tail.size() - end_size + 1; at-- > 0;) {
        if (load<uint32_t>(tail, at) == end_signature
            && load<uint16_t>(tail, at + 20) == tail.size() - at - end_size)
            return at;
    }
    damaged("it ends early, as after an interrupted copy");
}

Directory find_directory(ByteSource& archive)
{
    // a comment may follow
    const uint64_t tail_size = std::min<uint64_t>(archive.size(), end_size + max16);
    const uint64_t tail_start = archive.size() - tail_size;
    const std::string tail = archive.text(tail_start, tail_size);
    const size_t end = find_end(tail);
    Directory found = {load<uint16_t>(tail, end + 10), load<uint32_t>(tail, end + 12),
        load<uint32_t>(tail, end + 16)};
    uint64_t limit = tail_start + end;
    if (found.count == max16 || found.size == max32 || found.offset == max32) {
        if (limit < zip64_locator_size)
            damaged("no table of contents");
        const auto locator = archive.text(limit - zip64_locator_size, zip64_locator_size);
        if (load<uint32_t>(locator, 0) != zip64_locator_signature)
            damaged("no table of contents");
        limit = load<uint64_t>(locator, 8);
        const auto record = slice(archive, limit, zip64_end_size, "no table of contents");
        if (load<uint32_t>(record, 0) != zip64_end_signature)
            damaged("no table of contents");
        found
            = {load<uint64_t>(record, 32), load<uint64_t>(record, 40), load<uint64_t>(record, 48)};
    }
    check_place(limit, found.offset, found.size, "no table of contents");
    if (found.size > max_directory_size)
        damaged("a table of contents of more than 16 MiB");
    if (found.count > found.size / central_size)
        damaged("more records than its table of contents has room for");
    return found;
}

/// A record's sizes and place, which the zip64 extra field holds where 32 bits are too few.
struct Place
{
    uint64_t size;
    uint64_t stored_size;
    uint64_t header_offset;
};

Place find_place(std::string_view header, std::string_view extra)
{
    Place place
        = {load<uint32_t>(header, 24), load<uint32_t>(header, 20), load<uint32_t>(header, 42)};
    while (extra.size() >= 4) {
        const auto id = load<uint16_t>(extra, 0);
        const auto size = load<uint16_t>(extra, 2);
        auto body = slice(extra, 4, size, "a wrong extra field");
        extra.remove_prefix(4 + size_t{size});
        if (id != zip64_extra_id)
            continue;
        for (uint64_t* field : {&place.size, &place.stored_size, &place.header_offset}) {
            if (*field != max32)
                continue;
            *field = load<uint64_t>(slice(body, 0, 8, "a wrong extra field"), 0);
            body.remove_prefix(8);
        }
    }
    return place;
}

/// Where a record's bytes begin; they end before `contents_end`.
uint64_t bytes_offset(ByteSource& archive, uint64_t contents_end, const Place& place)
{
    check_place(contents_end, place.header_offset, local_size, "a record outside of it");
    const auto header = archive.text(place.header_offset, local_size);
    if (load<uint32_t>(header, 0) != local_signature)
        damaged("a record without its header");
    const uint64_t offset = place.header_offset + local_size + load<uint16_t>(header, 26)
        + load<uint16_t>(header, 28);
    check_place(contents_end, offset, place.size, "a record outside of it");
    return offset;
}
} // namespace

ZipWriter::ZipWriter(Sink sink, bool always_zip64)
    : sink_(std::move(sink)), zip64_limit_(always_zip64 ? 0 : max32)
{
}

void ZipWriter::write(std::string_view bytes)
{
    sink_(bytes);
    written_ += bytes.size();
}

void ZipWriter::add(std::string_view name, std::string_view bytes)
{
    const Record record = {std::string(name), written_, bytes.size(), checksum(bytes)};
    const bool is_large = record.size >= zip64_limit_;
    Fields extra;
    if (is_large)
        extra.add(zip64_extra_id).add(uint16_t{16}).add(record.size).add(record.size);
    const uint64_t header_end = written_ + local_size + name.size() + extra.bytes().size() + 4;
    const uint64_t padding = (alignment - header_end % alignment) % alignment;
    extra.add(padding_extra_id).add(u16(padding)).add(std::string(padding, 'Z'));

    Fields header;
    header.add(local_signature).add(uint16_t(is_large ? 45 : 20)).add(uint16_t{0}).add(uint16_t{0});
    header.add(uint16_t{0})
        .add(uint16_t{0x21}); // no time of day, 1 January 1980: equal bytes for equal state
    header.add(record.crc);
    header.add(is_large ? max32 : u32(record.size)).add(is_large ? max32 : u32(record.size));
    header.add(u16(name.size())).add(u16(extra.bytes().size())).add(name);
    header.add(extra.bytes());
    write(header.bytes());
    write(bytes);
    records_.push_back(record);
}

void ZipWriter::finish()
{
    const uint64_t start = written_;
    for (const Record& record : records_) {
        const bool is_large = record.size >= zip64_limit_;
        const bool is_far = record.header_offset >= zip64_limit_;
        Fields extra;
        if (is_large || is_far) {
            extra.add(zip64_extra_id).add(uint16_t((is_large ? 16 : 0) + (is_far ? 8 : 0)));
            if (is_large)
                extra.add(record.size).add(record.size);
            if (is_far)
                extra.add(record.header_offset);
        }
        const uint16_t version = is_large || is_far ? 45 : 20;
        Fields header;
        header.add(central_signature).add(version).add(version).add(uint16_t{0}).add(uint16_t{0});
        header.add(uint16_t{0}).add(uint16_t{0x21}).add(record.crc);
        header.add(is_large ? max32 : u32(record.size)).add(is_large ? max32 : u32(record.size));
        header.add(u16(record.name.size())).add(u16(extra.bytes().size())).add(uint16_t{0});
        header.add(uint16_t{0}).add(uint16_t{0}).add(uint32_t{0});
        header.add(is_far ? max32 : u32(record.header_offset));
        header.add(record.name).add(extra.bytes());
        write(header.bytes());
    }
    const uint64_t end = written_;
    const uint64_t count = records_.size();
    const bool is_zip64 = count >= max16 || end >= zip64_limit_;
    Fields fields;
    if (is_zip64) {
        fields.add(zip64_end_signature).add(uint64_t{zip64_end_size - 12}).add(uint16_t{45});
        fields.add(uint16_t{45}).add(uint32_t{0}).add(uint32_t{0}).add(count).add(count);
        fields.add(end - start).add(start);
        fields.add(zip64_locator_signature).add(uint32_t{0}).add(end).add(uint32_t{1});
    }
    fields.add(end_signature).add(uint16_t{0}).add(uint16_t{0});
    fields.add(is_zip64 ? max16 : u16(count)).add(is_zip64 ? max16 : u16(count));
    fields.add(is_zip64 ? max32 : u32(end - start)).add(is_zip64 ? max32 : u32(start));
    fields.add(uint16_t{0});
    write(fields.bytes());
}

ZipReader::ZipReader(ByteSource& archive) : archive_(archive)
{
    const Directory directory = find_directory(archive);
    const std::string contents = archive.text(directory.offset, directory.size);
    std::string_view table = contents;
    uint64_t claimed = 0;
    for (uint64_t i = 0; i < directory.count; ++i) {
        const auto header = slice(table, 0, central_size, "its table of contents is cut");
        if (load<uint32_t>(header, 0) != central_signature)
            damaged("its table of contents is wrong");
        const size_t name_size = load<uint16_t>(header, 28);
        const size_t extra_size = load<uint16_t>(header, 30);
        const size_t comment_size = load<uint16_t>(header, 32);
        const auto rest = slice(table, central_size, name_size + extra_size + comment_size,
            "its table of contents is cut");
        const Place place = find_place(header, rest.substr(name_size, extra_size));
        if ((load<uint16_t>(header, 8) & 1) != 0)
            throw CheckpointError("the archive is encrypted");
        if (load<uint16_t>(header, 10) != 0)
            throw CheckpointError(
                "the archive is compressed; PyTorch stores its records as they are");
        if (place.stored_size != place.size)
            damaged("a record with two sizes");
        const auto offset = bytes_offset(archive, directory.offset, place);
        claimed += place.size;
        if (claimed > archive.size())
            damaged("its records overlap");
        records_.push_back({std::string(rest.substr(0, name_size)), offset, place.size,
            load<uint32_t>(header, 16)});
        table.remove_prefix(central_size + rest.size());
    }
    std::sort(records_.begin(), records_.end(),
        [](const Record& a, const Record& b) { return a.name < b.name; });
    const auto twice = std::adjacent_find(records_.begin(), records_.end(),
        [](const Record& a, const Record& b) { return a.name == b.name; });
    if (twice != records_.end())
        damaged("two records of one name");
}

const ZipReader::Record* ZipReader::find(std::string_view name) const
{
    const auto found = std::lower_bound(records_.begin(), records_.end(), name,
        [](const Record& record, std::string_view wanted) { return record.name < wanted; });
    return found != records_.end() && found->name == name ? &*found : nullptr;
}

const ZipReader::Record& ZipReader::at(std::string_view name) const
{
    const Record* record = find(name);
    if (record == nullptr)
        throw CheckpointError("the archive has no record '" + std::string(name) + "'");
    return *record;
}

void ZipReader::read(const Record& record, char* to) const
{
    constexpr uint64_t piece_size = 256 * 1024; // still in the processor's cache for its checksum
    uint32_t crc = 0;
    for (uint64_t done = 0; done < record.size;) {
        const size_t count = std::min(piece_size, record.size - done);
        archive_.read(record.offset + done, to + done, count);
        if (record.crc != 0)
            crc = checksum({to + done, count}, crc);
        done += count;
    }
    if (crc != record.crc)
        damaged("the checksum of a record is wrong");
}

std::string ZipReader::read(std::string_view name) const
{
    const Record& record = at(name);
    std::string bytes(record.size, '\0');
    read(record, bytes.data());
    return bytes;
}

} // namespace leyden
