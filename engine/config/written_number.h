// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/option_codec.h"

#include <concepts>

namespace leyden {

/// A number that knows whether it was written as a whole one. Python's 0 is another object than
/// 0.0, and logs and checkpoints show which of them an optimizer was given.
class WrittenNumber
{
public:
    constexpr WrittenNumber(double value) : value_(value) { }
    template <std::integral Whole>
    constexpr WrittenNumber(Whole value) : value_(static_cast<double>(value)), is_whole_(true)
    {
    }
    constexpr WrittenNumber() : WrittenNumber(0) { }

    constexpr operator double() const { return value_; }
    constexpr bool is_whole() const { return is_whole_; }

private:
    double value_ = 0.0;
    bool is_whole_ = false;
};

/// As a float is written, but that what is whole has no decimal point.
template <> struct Codec<WrittenNumber>
{
    using Leaf = WrittenNumber;
    static void add_rules(std::vector<ValueRule>& rules) { Codec<double>::add_rules(rules); }
    static bool accepts(const Json& json) { return Codec<double>::accepts(json); }
    static WrittenNumber read(const Json& json, const EnumNames& names)
    {
        const auto value = Codec<double>::read(json, names);
        constexpr double exact = 9007199254740992.0; // whole numbers up to here are doubles too
        return json.is_number_integer() && std::abs(value) <= exact
            ? WrittenNumber(static_cast<int64_t>(value))
            : WrittenNumber(value);
    }
    static Json write(const WrittenNumber& value, const EnumNames& names)
    {
        return value.is_whole() ? Json(static_cast<int64_t>(value))
                                : Codec<double>::write(value, names);
    }
};

} // namespace leyden
