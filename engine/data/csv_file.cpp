// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/data/csv_file.h"

#include "engine/config/nearest_name.h"
#include "engine/core/errors.h"

#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string_view>
#include <system_error>
#include <utility>

namespace leyden {
namespace {

using namespace std::string_view_literals;
using Bytes = std::vector<char>;

constexpr auto gzip_magic = "\x1F\x8B"sv;

[[noreturn]] void fail(const std::filesystem::path& file, const std::string& problem)
{
    throw DataError(file.string() + ": " + problem);
}

[[noreturn]] void fail_to_open(const std::filesystem::path& file)
{
    fail(file, std::string("cannot be opened (") + std::strerror(errno) + ")");
}

std::string too_large(uint64_t max_bytes)
{
    return "holds more than " + std::to_string(max_bytes)
        + " bytes of text; split it or keep fewer columns";
}

Bytes read_plain(std::FILE* stream, const std::filesystem::path& file, uint64_t max_bytes)
{
    Bytes text;
    size_t size = 0;
    for (;;) {
        text.resize(std::max<size_t>(size * 2, size_t(1) << 20));
        const auto count = std::fread(text.data() + size, 1, text.size() - size, stream);
        size += count;
        if (size > max_bytes)
            fail(file, too_large(max_bytes));
        if (count == 0)
            break;
    }
    if (std::ferror(stream))
        fail(file, std::string("cannot be read (") + std::strerror(errno) + ")");
    text.resize(size);
    return text;
}

Bytes read_gzip(const std::filesystem::path& file, uint64_t max_bytes)
{
    errno = 0;
    const std::unique_ptr<gzFile_s, int (*)(gzFile)> stream(gzopen(file.c_str(), "rb"), &gzclose);
    if (!stream)
        fail_to_open(file);
    Bytes text;
    size_t size = 0;
    for (;;) {
        text.resize(std::max<size_t>(size * 2, size_t(1) << 20));
        const auto space = std::min<size_t>(text.size() - size, size_t(1) << 30);
        const auto count = gzread(stream.get(), text.data() + size, unsigned(space));
        auto status = Z_OK;
        gzerror(stream.get(), &status);
        if (count < 0 || status == Z_BUF_ERROR) // the latter: the file ends within the packed data
            fail(file, "cannot be unpacked: it is damaged or cut off; fetch it again");
        size += size_t(count);
        if (size > max_bytes)
            fail(file, too_large(max_bytes));
        if (count == 0)
            break;
    }
    text.resize(size);
    return text;
}

constexpr auto unpack_it = "unpack it, and name the CSV file in it";
constexpr auto save_sheet = "open it and save the sheet as CSV (UTF-8)";

/// What a zip archive is: office documents are archives too.
std::pair<const char*, const char*> zip_kind(std::string_view bytes)
{
    const auto holds = [&](std::string_view name) {
        return std::search(bytes.begin(), bytes.end(), name.begin(), name.end()) != bytes.end();
    };
    if (holds("xl/workbook"sv) || holds("xl/worksheets"sv))
        return {"an Excel workbook", save_sheet};
    if (bytes.substr(0, 200).find("opendocument.spreadsheet"sv) != std::string_view::npos)
        return {"an OpenDocument spreadsheet", save_sheet};
    if (holds("[Content_Types].xml"sv) || holds("opendocument"sv))
        return {"an office document", "save its table as CSV (UTF-8)"};
    if (holds(".npy"sv))
        return {"a file of NumPy arrays (.npz)", "write its arrays as CSV"};
    return {"a zip archive", unpack_it};
}

struct Format
{
    std::string_view magic;
    const char* what;
    const char* advice;
};

constexpr auto write_csv = "write its table as CSV, as pandas' to_csv does";
constexpr auto no_table = "name a CSV file";

constexpr Format formats[] = {
    {gzip_magic, "a gzip archive within a gzip archive", "unpack it once"},
    {"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"sv, "an old Excel workbook (.xls)", save_sheet},
    {"BZh"sv, "packed with bzip2", "unpack it, or pack it with gzip"},
    {"\xFD\x37zXZ\0"sv, "packed with xz", "unpack it, or pack it with gzip"},
    {"\x28\xB5\x2F\xFD"sv, "packed with zstd", "unpack it, or pack it with gzip"},
    {"\x04\x22\x4D\x18"sv, "packed with lz4", "unpack it, or pack it with gzip"},
    {"7z\xBC\xAF\x27\x1C"sv, "a 7-Zip archive", unpack_it},
    {"Rar!\x1A\x07"sv, "a RAR archive", unpack_it},
    {"PAR1"sv, "a Parquet file", write_csv},
    {"ARROW1\0\0"sv, "an Arrow (Feather) file", write_csv},
    {"FEA1"sv, "a Feather file", write_csv},
    {"ORC"sv, "an ORC file", write_csv},
    {"Obj\x01"sv, "an Avro file", write_csv},
    {"\x89HDF\r\n\x1A\n"sv, "an HDF5 file", write_csv},
    {"\x93NUMPY"sv, "a NumPy array (.npy)", write_csv},
    {"\x80\x02"sv, "a Python pickle", write_csv},
    {"\x80\x03"sv, "a Python pickle", write_csv},
    {"\x80\x04\x95"sv, "a Python pickle", write_csv},
    {"\x80\x05\x95"sv, "a Python pickle", write_csv},
    {"SQLite format 3\0"sv, "an SQLite database", "export its table as CSV"},
    {"\x89PNG\r\n"sv, "a PNG image", no_table},
    {"\xFF\xD8\xFF"sv, "a JPEG image", no_table},
    {"GIF8"sv, "a GIF image", no_table},
};

/// Short magics of printable letters could begin a table; its header is text, theirs is not.
bool has_control_bytes(std::string_view bytes)
{
    const auto start = bytes.substr(0, 512);
    return std::any_of(start.begin(), start.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte < 0x20 && c != '\t' && c != '\n' && c != '\r';
    });
}

bool is_web_page(std::string_view text)
{
    if (text.starts_with("\xEF\xBB\xBF"sv))
        text.remove_prefix(3);
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos)
        return false;
    const auto start = lower_case(std::string(text.substr(first, 14)));
    return start.starts_with("<!doctype html") || start.starts_with("<html");
}

/// What is left of a text from its first sign on that is neither a space nor a line break.
std::string_view without_blanks(std::string_view text)
{
    const auto first = text.find_first_not_of(" \t\r\n");
    return first == std::string_view::npos ? std::string_view() : text.substr(first);
}

/// Whether an object begins here: a name in quotes and a colon, which no header line has.
bool begins_json_object(std::string_view text)
{
    if (!text.starts_with('{'))
        return false;
    text = without_blanks(text.substr(1));
    if (!text.starts_with('"'))
        return text.starts_with('}');
    size_t end = 1;
    while (end < text.size() && text[end] != '"' && text[end] != '\n')
        end += text[end] == '\\' ? 2 : 1;
    return end < text.size() && without_blanks(text.substr(end + 1)).starts_with(':');
}

/// What a text is that other programs read; `rest` begins where that shows. Null: perhaps a table.
const char* other_text_format(std::string_view& rest)
{
    if (rest.starts_with("\xEF\xBB\xBF"sv))
        rest.remove_prefix(3);
    rest = without_blanks(rest);
    if (begins_json_object(rest)) {
        const auto second = without_blanks(rest.substr(std::min(rest.find('\n'), rest.size())));
        return begins_json_object(second) ? "JSON Lines" : "JSON";
    }
    if (rest.starts_with('[')) {
        const auto item = without_blanks(rest.substr(1));
        return begins_json_object(item) || item.starts_with('[') ? "JSON" : nullptr;
    }
    if (rest.starts_with("<?xml"sv))
        return "XML";
    while (rest.starts_with('%')) // comments
        rest = without_blanks(rest.substr(std::min(rest.find('\n'), rest.size())));
    const auto start = lower_case(std::string(rest.substr(0, 10)));
    return start == "@relation " || start == "@relation\t" ? "ARFF (Weka)" : nullptr;
}

void refuse_other_formats(const Bytes& bytes, const std::filesystem::path& file)
{
    const std::string_view text(bytes.data(), bytes.size());
    const auto refuse = [&](const char* what, const char* advice) {
        fail(file, std::string("is ") + what + ", not a CSV file; " + advice);
    };
    if (text.starts_with("PK\x03\x04"sv) || text.starts_with("PK\x05\x06"sv)) {
        const auto [what, advice] = zip_kind(text);
        refuse(what, advice);
    }
    if (has_control_bytes(text)) {
        for (const auto& format : formats)
            if (text.starts_with(format.magic))
                refuse(format.what, format.advice);
        if (text.size() > 262 && text.substr(257, 5) == "ustar"sv)
            refuse("a tar archive", unpack_it);
    }
    if (text.starts_with("%PDF-"sv) || text.starts_with("{\\rtf"sv))
        refuse(text[0] == '%' ? "a PDF document" : "a text document (RTF)", no_table);
    if (is_web_page(text))
        refuse("a web page (HTML)", "fetch the table itself");
    auto rest = text;
    if (const auto* what = other_text_format(rest)) {
        const auto line
            = 1 + std::count(text.begin(), text.end() - std::ptrdiff_t(rest.size()), '\n');
        fail(file, "line " + std::to_string(line) + " is " + what + ", not CSV; " + write_csv);
    }
}

} // namespace

Bytes read_csv_file(const std::filesystem::path& file, uint64_t max_bytes)
{
    std::error_code error;
    const auto status = std::filesystem::status(file, error);
    if (status.type() == std::filesystem::file_type::not_found)
        fail(file, "there is no such file");
    if (std::filesystem::is_directory(status))
        fail(file, "is a folder; expected a CSV file");
    if (status.type() == std::filesystem::file_type::fifo
        || std::filesystem::is_character_file(status))
        // and does not wait
        fail(file, "is a pipe or a device; expected a CSV file, which can be read again");

    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> stream(
        std::fopen(file.c_str(), "rb"), &std::fclose);
    if (!stream)
        fail_to_open(file);
    char start[gzip_magic.size()];
    const auto is_packed = std::fread(start, 1, sizeof start, stream.get()) == sizeof start
        && std::string_view(start, sizeof start) == gzip_magic;
    std::rewind(stream.get());
    auto bytes = is_packed ? read_gzip(file, max_bytes) : read_plain(stream.get(), file, max_bytes);
    refuse_other_formats(bytes, file);
    return bytes;
}

} // namespace leyden
