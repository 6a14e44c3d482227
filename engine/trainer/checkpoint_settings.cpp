// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/trainer/checkpoint_settings.h"

#include <nlohmann/json.hpp>

namespace leyden {
namespace {

Json callbacks_of(const Json& config)
{
    if (!config.is_object() || !config.contains("trainer") || !config["trainer"].is_object())
        return {};
    return config["trainer"].value("callbacks", Json());
}

/// Folders that the checkpoint callbacks in a list name.
void add_dirpaths(const Json& callbacks, const std::filesystem::path& root,
    std::vector<std::filesystem::path>& folders)
{
    if (callbacks.is_array()) {
        for (const auto& callback : callbacks)
            add_dirpaths(callback, root, folders);
    } else if (callbacks.is_object() && callbacks.contains("init_args")
        && (callbacks.value("class_path", "") == "ModelCheckpoint"
            || callbacks.value("class_path", "") == "OnExceptionCheckpoint")) {
        const auto dirpath = callbacks["init_args"].find("dirpath");
        if (dirpath != callbacks["init_args"].end() && dirpath->is_string())
            folders.push_back(
                std::filesystem::absolute(root / dirpath->get<std::string>()).lexically_normal());
    }
}

/// The files that the OnExceptionCheckpoints in a list write.
void add_exception_files(const Json& callbacks, const std::filesystem::path& root,
    std::vector<std::filesystem::path>& found)
{
    if (callbacks.is_array()) {
        for (const auto& callback : callbacks)
            add_exception_files(callback, root, found);
    } else if (callbacks.is_object()
        && callbacks.value("class_path", "") == "OnExceptionCheckpoint") {
        const auto args = callbacks.value("init_args", Json::object());
        if (args.contains("dirpath") && args["dirpath"].is_string())
            found.push_back(std::filesystem::absolute(root / args["dirpath"].get<std::string>()
                / (args.value("filename", "on_exception") + ".ckpt")));
    }
}

} // namespace

std::vector<std::filesystem::path> checkpoint_dirpaths(
    const Json& config, const std::filesystem::path& root)
{
    std::vector<std::filesystem::path> folders;
    add_dirpaths(callbacks_of(config), root, folders);
    return folders;
}

std::vector<std::filesystem::path> exception_checkpoints(
    const Json& config, const std::filesystem::path& root)
{
    std::vector<std::filesystem::path> found;
    add_exception_files(callbacks_of(config), root, found);
    return found;
}

std::string setting_without_checkpoints(const Json& config, const std::string& word)
{
    const auto trainer = config.is_object() ? config.value("trainer", Json()) : Json();
    if (!trainer.is_object())
        return {};
    if (trainer.value("enable_checkpointing", Json()) == Json(false))
        return "enable_checkpointing = false";
    if (trainer.value("barebones", Json()) == Json(true))
        return "barebones = true";
    auto callbacks = trainer.value("callbacks", Json());
    if (!callbacks.is_array())
        callbacks = Json::array({callbacks});
    bool has_any = false;
    for (const auto& callback : callbacks) {
        if (!callback.is_object() || callback.value("class_path", "") != "ModelCheckpoint")
            continue;
        has_any = true;
        const auto args = callback.value("init_args", Json());
        const auto keeps_last = args.is_object() && args.contains("save_last")
            && args["save_last"] != Json(false) && !args["save_last"].is_null();
        if (!args.is_object() || args.value("save_top_k", Json()) != Json(0)
            || (word == "last" && keeps_last))
            return {};
    }
    return has_any && word != "averaged" ? "save_top_k = 0 of ModelCheckpoint" : std::string();
}

} // namespace leyden
