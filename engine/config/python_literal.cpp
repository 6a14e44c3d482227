// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/config/python_literal.h"

#include "engine/config/json_text.h"

#include <algorithm>
#include <charconv>
#include <string>

namespace leyden {

namespace {

class LiteralReader
{
public:
    explicit LiteralReader(std::string_view text) : text_(text) { }

    std::optional<Json> whole()
    {
        auto value = read(0);
        skip_blanks();
        return at_ == text_.size() ? value : std::nullopt;
    }

private:
    char next() const { return at_ < text_.size() ? text_[at_] : '\0'; }
    void skip_blanks()
    {
        while (next() == ' ' || next() == '\t')
            ++at_;
    }
    bool take(char wanted)
    {
        skip_blanks();
        if (next() != wanted)
            return false;
        ++at_;
        return true;
    }

    std::optional<Json> read(int depth)
    {
        skip_blanks();
        if (depth > max_json_depth)
            return std::nullopt;
        switch (next()) {
        case '[':
            return list(']', depth);
        case '(':
            return list(')', depth);
        case '{':
            return dict(depth);
        case '\'':
        case '"':
            return quoted();
        default:
            return word();
        }
    }

    std::optional<Json> list(char end, int depth)
    {
        ++at_;
        auto items = Json::array();
        bool has_comma = false;
        while (!take(end)) {
            auto item = items.empty() || has_comma ? read(depth + 1) : std::nullopt;
            if (!item)
                return std::nullopt;
            items.push_back(std::move(*item));
            has_comma = take(',');
        }
        if (end == ')' && items.size() == 1 && !has_comma) // (1) is 1, (1,) a tuple
            return items[0];
        return items;
    }

    std::optional<Json> dict(int depth)
    {
        ++at_;
        auto items = Json::object();
        bool has_comma = true;
        while (!take('}')) {
            const auto key = has_comma ? read(depth + 1) : std::nullopt;
            if (!key || !key->is_string() || !take(':'))
                return std::nullopt;
            auto value = read(depth + 1);
            if (!value)
                return std::nullopt;
            items[key->get<std::string>()] = std::move(*value);
            has_comma = take(',');
        }
        return items;
    }

    std::optional<Json> quoted()
    {
        const char quote = text_[at_++];
        std::string text;
        for (; next() != quote; ++at_) {
            if (at_ >= text_.size())
                return std::nullopt;
            if (next() == '\\') {
                ++at_;
                if (next() == 'n' || next() == 't') {
                    text += next() == 'n' ? '\n' : '\t';
                    continue;
                }
                if (next() != '\\' && next() != '\'' && next() != '"')
                    return std::nullopt; // the rarer ones: no argument needs them
            }
            text += next();
        }
        ++at_;
        return text;
    }

    std::optional<Json> word()
    {
        const auto end = std::min(text_.find_first_of(" \t,]})('\"[{:", at_), text_.size());
        const auto text = text_.substr(at_, end - at_);
        at_ = end;
        if (text == "None")
            return Json(nullptr);
        if (text == "True" || text == "False")
            return Json(text == "True");
        return number(std::string(text));
    }

    /// Python's numbers: also +1, 1_000, .5 and 5.
    static std::optional<Json> number(std::string text)
    {
        for (std::size_t i = text.find('_'); i != std::string::npos; i = text.find('_', i)) {
            if (i == 0 || i + 1 == text.size() || !is_digit(text[i - 1]) || !is_digit(text[i + 1]))
                return std::nullopt;
            text.erase(i, 1);
        }
        if (text.starts_with('+'))
            text.erase(0, 1);
        const std::string_view digits
            = std::string_view(text).substr(text.starts_with('-') ? 1 : 0);
        if (digits.empty() || (!is_digit(digits[0]) && digits[0] != '.'))
            return std::nullopt; // no inf, no nan
        int64_t whole = 0;
        const auto *begin = text.data(), *end = text.data() + text.size();
        if (const auto [last, error] = std::from_chars(begin, end, whole);
            last == end && error == std::errc()) {
            // an error in Python
            const bool has_leading_zero = digits.size() > 1 && digits[0] == '0' && whole != 0;
            return has_leading_zero ? std::nullopt : std::optional<Json>(whole);
        }
        double value = 0.0;
        if (const auto [last, error] = std::from_chars(begin, end, value);
            last == end && error == std::errc())
            return Json(value);
        return std::nullopt;
    }
    static bool is_digit(char c) { return c >= '0' && c <= '9'; }

    std::string_view text_;
    std::size_t at_ = 0;
};

} // namespace

std::optional<Json> parse_python_literal(std::string_view text)
{
    return LiteralReader(text).whole();
}

} // namespace leyden
