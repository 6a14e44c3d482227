// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/config/nearest_name.h"

#include <algorithm>

namespace leyden {

namespace {

/// Insertions, deletions, replacements and swaps of neighbours that turn one text into the other.
std::size_t edit_distance(const std::string& a, const std::string& b)
{
    std::vector<std::size_t> before(b.size() + 1), previous(b.size() + 1), row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j)
        row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::swap(before, previous);
        std::swap(previous, row);
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const auto replaced = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = std::min({replaced, previous[j] + 1, row[j - 1] + 1});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = std::min(row[j], before[j - 2] + 1);
        }
    }
    return row[b.size()];
}

} // namespace

std::string nearest_name(const std::string& name, const std::vector<std::string>& known)
{
    constexpr std::size_t longest = 64; // nobody mistypes a longer one
    if (name.empty() || name.size() > longest)
        return {};
    const auto wanted = lower_case(name);
    std::string nearest;
    auto best = name.size() < 4 ? std::size_t(1) : std::min<std::size_t>(3, name.size() / 4 + 1);
    ++best;
    for (const std::string& candidate : known) {
        const auto distance = edit_distance(wanted, lower_case(candidate));
        if (distance < best && distance < std::max(name.size(), candidate.size())) {
            best = distance;
            nearest = candidate;
        }
    }
    return nearest;
}

std::string did_you_mean(const std::string& name, const std::vector<std::string>& known)
{
    const auto nearest = nearest_name(name, known);
    return nearest.empty() ? "" : "; did you mean \"" + nearest + "\"?";
}

std::string lower_case(std::string text)
{
    std::transform(text.begin(), text.end(), text.begin(),
        [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return text;
}

} // namespace leyden
