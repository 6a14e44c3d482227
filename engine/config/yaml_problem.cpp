// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/config/yaml_problem.h"

#include "engine/config/json_text.h"

#include <yaml-cpp/exceptions.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

namespace leyden {

namespace {

/// Where a mark is, in characters; yaml-cpp counts bytes.
std::pair<int, int> line_and_column(std::string_view text, const YAML::Mark& mark)
{
    const auto pos = std::min(std::size_t(std::max(mark.pos, 0)), text.size());
    const auto back = std::min(std::size_t(std::max(mark.column, 0)), pos);
    const auto before = text.substr(pos - back, back);
    const auto characters = std::count_if(before.begin(), before.end(),
        [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
    return {mark.line + 1, int(characters) + 1};
}

/// What to make of the library's texts, in the order of its header.
std::string reason_of(const std::string& message)
{
    namespace Msg = YAML::ErrorMsg;
    constexpr auto indentation = "this line does not fit to those above; lines of one block begin "
                                 "in the same column, and a text with \": \" in it needs quotes";
    constexpr auto directive = "a line that begins with % is a directive, such as %YAML 1.2";
    constexpr auto tag = "a tag (!name) is not complete; a text that begins with ! needs quotes";
    static const std::vector<std::pair<std::string, std::string>> reasons = {
        {Msg::YAML_DIRECTIVE_ARGS, directive},
        {Msg::YAML_VERSION, directive},
        {Msg::YAML_MAJOR_VERSION, directive},
        {Msg::REPEATED_YAML_DIRECTIVE, directive},
        {Msg::TAG_DIRECTIVE_ARGS, directive},
        {Msg::REPEATED_TAG_DIRECTIVE, directive},
        {Msg::CHAR_IN_TAG_HANDLE, tag},
        {Msg::TAG_WITH_NO_SUFFIX, tag},
        {Msg::END_OF_VERBATIM_TAG, tag},
        {Msg::END_OF_MAP_FLOW, "a '{' is not closed, or a ',' is missing"},
        {Msg::END_OF_SEQ_FLOW, "a '[' is not closed, or a ',' is missing"},
        {Msg::END_OF_MAP, indentation},
        {Msg::END_OF_SEQ, indentation},
        {Msg::MAP_VALUE, indentation},
        {Msg::MAP_KEY, "a '?' is not possible here; a text that begins with it needs quotes"},
        {Msg::BLOCK_ENTRY, "a list item is not possible here; items begin in lines of their own"},
        {Msg::FLOW_END, "a ']' or '}' closes nothing"},
        {Msg::TAB_IN_INDENTATION, "a line is indented by a tab; YAML takes blanks only"},
        {Msg::UNKNOWN_TOKEN, "no value begins with this character; a text that does needs quotes"},
        {Msg::EOF_IN_SCALAR, "a text in quotes is not closed"},
        {Msg::DOC_IN_SCALAR, "a text in quotes is not closed"},
        {Msg::CHAR_IN_SCALAR, "this character is not possible here; put the text into quotes"},
        {Msg::INVALID_ESCAPE, "an unknown escape; in single quotes a backslash is itself"},
        {Msg::INVALID_HEX, "an escape needs more hexadecimal digits"},
        {Msg::INVALID_UNICODE, "an escape is not a character of Unicode"},
        {Msg::UNKNOWN_ANCHOR, "an alias (*name) is of an anchor (&name) that is not above it"},
        {Msg::ALIAS_NOT_FOUND,
            "a name is missing after *; a text that begins with it needs quotes"},
        {Msg::ANCHOR_NOT_FOUND,
            "a name is missing after &; a text that begins with it needs quotes"},
        {Msg::CHAR_IN_ALIAS, "this character is not possible in the name of an alias"},
        {Msg::CHAR_IN_ANCHOR, "this character is not possible in the name of an anchor"},
        {Msg::ALIAS_CONTENT, "an alias has no value, tag or anchor of its own"},
        {Msg::MULTIPLE_ALIASES, "two aliases for one value"},
        {Msg::MULTIPLE_ANCHORS, "two anchors for one value"},
        {Msg::MULTIPLE_TAGS, "two tags for one value"},
        {Msg::ZERO_INDENT_IN_BLOCK, "the indentation of a block text is at least 1"},
        {Msg::BAD_FILE, "lists and maps are too deep inside each other"},
        {Msg::CHAR_IN_BLOCK, "after | or > only an indentation, + or - can follow"},
    };
    for (const auto& [known, reason] : reasons)
        if (message.starts_with(known))
            return reason;
    return message;
}

/// A text in quotes that begins after `from` and has no end.
std::optional<YAML::Mark> open_quote(std::string_view text, YAML::Mark from)
{
    char previous = ' ';
    std::optional<YAML::Mark> begin;
    char quote = 0;
    YAML::Mark at = from;
    for (std::size_t i = std::size_t(std::max(from.pos, 0)); i < text.size(); ++i) {
        const char c = text[i];
        at.pos = int(i);
        if (quote == 0 && (c == '"' || c == '\'')
            && std::string_view(" \t\n\r[{,:-").find(previous) != std::string_view::npos) {
            quote = c;
            begin = at;
        } else if (quote == '"' && c == '\\') {
            ++i;
            ++at.column;
        } else if (quote != 0 && c == quote) {
            if (quote == '\'' && i + 1 < text.size() && text[i + 1] == '\'') {
                ++i;
                ++at.column;
            } else {
                quote = 0;
            }
        } else if (quote == 0 && c == '#' && (previous == ' ' || previous == '\n')) {
            while (i + 1 < text.size() && text[i + 1] != '\n')
                ++i;
        }
        previous = c;
        ++at.column;
        if (c == '\n') {
            ++at.line;
            at.column = 0;
        }
    }
    return quote != 0 ? begin : std::nullopt;
}

/// The line of the place, or the one above, where it is indented by a tab; 0: neither is.
int line_with_tab(std::string_view text, int line)
{
    int number = 1;
    int found = 0;
    for (std::size_t begin = 0; begin < text.size() && number <= line; ++number) {
        const auto content = text.find_first_not_of(" \t", begin);
        const auto indentation = text.substr(begin, std::min(content, text.size()) - begin);
        if (number >= line - 1 && indentation.find('\t') != std::string_view::npos)
            found = number;
        const auto end = text.find('\n', begin);
        begin = end == std::string_view::npos ? text.size() : end + 1;
    }
    return found;
}

/// A control character that no YAML holds as it is; npos: none.
std::size_t control_character(std::string_view text)
{
    const auto found = std::find_if(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return (byte < 0x20 && c != '\t' && c != '\n' && c != '\r') || byte == 0x7F;
    });
    return found == text.end() ? std::string_view::npos : std::size_t(found - text.begin());
}

} // namespace

std::string yaml_place(std::string_view text, const YAML::Mark& mark)
{
    const auto [line, column] = line_and_column(text, mark);
    return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

std::string yaml_problem(
    std::string_view text, const YAML::Exception& error, const YAML::Mark& last)
{
    const auto mark = error.mark.is_null() ? last : error.mark;
    if (error.msg.starts_with(YAML::ErrorMsg::EOF_IN_SCALAR)
        || error.msg.starts_with(YAML::ErrorMsg::DOC_IN_SCALAR)) {
        if (const auto begin = open_quote(text, last)) {
            const auto [line, column] = line_and_column(text, *begin);
            return "line " + std::to_string(line) + ", column " + std::to_string(column)
                + ": not valid YAML, the text in line " + std::to_string(line) + " is not closed";
        }
    }
    if (const auto line = line_with_tab(text, mark.line + 1); line > 0)
        return "line " + std::to_string(line)
            + ", column 1: not valid YAML, the line is indented "
              "by a tab; YAML takes blanks only";
    return yaml_place(text, mark) + ": not valid YAML, " + reason_of(error.msg);
}

std::string refused_bytes(std::string_view text)
{
    if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF"))
        return "the text is UTF-16; save it as UTF-8";
    if (!is_utf8(text))
        return "the text is not UTF-8; save it as UTF-8";
    if (const auto at = control_character(text); at != std::string_view::npos)
        return text_place(text, at) + ": not valid YAML, a control character (code "
            + std::to_string(int(static_cast<unsigned char>(text[at])))
            + "); in double quotes it can be written as an escape";
    return {};
}

} // namespace leyden
