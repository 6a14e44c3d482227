// SPDX-License-Identifier: GPL-3.0-or-later
// ModelCheckpoint's part that goes into checkpoints, and that takes back what could not be written.
#include "engine/callbacks/model_checkpoint.h"

#include <algorithm>
#include <filesystem>

namespace leyden {
namespace {

StateTree score_state(const std::optional<Score>& score)
{
    return score ? StateTree(score->tensor()) : StateTree();
}

std::optional<Score> score_from(const StateTree& state)
{
    return state.is_tensor() ? std::optional(Score::of(state.tensor())) : std::nullopt;
}

} // namespace

void ModelCheckpoint::put_back(const Scheduled& failed)
{
    bool is_newest = true; // of its kind: no later save of the same file, or ranking, hides it
    bool is_rewritten = false;
    for (auto& later : scheduled_) {
        if (later.id < failed.id)
            continue;
        if (!is_rewritten)
            undo(later.before, failed, is_newest);
        if (later.replaced && later.replaced->first == failed.file) {
            later.replaced = failed.replaced;
            later.replaced_at = failed.replaced_at;
        }
        is_newest = is_newest && later.is_last != failed.is_last;
        is_rewritten = is_rewritten || later.file == failed.file;
    }
    if (!is_rewritten)
        undo(kept_, failed, is_newest);
}

void ModelCheckpoint::undo(Kept& kept, const Scheduled& failed, bool is_newest) const
{
    const auto& before = failed.before;
    if (kept.last_checkpoint_saved == failed.file) {
        kept.last_checkpoint_saved = before.last_checkpoint_saved;
        kept.last_global_step_saved = before.last_global_step_saved;
    }
    if (failed.is_last) {
        if (kept.last_model_path == failed.file)
            kept.last_model_path = before.last_model_path;
        return;
    }
    if (!options_.monitor) {
        if (kept.best_model_path == failed.file)
            kept.best_model_path = before.best_model_path;
        return;
    }
    auto& all = kept.best_k_models;
    const auto found = std::find_if(
        all.begin(), all.end(), [&](const auto& entry) { return entry.first == failed.file; });
    if (found == all.end())
        return;
    all.erase(found);
    if (failed.replaced)
        all.insert(all.begin() + std::ptrdiff_t(std::min(failed.replaced_at, all.size())),
            *failed.replaced);
    rank(kept, before);
    if (is_newest)
        kept.current_score = before.current_score;
}

StateTree ModelCheckpoint::state_dict() const
{
    auto best = StateTree::dict();
    for (const auto& [path, score] : kept_.best_k_models)
        best.set(path, score.tensor());
    return StateTree::dict(
        {{"monitor", options_.monitor ? StateTree(*options_.monitor) : StateTree()},
            {"best_model_score", score_state(kept_.best_model_score)},
            {"best_model_path", kept_.best_model_path},
            {"current_score", score_state(kept_.current_score)}, {"dirpath", dirpath_.string()},
            {"best_k_models", std::move(best)}, {"kth_best_model_path", kept_.kth_best_model_path},
            {"kth_value", kept_.kth_value.tensor()}, {"last_model_path", kept_.last_model_path}});
}

void ModelCheckpoint::load_state_dict(const StateTree& state)
{
    kept_.best_model_path = state.at("best_model_path").to_string();
    const std::filesystem::path before(state.at("dirpath").to_string());
    // A run folder that was moved or copied: its files lie here now.
    const auto here = [&](const std::string& file) {
        const auto moved = dirpath_ / std::filesystem::path(file).lexically_relative(before);
        std::error_code failure;
        return before != dirpath_ && !file.empty() && !std::filesystem::exists(file, failure)
                && std::filesystem::exists(moved, failure)
            ? moved.string()
            : file;
    };
    const bool is_moved = here(kept_.best_model_path) != kept_.best_model_path;
    if (before != dirpath_ && !is_moved) { // as Lightning: there only the best path is known
        dirpath_before_ = before.string();
        return;
    }
    kept_.best_model_path = here(kept_.best_model_path);
    kept_.best_model_score = score_from(state.at("best_model_score"));
    kept_.current_score = score_from(state.at("current_score"));
    kept_.kth_best_model_path = here(state.at("kth_best_model_path").to_string());
    kept_.kth_value = score_from(state.at("kth_value")).value_or(kept_.kth_value);
    kept_.last_model_path = here(state.at("last_model_path").to_string());
    has_saved_before_ = !kept_.best_model_path.empty() || !kept_.last_model_path.empty();
    kept_.best_k_models.clear();
    for (const auto& [path, score] : state.at("best_k_models").entries())
        kept_.best_k_models.emplace_back(
            here(std::get<std::string>(path)), Score::of(score.tensor()));
}

StateTree ModelCheckpoint::resume_state() const
{
    if (replacing_.empty() && !is_last_due_)
        return {};
    auto files = StateTree::list();
    for (const auto& file : replacing_)
        files.push_back(file);
    return StateTree::dict({{"replaces", std::move(files)}, {"last_is_due", is_last_due_}});
}

void ModelCheckpoint::load_resume_state(const StateTree& state)
{
    left_behind_.clear();
    for (const auto& file : state.at("replaces").items())
        left_behind_.push_back(file.to_string());
    is_last_left_ = state.at("last_is_due").to_bool();
}

} // namespace leyden
