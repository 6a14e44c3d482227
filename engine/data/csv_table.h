// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"
#include "engine/data/csv_format.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace leyden {

/// How the text of a table is read.
struct CsvReaderOptions
{
    CsvFormat format{};
    uint64_t max_bytes = uint64_t(4) << 30; ///< of text, so that a small .gz cannot fill the memory
};

/// A CSV file in memory, as text: a header of column names and at least one row.
///
/// Format: RFC 4180, with the separator and the encoding of the format: fields are in double quotes
///         where they hold a separator, a line break or a quote (written twice). A byte order mark,
///         CRLF, LF or CR as the end of a line are taken, and lines of nothing but spaces are no
///         rows. Spaces belong to a field; only column names are trimmed. Excel's note "sep=;" in
///         a first line is no row. What is packed with gzip is unpacked, whatever its name.
/// Names:  may be empty or repeated; check_name() is for the columns that are used.
/// Throws: DataError for a file that cannot be opened or unpacked or is no table (csv_file.h), an
///         empty one, one without rows, one of another encoding, an unterminated quote, a row of
///         another length than the header. Messages name the file, the line and the column.
class LEYDEN_API CsvTable
{
public:
    static CsvTable read(const std::filesystem::path& file, const CsvReaderOptions& options = {});
    /// `name` stands in messages
    static CsvTable parse(
        std::string_view text, std::string name, const CsvReaderOptions& options = {});
    /// Of UTF-8 text, whatever the format's encoding was; takes it without a copy.
    static CsvTable from_bytes(
        std::vector<char> text, std::string name, const CsvReaderOptions& options);

    const CsvFormat& format() const { return format_; }
    const CsvCellReader& reader() const { return reader_; } ///< of cells in this format
    void set_na_values(std::vector<std::string> values);

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
    std::optional<size_t> find(std::string_view column) const; ///< the first of that name

    /// Why a column cannot be told by its name: it has none, or shares it; "" where it can.
    std::string name_problem(size_t column) const;
    void check_name(size_t column) const; ///< throws DataError for such a column

    /// "semicolons" where the header is one name that holds some, and so is most likely meant as
    /// several; "" otherwise.
    std::string separators_in_header() const;

    /// What whoever uses the table is to be warned of; "": nothing.
    const std::string& doubt() const { return doubt_; }
    void set_doubt(std::string doubt) { doubt_ = std::move(doubt); }

    /// `FILE, line 12, column "sex"`: how messages name a cell.
    std::string place(int64_t row, size_t column) const;

private:
    CsvTable(std::vector<char> text, std::string name, const CsvReaderOptions& options);
    [[noreturn]] void refuse_width(int64_t line, size_t first_cell) const;

    std::string name_;
    std::string doubt_;
    CsvFormat format_;
    CsvCellReader reader_;
    int64_t header_line_ = 1;
    std::vector<char> text_; ///< cells point into it; fields in quotes are unescaped in place
    std::vector<std::string> columns_;
    std::vector<bool> is_repeated_;       ///< the column's name
    std::vector<std::string_view> cells_; ///< row after row
    std::vector<int64_t> lines_;
};

/// The sign that Excel's note in a text's first line, "sep=;", names.
std::optional<char> excel_separator(std::string_view text);

} // namespace leyden
