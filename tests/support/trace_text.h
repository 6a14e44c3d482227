// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/json.h"
#include "tests/support/recorded_cpu.h"

#include <nlohmann/json.hpp>

#include <QString>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

namespace leyden::test {

/// A line of `--trace` as the recording scripts of tests/lightning shorten it: rows stay what they
/// are, of anything else a text such as "C.on_train_batch_start @0.2 b1" (on whom, hook,
/// epoch.global_step, places).
inline Json short_line(const Json& line)
{
    if (line.contains("log"))
        return line;
    std::string text;
    if (line.contains("hook")) {
        const auto on = line.at("on").get<std::string>();
        text = (on == "callback"        ? "C."
                       : on == "module" ? "M."
                                        : "D.")
            + line.at("hook").get<std::string>();
    } else {
        text = line.at("call").get<std::string>();
    }
    text += " @" + line.at("epoch").dump() + "." + line.at("global_step").dump();
    for (const auto* key : {"batch_idx", "dataloader_idx"}) {
        if (line.contains(key))
            text += std::string(" ") + key[0] + line.at(key).dump();
    }
    return text;
}

inline std::vector<Json> short_trace(const std::filesystem::path& file)
{
    std::vector<Json> lines;
    std::ifstream stream(file);
    for (std::string line; std::getline(stream, line);)
        lines.push_back(short_line(Json::parse(line)));
    return lines;
}

inline bool is_near(const Json& found, const Json& expected, const Tolerance& tolerance)
{
    if (!found.is_number() || !expected.is_number()
        || (found.is_number_integer() && expected.is_number_integer()))
        return found == expected;
    return tolerance.accepts(found.get<double>(), expected.get<double>());
}

/// Numbers by name, in any order.
inline bool is_same_numbers(const Json& found, const Json& expected, const Tolerance& tolerance)
{
    return found.size() == expected.size()
        && std::all_of(expected.items().begin(), expected.items().end(), [&](const auto& item) {
               return found.contains(item.key())
                   && is_near(found.at(item.key()), item.value(), tolerance);
           });
}

/// What is wrong with a trace; empty if nothing.
/// amplified_from: of the rows from this step on only the names of numbers are compared, unless
///                 all is bit for bit: what rounding decides has grown too large.
inline QString trace_difference(const std::vector<Json>& found, const Json& expected,
    const Tolerance& tolerance, int64_t amplified_from = std::numeric_limits<int64_t>::max())
{
    const auto tolerance_at = [&](const Json& step) {
        return tolerance.is_bitwise() || step.get<int64_t>() < amplified_from ? tolerance
                                                                              : any_number;
    };
    for (size_t i = 0; i < std::max(found.size(), expected.size()); ++i) {
        const auto mine = i < found.size() ? found[i] : Json("nothing");
        const auto theirs = i < expected.size() ? expected[i] : Json("nothing");
        const bool are_rows = mine.is_object() && theirs.is_object();
        if (are_rows ? mine.at("step") == theirs.at("step")
                    && is_same_numbers(
                        mine.at("log"), theirs.at("log"), tolerance_at(theirs.at("step")))
                     : mine == theirs)
            continue;
        return QStringLiteral("line %1: found %2, recorded %3")
            .arg(i + 1)
            .arg(QString::fromStdString(mine.dump()), QString::fromStdString(theirs.dump()));
    }
    return {};
}

} // namespace leyden::test
