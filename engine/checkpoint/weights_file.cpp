// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/weights_file.h"

#include "engine/checkpoint/checkpoint_file.h"
#include "engine/checkpoint/safetensors.h"
#include "engine/checkpoint/with_file_name.h"
#include "engine/config/json_text.h"
#include "engine/core/errors.h"

#include <nlohmann/json.hpp>

#include <spdlog/fmt/fmt.h>

#include <set>
#include <utility>

namespace leyden {
namespace {

/// A header's length below 2^24 and a JSON object behind it. No zip archive and no pickle begins
/// like that.
bool is_safetensors(ByteSource& file)
{
    constexpr size_t size_bytes = 8;
    if (file.size() <= size_bytes)
        return false;
    const auto bytes = file.text(0, size_bytes + 1);
    return bytes.substr(3, size_bytes - 3).find_first_not_of('\0') == std::string_view::npos
        && bytes[size_bytes] == '{';
}

bool is_state_dict(const StateTree& tree)
{
    if (!tree.is_dict() || tree.size() == 0)
        return false;
    for (const auto& [key, value] : tree.entries())
        if (!std::holds_alternative<std::string>(key) || !value.is_tensor())
            return false;
    return true;
}

StateTree decode(ByteSource& file)
{
    if (is_safetensors(file))
        return StateTree::dict({{"state_dict", decode_safetensors(file)}});
    auto tree = decode_checkpoint(file);
    if (is_state_dict(tree))
        return StateTree::dict({{"state_dict", std::move(tree)}});
    return tree;
}

const NameRule* rule_for(const std::string& name, const std::vector<NameRule>& rules)
{
    const NameRule* best = nullptr;
    for (const auto& rule : rules) {
        if (rule.from == name)
            return &rule;
        if (rule.from.ends_with('.') && name.starts_with(rule.from)
            && (!best || rule.from.size() > best->from.size()))
            best = &rule;
    }
    return best;
}

} // namespace

StateTree load_checkpoint_or_weights(FileSystem& files, const FileSystem::path& file)
{
    return with_file_name(
        "read the checkpoint", file, [&] { return decode(*files.open_read(file)); });
}

StateTree load_weights_file(FileSystem& files, const FileSystem::path& file)
{
    return weights_of(load_checkpoint_or_weights(files, file), file);
}

StateTree weights_of(const StateTree& checkpoint, const FileSystem::path& file)
{
    const auto* weights = checkpoint.find("state_dict");
    if (!weights || !is_state_dict(*weights))
        throw CheckpointError(fmt::format(
            "'{}' holds no weights: neither a checkpoint with a state_dict, nor a dict of tensors",
            file.string()));
    return *weights;
}

void save_weights_file(
    FileSystem& files, const FileSystem::path& file, const StateTree& weights, WeightsFormat format)
{
    const auto encode = [&](const FileSystem::Sink& write) {
        if (format == WeightsFormat::Safetensors)
            return encode_safetensors(weights, StateTree::dict({{"format", "pt"}}), write);
        if (format == WeightsFormat::StateDict)
            return encode_checkpoint(weights, write);
        encode_checkpoint(
            StateTree::dict({{"epoch", 0}, {"global_step", 0},
                {"pytorch-lightning_version", lightning_version}, {"state_dict", weights}}),
            write);
    };
    with_file_name("write", file, [&] { files.write_atomic_stream(file, encode); });
}

std::vector<NameRule> parse_name_rules(std::string_view json)
{
    const auto parsed = parse_json(json);
    if (!parsed.problem.empty())
        throw MisconfigurationError(parsed.problem);
    if (!parsed.document.is_object() || parsed.document.empty())
        throw MisconfigurationError("expected an object such as {\"their.name\": \"our.name\", "
                                    "\"their.prefix.\": \"net.\"}");
    std::vector<NameRule> rules;
    for (const auto& [from, to] : parsed.document.items()) {
        if (!to.is_string() && !to.is_null())
            throw MisconfigurationError(
                fmt::format("{}: expected a name, or null to leave it out; found {}",
                    shown(Json(from)), shown(to)));
        rules.push_back({from, to.is_null() ? "" : to.get<std::string>(), to.is_null()});
    }
    return rules;
}

StateTree rename_weights(const StateTree& weights, const std::vector<NameRule>& rules)
{
    StateTree::Dict renamed{{}, /*is_ordered_dict=*/true};
    std::set<std::string> names;
    std::set<const NameRule*> used;
    for (const auto& [key, tensor] : weights.entries()) {
        auto name = std::get<std::string>(key);
        if (const auto* rule = rule_for(name, rules)) {
            used.insert(rule);
            if (rule->is_dropped)
                continue;
            name.replace(0, rule->from.size(), rule->to);
        }
        if (!names.insert(name).second)
            throw MisconfigurationError(fmt::format("two weights would get the name '{}'", name));
        renamed.entries.emplace_back(name, tensor);
    }
    for (const auto& rule : rules)
        if (!used.contains(&rule))
            throw MisconfigurationError(fmt::format("'{}' meets no weight", rule.from));
    return renamed;
}

} // namespace leyden
