// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/headless/compare_checkpoints.h"

#include "app/headless/checkpoint_text.h"

#include <ATen/TensorOperators.h>
#include <nlohmann/json.hpp>

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <cstring>

namespace leyden::headless {
namespace {

bool are_same_bits(const at::Tensor& a, const at::Tensor& b)
{
    const auto first = a.contiguous(), second = b.contiguous();
    return first.nbytes() == 0
        || std::memcmp(first.const_data_ptr(), second.const_data_ptr(), first.nbytes()) == 0;
}

/// Adds by how much two tensors of one dtype and shape differ.
void measure(CheckpointDifference& difference, const at::Tensor& a, const at::Tensor& b)
{
    const auto differs = a.ne(b).logical_and(a.eq(a).logical_or(b.eq(b))); // two NaN are alike
    const auto largest = a.to(at::kDouble)
                             .sub(b.to(at::kDouble))
                             .abs()
                             .masked_fill(differs.logical_not(), 0)
                             .max();
    difference.largest = largest.item<double>();
    difference.amount = fmt::format("{} of {} elements differ, by {:.6g} at most",
        differs.sum().item<int64_t>(), a.numel(), *difference.largest);
}

/// The same of two numbers; not of what is none.
std::optional<double> distance(const nlohmann::ordered_json& a, const nlohmann::ordered_json& b)
{
    if (!a.is_number() || !b.is_number())
        return std::nullopt;
    return std::abs(a.get<double>() - b.get<double>());
}

class Comparison
{
public:
    std::vector<CheckpointDifference> differences;

    void compare(const StateTree& a, const StateTree& b, const std::string& place)
    {
        if (a.is_dict() && b.is_dict())
            compare_dicts(a, b, place);
        else if (a.is_list() && b.is_list())
            compare_lists(a, b, place);
        else if (a.is_tensor() && b.is_tensor())
            compare_tensors(a, b, place);
        else if (to_json(a) != to_json(b))
            differences.push_back(
                {place, one_line(a), one_line(b), {}, distance(to_json(a), to_json(b))});
    }

private:
    static std::string below(const std::string& place, const std::string& key)
    {
        return place.empty() ? key : place + "/" + key;
    }

    void compare_dicts(const StateTree& a, const StateTree& b, const std::string& place)
    {
        const auto find = [](const StateTree& tree, const std::string& key) -> const StateTree* {
            const auto& entries = tree.entries();
            const auto found = std::find_if(entries.begin(), entries.end(),
                [&](const auto& entry) { return key_text(entry.first) == key; });
            return found == entries.end() ? nullptr : &found->second;
        };
        for (const auto& [key, value] : a.entries()) {
            if (const auto* other = find(b, key_text(key)))
                compare(value, *other, below(place, key_text(key)));
            else
                differences.push_back({below(place, key_text(key)), one_line(value), {}, {}});
        }
        for (const auto& [key, value] : b.entries()) {
            if (!find(a, key_text(key)))
                differences.push_back({below(place, key_text(key)), {}, one_line(value), {}});
        }
    }

    void compare_lists(const StateTree& a, const StateTree& b, const std::string& place)
    {
        for (size_t i = 0; i < std::max(a.size(), b.size()); ++i) {
            const auto here = below(place, std::to_string(i));
            if (i >= b.size())
                differences.push_back({here, one_line(a[i]), {}, {}});
            else if (i >= a.size())
                differences.push_back({here, {}, one_line(b[i]), {}});
            else
                compare(a[i], b[i], here);
        }
    }

    void compare_tensors(const StateTree& a, const StateTree& b, const std::string& place)
    {
        const auto &first = a.tensor(), &second = b.tensor();
        const bool is_alike
            = first.scalar_type() == second.scalar_type() && first.sizes() == second.sizes();
        if (is_alike && are_same_bits(first, second))
            return;
        differences.push_back({place, one_line(a), one_line(b), {}});
        if (is_alike)
            measure(differences.back(), first, second);
    }
};

} // namespace

std::vector<CheckpointDifference> compare_checkpoints(
    const StateTree& first, const StateTree& second)
{
    Comparison comparison;
    comparison.compare(first, second, {});
    return std::move(comparison.differences);
}

} // namespace leyden::headless
