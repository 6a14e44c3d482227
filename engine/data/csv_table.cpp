// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/data/csv_table.h"

#include "engine/core/errors.h"

#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <unordered_set>
#include <utility>

namespace leyden {
namespace {

using Bytes = std::vector<char>;

[[noreturn]] void fail(const std::string& name, const std::string& problem)
{
    throw DataError(name + ": " + problem);
}

[[noreturn]] void fail_at(const std::string& name, int64_t line, const std::string& problem)
{
    throw DataError(name + ", line " + std::to_string(line) + ": " + problem);
}

std::string too_large(uint64_t max_bytes)
{
    return "holds more than " + std::to_string(max_bytes)
        + " bytes of text; split it or keep fewer columns";
}

Bytes read_plain(const std::filesystem::path& file, uint64_t max_bytes)
{
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> stream(
        std::fopen(file.c_str(), "rb"), &std::fclose);
    if (!stream)
        fail(file.string(), std::string("cannot be opened (") + std::strerror(errno) + ")");
    Bytes text;
    size_t size = 0;
    for (;;) {
        text.resize(std::max<size_t>(size * 2, size_t(1) << 20));
        const auto count = std::fread(text.data() + size, 1, text.size() - size, stream.get());
        size += count;
        if (size > max_bytes)
            fail(file.string(), too_large(max_bytes));
        if (count == 0)
            break;
    }
    if (std::ferror(stream.get()))
        fail(file.string(), std::string("cannot be read (") + std::strerror(errno) + ")");
    text.resize(size);
    return text;
}

Bytes read_gzip(const std::filesystem::path& file, uint64_t max_bytes)
{
    errno = 0;
    const std::unique_ptr<gzFile_s, int (*)(gzFile)> stream(gzopen(file.c_str(), "rb"), &gzclose);
    if (!stream)
        fail(file.string(), std::string("cannot be opened (") + std::strerror(errno) + ")");
    Bytes text;
    size_t size = 0;
    for (;;) {
        text.resize(std::max<size_t>(size * 2, size_t(1) << 20));
        const auto space = std::min<size_t>(text.size() - size, size_t(1) << 30);
        const auto count = gzread(stream.get(), text.data() + size, unsigned(space));
        auto status = Z_OK;
        gzerror(stream.get(), &status);
        if (count < 0 || status == Z_BUF_ERROR) // the latter: the file ends within the packed data
            fail(file.string(), "cannot be unpacked: it is damaged or cut off; fetch it again");
        size += size_t(count);
        if (size > max_bytes)
            fail(file.string(), too_large(max_bytes));
        if (count == 0)
            break;
    }
    text.resize(size);
    return text;
}

/// Length of the UTF-8 character at `p`, 0 where there is none (Unicode 15, table 3-7).
size_t utf8_length(const unsigned char* p, size_t left)
{
    const auto follows = [&](size_t i, unsigned low = 0x80, unsigned high = 0xBF) {
        return i < left && p[i] >= low && p[i] <= high;
    };
    const unsigned lead = p[0];
    if (lead < 0x80)
        return 1;
    if (lead >= 0xC2 && lead <= 0xDF)
        return follows(1) ? 2 : 0;
    if (lead >= 0xE0 && lead <= 0xEF)
        return follows(1, lead == 0xE0 ? 0xA0 : 0x80, lead == 0xED ? 0x9F : 0xBF) && follows(2) ? 3
                                                                                                : 0;
    if (lead >= 0xF0 && lead <= 0xF4)
        return follows(1, lead == 0xF0 ? 0x90 : 0x80, lead == 0xF4 ? 0x8F : 0xBF) && follows(2)
                && follows(3)
            ? 4
            : 0;
    return 0;
}

void check_utf8(const Bytes& text, const std::string& name)
{
    const auto starts_with = [&](std::string_view mark) {
        return std::string_view(text.data(), text.size()).starts_with(mark);
    };
    if (starts_with("\xFF\xFE") || starts_with("\xFE\xFF"))
        fail(name, "is UTF-16 text; save it as UTF-8");
    const auto* const data = reinterpret_cast<const unsigned char*>(text.data());
    for (size_t i = 0; i < text.size();) {
        uint64_t eight = 0;
        if (i + 8 <= text.size())
            std::memcpy(&eight, data + i, 8);
        if (eight != 0 && (eight & 0x8080808080808080u) == 0
            && ((eight - 0x0101010101010101u) & 0x8080808080808080u)
                == 0) { // ASCII without a zero byte
            i += 8;
            continue;
        }
        const auto length = data[i] == 0 ? 0 : utf8_length(data + i, text.size() - i);
        if (length == 0) {
            const auto line = 1 + std::count(text.begin(), text.begin() + std::ptrdiff_t(i), '\n');
            fail_at(name, line,
                "byte " + std::to_string(data[i]) + " is not UTF-8 text; save the file as UTF-8");
        }
        i += length;
    }
}

std::string trimmed(std::string_view text)
{
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos)
        return {};
    return std::string(text.substr(first, text.find_last_not_of(" \t") - first + 1));
}

/// Walks the text once; fields in quotes shrink in place.
class Scanner
{
public:
    Scanner(Bytes& text, const std::string& name)
        : at_(text.data()), end_(text.data() + text.size()), name_(name)
    {
        if (std::string_view(text.data(), text.size()).starts_with("\xEF\xBB\xBF"))
            at_ += 3;
    }

    int64_t line() const { return line_; } ///< of the record that comes next

    bool skip_empty_lines() ///< false at the end of the text
    {
        while (at_ != end_ && is_break(*at_))
            skip_break();
        return at_ != end_;
    }

    void read_record(std::vector<std::string_view>& cells)
    {
        for (;;) {
            cells.push_back(at_ != end_ && *at_ == '"' ? quoted_field() : plain_field());
            if (at_ == end_ || *at_ != ',')
                break;
            ++at_;
        }
        if (at_ != end_)
            skip_break();
    }

private:
    static bool is_break(char c) { return c == '\n' || c == '\r'; }

    void skip_break()
    {
        if (*at_ == '\r' && at_ + 1 != end_ && at_[1] == '\n')
            ++at_;
        ++at_;
        ++line_;
    }

    std::string_view plain_field()
    {
        const auto* const first = at_;
        while (at_ != end_ && *at_ != ',' && !is_break(*at_))
            ++at_;
        return {first, size_t(at_ - first)};
    }

    std::string_view quoted_field()
    {
        const auto first_line = line_;
        auto* const first = ++at_;
        auto* out = first;
        for (;; ++at_) {
            if (at_ == end_)
                fail_at(name_, first_line, "a quote is opened and never closed");
            if (*at_ == '"') {
                if (at_ + 1 == end_ || at_[1] != '"')
                    break;
                ++at_;
            } else if (*at_ == '\n' || (*at_ == '\r' && (at_ + 1 == end_ || at_[1] != '\n'))) {
                ++line_;
            }
            *out++ = *at_;
        }
        ++at_;
        if (at_ != end_ && *at_ != ',' && !is_break(*at_))
            fail_at(
                name_, line_, "text follows a closing quote; write a quote within quotes twice");
        return {first, size_t(out - first)};
    }

    char* at_;
    char* end_;
    const std::string& name_;
    int64_t line_ = 1;
};

void check_header(const std::vector<std::string>& columns, const std::string& name, int64_t line)
{
    std::unordered_set<std::string_view> seen;
    for (size_t i = 0; i < columns.size(); ++i) {
        if (columns[i].empty())
            fail_at(name, line,
                "column " + std::to_string(i + 1) + " has no name; name it or remove it");
        if (!seen.insert(columns[i]).second)
            fail_at(name, line, "two columns are called \"" + columns[i] + "\"; rename one");
    }
}

/// A header of one name with other separators in it is most likely meant as several.
std::string separator_hint(const std::vector<std::string>& columns)
{
    if (columns.size() != 1)
        return {};
    const bool has_tab = columns.front().find('\t') != std::string::npos;
    if (!has_tab && columns.front().find(';') == std::string::npos)
        return {};
    return std::string("; its header is separated by ") + (has_tab ? "tabs" : "semicolons")
        + ", but columns are to be separated by commas";
}

} // namespace

CsvTable::CsvTable(std::vector<char> text, std::string name)
    : name_(std::move(name)), text_(std::move(text))
{
    check_utf8(text_, name_);
    Scanner scanner(text_, name_);
    if (!scanner.skip_empty_lines())
        fail(name_, "is empty; expected a line of column names and rows below it");

    const auto header_line = scanner.line();
    std::vector<std::string_view> header;
    scanner.read_record(header);
    for (const auto field : header)
        columns_.push_back(trimmed(field));
    check_header(columns_, name_, header_line);

    const auto width = columns_.size();
    while (scanner.skip_empty_lines()) {
        const auto line = scanner.line();
        const auto before = cells_.size();
        scanner.read_record(cells_);
        const auto found = cells_.size() - before;
        if (found != width)
            fail_at(name_, line,
                std::to_string(found) + (found == 1 ? " field" : " fields")
                    + " where the header has " + std::to_string(width)
                    + (found < width ? " (nothing for column \"" + columns_[found] + "\")"
                                     : std::string())
                    + separator_hint(columns_));
        lines_.push_back(line);
    }
    if (lines_.empty())
        fail(name_, "has no rows, only a line of column names");
}

CsvTable CsvTable::read(const std::filesystem::path& file, uint64_t max_bytes)
{
    std::error_code error;
    const auto status = std::filesystem::status(file, error);
    if (status.type() == std::filesystem::file_type::not_found)
        fail(file.string(), "there is no such file");
    if (std::filesystem::is_directory(status))
        fail(file.string(), "is a folder; expected a CSV file");
    if (status.type() == std::filesystem::file_type::fifo
        || std::filesystem::is_character_file(status))
        // and does not wait
        fail(file.string(), "is a pipe or a device; expected a CSV file, which can be read again");
    return {file.extension() == ".gz" ? read_gzip(file, max_bytes) : read_plain(file, max_bytes),
        file.string()};
}

CsvTable CsvTable::parse(std::string_view text, std::string name)
{
    return {Bytes(text.begin(), text.end()), std::move(name)};
}

std::optional<size_t> CsvTable::find(std::string_view column) const
{
    const auto found = std::find(columns_.begin(), columns_.end(), column);
    return found == columns_.end() ? std::nullopt : std::optional(size_t(found - columns_.begin()));
}

std::string CsvTable::place(int64_t row, size_t column) const
{
    return name_ + ", line " + std::to_string(line(row)) + ", column \"" + columns_[column] + "\"";
}

} // namespace leyden
