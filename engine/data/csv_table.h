// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace leyden {

/// A CSV file in memory, as text: a header of unique column names and at least one row.
///
/// Format: RFC 4180 in UTF-8: fields separated by commas, in double quotes where they hold a comma,
/// a
///         line break or a quote (written twice). A byte order mark, CRLF, LF or CR as the end of a
///         line, and empty lines are taken. Spaces belong to a field; only column names are
///         trimmed. A file named *.gz is unpacked.
/// Throws: DataError for a file that cannot be opened or unpacked, an empty one, one without rows,
///         one that is not UTF-8, an unterminated quote, a row of another length than the header,
///         an empty or a repeated column name. Messages name the file, the line and the column.
class LEYDEN_API CsvTable
{
public:
    static constexpr uint64_t default_max_bytes = uint64_t(4) << 30;

    /// `max_bytes` bounds the text, so that a small .gz cannot fill the memory.
    static CsvTable read(const std::filesystem::path& file, uint64_t max_bytes = default_max_bytes);
    static CsvTable parse(std::string_view text, std::string name); ///< `name` stands in messages

    const std::string& name() const { return name_; }
    const std::vector<std::string>& columns() const { return columns_; }
    int64_t rows() const { return int64_t(lines_.size()); }
    std::string_view cell(int64_t row, size_t column) const ///< as long as the table lives
    {
        return cells_[size_t(row) * columns_.size() + column];
    }
    int64_t line(int64_t row) const
    {
        return lines_[size_t(row)];
    } ///< where the row starts, from 1
    std::optional<size_t> find(std::string_view column) const;

    /// `FILE, line 12, column "sex"`: how messages name a cell.
    std::string place(int64_t row, size_t column) const;

private:
    CsvTable(std::vector<char> text, std::string name);

    std::string name_;
    std::vector<char> text_; ///< cells point into it; fields in quotes are unescaped in place
    std::vector<std::string> columns_;
    std::vector<std::string_view> cells_; ///< row after row
    std::vector<int64_t> lines_;
};

} // namespace leyden
