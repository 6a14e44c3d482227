// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/csv_lines.h"

namespace leyden {

std::string csv_quoted(std::string_view cell)
{
    if (cell.find_first_of(",\"\r\n") == std::string_view::npos)
        return std::string(cell);
    std::string result = "\"";
    for (const char c : cell) {
        if (c == '"')
            result += '"';
        result += c;
    }
    return result + '"';
}

std::vector<std::vector<std::string>> read_csv_lines(std::string_view text)
{
    std::vector<std::vector<std::string>> lines;
    std::vector<std::string> line;
    std::string cell;
    bool is_quoted = false;
    for (size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (is_quoted) {
            if (c == '"' && i + 1 < text.size() && text[i + 1] == '"')
                cell += text[++i];
            else if (c == '"')
                is_quoted = false;
            else
                cell += c;
        } else if (c == '"') {
            is_quoted = true;
        } else if (c == ',') {
            line.push_back(std::move(cell));
            cell.clear();
        } else if (c == '\n') {
            line.push_back(std::move(cell));
            cell.clear();
            lines.push_back(std::move(line));
            line.clear();
        } else if (c != '\r') {
            cell += c;
        }
    }
    return lines;
}

} // namespace leyden
