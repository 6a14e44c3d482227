// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/data/csv_table.h"

#include "engine/core/errors.h"
#include "engine/data/csv_file.h"
#include "engine/data/csv_spelling.h"
#include "engine/data/text_encoding.h"

#include <algorithm>
#include <cstring>
#include <unordered_map>
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

void check_utf8(const Bytes& text, const std::string& name)
{
    const auto starts_with = [&](std::string_view mark) {
        return std::string_view(text.data(), text.size()).starts_with(mark);
    };
    if (starts_with("\xFF\xFE") || starts_with("\xFE\xFF"))
        fail(name, "is UTF-16 text; set encoding = \"utf-16\", or save it as UTF-8");
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
        const auto length = data[i] == 0 ? 0 : utf8_length({text.data() + i, text.size() - i});
        if (length == 0) {
            const auto line = 1 + std::count(text.begin(), text.begin() + std::ptrdiff_t(i), '\n');
            fail_at(name, line,
                "byte " + std::to_string(data[i])
                    + " is not UTF-8 text; set encoding to that of the file, or save it as UTF-8");
        }
        i += length;
    }
}

/// Walks the text once; fields in quotes shrink in place.
class Scanner
{
public:
    Scanner(Bytes& text, const std::string& name, char separator)
        : at_(text.data()), end_(text.data() + text.size()), name_(name), separator_(separator)
    {
        if (std::string_view(text.data(), text.size()).starts_with("\xEF\xBB\xBF"))
            at_ += 3;
    }

    int64_t line() const { return line_; } ///< of the record that comes next

    void skip_note() ///< of Excel, in the first line
    {
        const auto noted = excel_separator({at_, size_t(end_ - at_)});
        if (!noted)
            return;
        if (*noted != separator_)
            fail_at(name_, line_,
                "says that columns are separated by " + shown_cell({&*noted, 1}) + ", but sep is "
                    + shown_cell({&separator_, 1}) + "; set sep alike, or remove the line");
        while (at_ != end_ && !is_break(*at_))
            ++at_;
        if (at_ != end_)
            skip_break();
    }

    bool skip_blank_lines() ///< of nothing but spaces; false at the end of the text
    {
        for (;;) {
            auto* next = at_;
            while (const auto length = space_at(next))
                next += length;
            if (next != end_ && !is_break(*next))
                return true;
            at_ = next;
            if (at_ == end_)
                return false;
            skip_break();
        }
    }

    void read_record(std::vector<std::string_view>& cells)
    {
        for (;;) {
            cells.push_back(at_ != end_ && *at_ == '"' ? quoted_field() : plain_field());
            if (at_ == end_ || *at_ != separator_)
                break;
            ++at_;
        }
        if (at_ != end_)
            skip_break();
    }

private:
    /// Bytes of a space, 0 where there is none: tabs, form feeds and no-break spaces, and the
    /// Ctrl-Z that old programs end a file with.
    size_t space_at(const char* p) const
    {
        if (p == end_ || *p == separator_)
            return 0;
        if (*p == ' ' || *p == '\t' || *p == '\v' || *p == '\f')
            return 1;
        if (*p == '\x1A')
            return p + 1 == end_ ? 1 : 0;
        return *p == '\xC2' && p + 1 != end_ && p[1] == '\xA0' ? 2 : 0;
    }

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
        while (at_ != end_ && *at_ != separator_ && !is_break(*at_))
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
        if (at_ != end_ && *at_ != separator_ && !is_break(*at_))
            fail_at(
                name_, line_, "text follows a closing quote; write a quote within quotes twice");
        return {first, size_t(out - first)};
    }

    char* at_;
    char* end_;
    const std::string& name_;
    char separator_;
    int64_t line_ = 1;
};

} // namespace

CsvTable::CsvTable(std::vector<char> text, std::string name, const CsvReaderOptions& options)
    : name_(std::move(name))
    , format_(options.format)
    , reader_(options.format)
    , text_(std::move(text))
{
    check_utf8(text_, name_);
    Scanner scanner(text_, name_, format_.separator);
    scanner.skip_note();
    if (!scanner.skip_blank_lines())
        fail(name_, "is empty; expected a line of column names and rows below it");

    header_line_ = scanner.line();
    std::vector<std::string_view> header;
    scanner.read_record(header);
    for (const auto field : header)
        columns_.emplace_back(trimmed_cell(field));

    std::unordered_map<std::string_view, size_t> seen;
    is_repeated_.resize(columns_.size());
    for (size_t i = 0; i < columns_.size(); ++i)
        if (const auto [first, is_new] = seen.emplace(columns_[i], i); !is_new)
            is_repeated_[i] = is_repeated_[first->second] = true;

    const auto width = columns_.size();
    while (scanner.skip_blank_lines()) {
        const auto line = scanner.line();
        const auto before = cells_.size();
        scanner.read_record(cells_);
        const auto found = cells_.size() - before;
        if (found != width)
            refuse_width(line, before);
        lines_.push_back(line);
    }
    if (lines_.empty())
        fail(name_, "has no rows, only a line of column names");
}

void CsvTable::refuse_width(int64_t line, size_t first_cell) const
{
    const auto found = cells_.size() - first_cell;
    const auto width = columns_.size();
    auto text = std::to_string(found) + (found == 1 ? " field" : " fields")
        + " where the header has " + std::to_string(width);
    if (found < width)
        text += " (nothing for column \"" + columns_[found] + "\")";
    if (const auto used = separators_in_header(); !used.empty())
        text += "; its header holds " + used + ", but sep is " + shown_cell({&format_.separator, 1})
            + "; set it to the sign between the columns, or to \"auto\"";
    else if (columns_.front().starts_with('#') && width == 1)
        text += "; if the line above is a comment, remove it";
    else if (cells_[first_cell].starts_with('#'))
        text += "; if the line is a comment, remove it";
    fail_at(name_, line, text);
}

CsvTable CsvTable::read(const std::filesystem::path& file, const CsvReaderOptions& options)
{
    return {to_utf8(read_csv_file(file, options.max_bytes), options.format.encoding, file.string()),
        file.string(), options};
}

CsvTable CsvTable::parse(std::string_view text, std::string name, const CsvReaderOptions& options)
{
    return {Bytes(text.begin(), text.end()), std::move(name), options};
}

CsvTable CsvTable::from_bytes(
    std::vector<char> text, std::string name, const CsvReaderOptions& options)
{
    return {std::move(text), std::move(name), options};
}

void CsvTable::set_na_values(std::vector<std::string> values)
{
    format_.na_values = std::move(values);
    reader_ = CsvCellReader(format_);
}

std::optional<size_t> CsvTable::find(std::string_view column) const
{
    const auto found = std::find(columns_.begin(), columns_.end(), column);
    return found == columns_.end() ? std::nullopt : std::optional(size_t(found - columns_.begin()));
}

std::string CsvTable::name_problem(size_t column) const
{
    const auto& name = columns_[column];
    if (name.empty())
        return "column " + std::to_string(column + 1)
            + " has no name; name it or remove it, or list the columns to use in `features`";
    if (is_repeated_[column])
        return "two columns are called " + shown_cell(name)
            + "; rename one, or list the columns to use in `features`";
    return {};
}

void CsvTable::check_name(size_t column) const
{
    if (const auto problem = name_problem(column); !problem.empty())
        fail_at(name_, header_line_, problem);
}

std::string CsvTable::separators_in_header() const
{
    constexpr std::pair<char, const char*> kinds[] = {{'\t', "tabs"}, {';', "semicolons"},
        {'|', "vertical bars"}, {'^', "carets"}, {'~', "tildes"}};
    constexpr std::pair<char, const char*> within_texts[] = {{',', "commas"}, {':', "colons"},
        {' ', "spaces"}}; // separate only what all rows have as often
    if (columns_.size() != 1)
        return {};
    const auto& name = columns_.front();
    for (const auto& [separator, names] : kinds)
        if (name.find(separator) != std::string::npos)
            return names;
    for (const auto& [separator, names] : within_texts) {
        const auto count = [sign = separator](std::string_view text) {
            text = trimmed_cell(text);
            return std::count(text.begin(), text.end(), sign);
        };
        const auto in_name = count(name);
        if (in_name > 0 && std::all_of(cells_.begin(), cells_.end(), [&](std::string_view cell) {
                return count(cell) == in_name;
            }))
            return names;
    }
    return {};
}

std::optional<char> excel_separator(std::string_view text)
{
    constexpr std::string_view note = "sep=";
    const auto after = note.size() + 1;
    if (!text.starts_with(note) || text.size() < after || text[note.size()] == '\n'
        || text[note.size()] == '\r'
        || (text.size() > after && text[after] != '\n' && text[after] != '\r'))
        return {};
    return text[note.size()];
}

std::string CsvTable::place(int64_t row, size_t column) const
{
    return name_ + ", line " + std::to_string(line(row)) + ", column \"" + columns_[column] + "\"";
}

} // namespace leyden
