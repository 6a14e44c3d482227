// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/optim/rate_expression.h"

#include "engine/core/errors.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <numbers>
#include <string_view>
#include <vector>

namespace leyden {

namespace {

using Value = std::function<double(double)>;
using Operation = double (*)(double, double);

constexpr size_t longest_text = 1000;
constexpr int deepest_nesting = 50;

double floor_divide(double a, double b)
{
    return std::floor(a / b);
}

/// Python's %: the sign of the divisor.
double modulo(double a, double b)
{
    const auto rest = std::fmod(a, b);
    return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

/// Descends the grammar, loosest operator first, and builds the function that computes the value.
class Parser
{
public:
    explicit Parser(const std::string& text) : text_(text) { }

    Value whole()
    {
        if (text_.size() > longest_text)
            fail("the formula is longer than 1000 characters");
        auto value = choice();
        if (!at_end())
            fail("expected an operator or the end");
        return value;
    }

private:
    Value choice()
    {
        if (++depth_ > deepest_nesting)
            fail("too many parentheses within each other");
        auto value = either();
        if (takes_word("if")) {
            auto condition = either();
            if (!takes_word("else"))
                fail("expected 'else'");
            value = [yes = std::move(value), condition = std::move(condition), no = choice()](
                        double epoch) { return condition(epoch) != 0 ? yes(epoch) : no(epoch); };
        }
        --depth_;
        return value;
    }

    Value either()
    {
        auto value = both();
        while (takes_word("or"))
            value = [left = std::move(value), right = both()](double epoch) {
                const auto first = left(epoch);
                return first != 0 ? first : right(epoch);
            };
        return value;
    }

    Value both()
    {
        auto value = negation();
        while (takes_word("and"))
            value = [left = std::move(value), right = negation()](double epoch) {
                const auto first = left(epoch);
                return first == 0 ? first : right(epoch);
            };
        return value;
    }

    Value negation()
    {
        int count = 0;
        while (takes_word("not"))
            ++count;
        auto value = comparison();
        if (count == 0)
            return value;
        return [value = std::move(value), is_negated = count % 2 == 1](
                   double epoch) { return double((value(epoch) == 0) == is_negated); };
    }

    Value comparison()
    {
        auto left = sum();
        const std::pair<std::string_view, Operation> operators[] = {
            {"<=", [](double a, double b) { return double(a <= b); }},
            {">=", [](double a, double b) { return double(a >= b); }},
            {"==", [](double a, double b) { return double(a == b); }},
            {"!=", [](double a, double b) { return double(a != b); }},
            {"<", [](double a, double b) { return double(a < b); }},
            {">", [](double a, double b) { return double(a > b); }},
        };
        for (const auto& [sign, operation] : operators)
            if (takes(sign)) // once: a < b < c would mean something else in Python
                return binary(operation, std::move(left), sum());
        return left;
    }

    Value sum()
    {
        auto value = product();
        for (;;) {
            if (takes("+"))
                value
                    = binary([](double a, double b) { return a + b; }, std::move(value), product());
            else if (takes("-"))
                value
                    = binary([](double a, double b) { return a - b; }, std::move(value), product());
            else
                return value;
        }
    }

    Value product()
    {
        auto value = sign();
        for (;;) {
            if (takes("//"))
                value = binary(floor_divide, std::move(value), sign());
            else if (takes("/"))
                value = binary([](double a, double b) { return a / b; }, std::move(value), sign());
            else if (takes("%"))
                value = binary(modulo, std::move(value), sign());
            else if (!starts_with("**") && takes("*"))
                value = binary([](double a, double b) { return a * b; }, std::move(value), sign());
            else
                return value;
        }
    }

    Value sign()
    {
        bool is_negative = false;
        for (;;) {
            if (takes("-"))
                is_negative = !is_negative;
            else if (!takes("+"))
                break;
        }
        auto value = power();
        if (is_negative)
            return [value = std::move(value)](double epoch) { return -value(epoch); };
        return value;
    }

    Value power()
    {
        auto base = atom();
        if (!takes("**"))
            return base;
        if (++depth_ > deepest_nesting)
            fail("too many powers within each other");
        auto value
            = binary([](double a, double b) { return std::pow(a, b); }, std::move(base), sign());
        --depth_;
        return value;
    }

    Value atom()
    {
        if (takes("(")) {
            auto value = choice();
            expect(")");
            return value;
        }
        if (!at_end()
            && (std::isdigit(static_cast<unsigned char>(text_[position_]))
                || text_[position_] == '.'))
            return number();
        const auto start = position_;
        const auto name = word();
        if (name.empty())
            fail("expected a number, 'epoch' or a function");
        if (name == "epoch")
            return [](double epoch) { return epoch; };
        if (name == "pi")
            return [](double) { return std::numbers::pi; };
        if (name == "e")
            return [](double) { return std::numbers::e; };
        return call(name, start);
    }

    Value number()
    {
        size_t length = 0;
        const auto is_digit = [&](size_t at) {
            return at < text_.size() && std::isdigit(static_cast<unsigned char>(text_[at]));
        };
        auto end = position_;
        while (is_digit(end) || (end < text_.size() && text_[end] == '.'))
            ++end;
        if (end < text_.size() && (text_[end] == 'e' || text_[end] == 'E')) {
            auto exponent = end + 1;
            if (exponent < text_.size() && (text_[exponent] == '-' || text_[exponent] == '+'))
                ++exponent;
            if (is_digit(exponent)) {
                while (is_digit(exponent))
                    ++exponent;
                end = exponent;
            }
        }
        const auto digits = text_.substr(position_, end - position_);
        const auto value = parsed(digits, length);
        if (length != digits.size())
            fail("'" + digits + "' is no number");
        position_ = end;
        return [value](double) { return value; };
    }

    static double parsed(const std::string& digits, size_t& length)
    {
        char* end = nullptr;
        const auto value = std::strtod(digits.c_str(), &end);
        length = size_t(end - digits.c_str());
        return value;
    }

    Value call(const std::string& name, size_t start)
    {
        const std::pair<std::string_view, double (*)(double)> one[] = {
            {"abs", [](double x) { return std::abs(x); }},
            {"ceil", [](double x) { return std::ceil(x); }},
            {"cos", [](double x) { return std::cos(x); }},
            {"exp", [](double x) { return std::exp(x); }},
            {"floor", [](double x) { return std::floor(x); }},
            {"log", [](double x) { return std::log(x); }},
            {"sin", [](double x) { return std::sin(x); }},
            {"sqrt", [](double x) { return std::sqrt(x); }},
            {"tanh", [](double x) { return std::tanh(x); }},
        };
        const std::pair<std::string_view, Operation> several[] = {
            {"max", [](double a, double b) { return std::max(a, b); }},
            {"min", [](double a, double b) { return std::min(a, b); }},
            {"pow", [](double a, double b) { return std::pow(a, b); }},
        };
        for (const auto& [known, function] : one)
            if (name == known) {
                expect("(");
                auto value = choice();
                expect(")");
                return [function = function, value = std::move(value)](
                           double epoch) { return function(value(epoch)); };
            }
        for (const auto& [known, operation] : several)
            if (name == known) {
                expect("(");
                auto value = choice();
                expect(",");
                do {
                    value = binary(operation, std::move(value), choice());
                } while (known != "pow" && takes(","));
                expect(")");
                return value;
            }
        position_ = start;
        fail("'" + name
            + "' is unknown; there are epoch, pi, e and the functions abs, ceil, cos, exp, floor, "
              "log, max, min, pow, sin, sqrt, tanh");
    }

    static Value binary(Operation operation, Value left, Value right)
    {
        return [operation, left = std::move(left), right = std::move(right)](
                   double epoch) { return operation(left(epoch), right(epoch)); };
    }

    void skip_spaces()
    {
        while (
            position_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[position_])))
            ++position_;
    }

    bool at_end()
    {
        skip_spaces();
        return position_ == text_.size();
    }

    bool starts_with(std::string_view token)
    {
        skip_spaces();
        return text_.compare(position_, token.size(), token) == 0;
    }

    bool takes(std::string_view token)
    {
        if (!starts_with(token))
            return false;
        position_ += token.size();
        return true;
    }

    bool takes_word(std::string_view token)
    {
        skip_spaces();
        const auto before = position_;
        if (word() == token)
            return true;
        position_ = before;
        return false;
    }

    void expect(std::string_view token)
    {
        if (!takes(token))
            fail("expected '" + std::string(token) + "'");
    }

    /// The name that stands here, without "math."; "" if there is none.
    std::string word()
    {
        skip_spaces();
        const auto read = [this] {
            std::string name;
            while (position_ < text_.size()
                && (std::isalpha(static_cast<unsigned char>(text_[position_]))
                    || text_[position_] == '_'
                    || (!name.empty()
                        && std::isdigit(static_cast<unsigned char>(text_[position_])))))
                name += text_[position_++];
            return name;
        };
        auto name = read();
        if (name == "math" && takes("."))
            name = read();
        return name;
    }

    [[noreturn]] void fail(const std::string& what) const
    {
        throw MisconfigurationError("'" + text_.substr(0, longest_text) + "', character "
            + std::to_string(position_ + 1) + ": " + what);
    }

    const std::string& text_;
    size_t position_ = 0;
    int depth_ = 0;
};

} // namespace

RateExpression::RateExpression(std::string text) : text_(std::move(text))
{
    value_ = Parser(text_).whole();
}

double RateExpression::operator()(double epoch) const
{
    const auto value = value_(epoch);
    if (!std::isfinite(value))
        throw MisconfigurationError("lr_lambda = '" + text_
            + "': is no finite number for epoch = " + std::to_string(int64_t(epoch)));
    return value;
}

} // namespace leyden
