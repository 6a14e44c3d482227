// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/config/json_text.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <vector>

namespace leyden {

namespace {

constexpr std::size_t max_json_keys = 10'000; // of one object; finding one takes linear time

/// A text that is open before the offset: where its line's last unmatched quote is; npos: none is.
/// No text of JSON continues in the next line.
std::size_t open_text(std::string_view text, std::size_t offset)
{
    offset = std::min(offset, text.size());
    const auto newline = offset == 0 ? std::string_view::npos : text.rfind('\n', offset - 1);
    auto begin = std::string_view::npos;
    for (auto i = newline == std::string_view::npos ? 0 : newline + 1; i < offset; ++i) {
        if (text[i] == '"')
            begin = begin == std::string_view::npos ? i : std::string_view::npos;
        else if (text[i] == '\\' && begin != std::string_view::npos)
            ++i;
    }
    return begin;
}

/// What is wrong with the text in quotes that is open at the offset; the place comes with it.
std::string text_problem(std::string_view text, std::size_t offset)
{
    const auto begin = open_text(text, offset);
    const bool is_closed = offset < text.size() && text[offset] == '"'; // what follows is wrong
    if (begin == std::string_view::npos || is_closed)
        return {};
    const auto line = text_place(text, begin);
    if (offset >= text.size() || text[offset] == '\n' || text[offset] == '\r')
        return line + ": not valid JSON, the text in " + line.substr(0, line.find(','))
            + " is not closed";
    const auto code = static_cast<unsigned char>(text[offset]);
    if (code < 0x20)
        return text_place(text, offset)
            + ": not valid JSON, a control character in a text; write it as "
            + (text[offset] == '\t' ? std::string("\\t")
                                    : Json(std::string(1, text[offset])).dump());
    return text_place(text, offset)
        + ": not valid JSON, an unknown escape in a text; a backslash itself is written twice";
}

} // namespace

std::string text_place(std::string_view text, std::size_t offset)
{
    const auto before = text.substr(0, std::min(offset, text.size()));
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const auto newline = before.rfind('\n');
    const auto start = newline == std::string_view::npos ? 0 : newline + 1;
    // columns count characters, not the bytes that continue one
    const auto column = std::count_if(before.begin() + std::ptrdiff_t(start), before.end(),
        [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
    return "line " + std::to_string(line) + ", column " + std::to_string(column + 1);
}

namespace {

std::string clipped(const std::string& text)
{
    constexpr std::size_t longest = 80;
    if (text.size() <= longest)
        return text;
    auto end = longest - 3;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
        --end; // not inside a character
    return text.substr(0, end) + "...";
}

/// Builds the document and stops at the first thing that we refuse.
class Builder final : public nlohmann::json_sax<Json>
{
public:
    explicit Builder(std::string_view text) : text_(text) { }

    bool null() override { return add(nullptr); }
    bool boolean(bool value) override { return add(value); }
    bool number_integer(number_integer_t value) override { return add(value); }
    bool number_unsigned(number_unsigned_t value) override { return add(value); }
    bool number_float(number_float_t value, const string_t&) override { return add(value); }
    bool string(string_t& value) override { return add(std::move(value)); }
    bool binary(binary_t&) override { return false; }
    bool start_object(std::size_t) override { return open(Json::object()); }
    bool start_array(std::size_t) override { return open(Json::array()); }
    bool end_object() override { return close(); }
    bool end_array() override { return close(); }

    bool key(string_t& name) override
    {
        if (stack_.back()->size() >= max_json_keys) {
            result.problem = "an object has more than " + std::to_string(max_json_keys) + " keys";
            return false;
        }
        if (stack_.back()->contains(name)) {
            result.problem = "the key " + shown(Json(name)) + " stands twice in one object";
            return false;
        }
        keys_.back() = name;
        return true;
    }

    bool parse_error(std::size_t position, const std::string& token,
        const nlohmann::detail::exception& error) override
    {
        constexpr int number_out_of_range = 406;
        constexpr int end_of_input = 101;
        const auto offset = position == 0 ? 0 : position - 1;
        std::string reason;
        if (error.id == number_out_of_range)
            reason = "the number " + clipped(token) + " is out of range";
        else if (error.id == end_of_input && offset >= text_.size())
            reason = "the text ends before the JSON is complete";
        else
            reason = "unexpected " + shown(Json(token));
        result.problem = text_problem(text_, offset);
        if (result.problem.empty())
            result.problem = text_place(text_, std::min(offset, text_.size() - 1))
                + ": not valid JSON, " + reason;
        return false;
    }

    JsonText result;

private:
    Json* add(Json&& value, bool)
    {
        if (stack_.empty()) {
            result.document = std::move(value);
            return &result.document;
        }
        auto& parent = *stack_.back();
        if (parent.is_array())
            return &parent.emplace_back(std::move(value));
        return &(parent[keys_.back()] = std::move(value));
    }
    template <class Value> bool add(Value&& value)
    {
        add(Json(std::forward<Value>(value)), true);
        return true;
    }
    bool open(Json&& value)
    {
        if (stack_.size() >= max_json_depth) {
            result.problem = "lists and objects stand inside each other more than "
                + std::to_string(max_json_depth) + " levels deep";
            return false;
        }
        stack_.push_back(add(std::move(value), true)); // stays in place: its siblings come later
        keys_.emplace_back();
        return true;
    }
    bool close()
    {
        stack_.pop_back();
        keys_.pop_back();
        return true;
    }

    std::string_view text_;
    std::vector<Json*> stack_;
    std::vector<std::string> keys_; // the key being read, for each level
};

bool is_deeper_than(const Json& json, int levels)
{
    if (!json.is_structured())
        return false;
    if (levels == 0)
        return true;
    return std::any_of(json.begin(), json.end(),
        [&](const Json& item) { return is_deeper_than(item, levels - 1); });
}

} // namespace

JsonText parse_json(std::string_view text)
{
    Builder builder(text);
    if (!is_utf8(text)) {
        builder.result.problem = "the text is not UTF-8";
        return std::move(builder.result);
    }
    Json::sax_parse(text, &builder);
    if (!builder.result.problem.empty())
        builder.result.document = nullptr;
    return std::move(builder.result);
}

bool is_too_deep(const Json& json)
{
    return is_deeper_than(json, max_json_depth);
}

std::string shown(const Json& json)
{
    return clipped(is_too_deep(json) ? std::string(json.is_array() ? "[...]" : "{...}")
                                     : json.dump(-1, ' ', false, Json::error_handler_t::replace));
}

std::string shown_list(const std::vector<Json>& values)
{
    std::string text;
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (i > 0)
            text += i + 1 == values.size() ? " or " : ", ";
        text += shown(values[i]);
    }
    return text;
}

} // namespace leyden
