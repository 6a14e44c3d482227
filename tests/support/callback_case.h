// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/callbacks/callback.h"
#include "engine/config/json.h"
#include "engine/trainer/trainer.h"
#include "tests/support/event_list.h"
#include "tests/support/recorded_cpu.h"

#include <QByteArray>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace leyden::test {

/// Of state: JSON, with tensors as bytes and what is not finite as text; the twin of plain() in
/// tests/lightning/record_callbacks.py.
Json plain(const StateTree& state);

/// A fit of a recorded case, done here.
struct CaseRun
{
    Json rows = Json::array();   ///< {"step", "values"} each, as the logger got them
    Json epochs = Json::array(); ///< a whole checkpoint at the end of each epoch, and some numbers
                                 ///< of the trainer
    Json weights;
    Json trace = Json::array();
    std::string error;        ///< why it failed; empty: it did not
    std::string skip_batches; ///< what SpikeDetection wrote
    int64_t global_step = 0;
    int64_t current_epoch = 0;
    std::vector<std::string> messages;
    std::vector<std::string> callback_order; ///< names, as the trainer calls them
};

struct CaseOptions
{
    std::filesystem::path folder;    ///< for what the run writes
    std::filesystem::path ckpt_path; ///< to go on from
    /// Called where a checkpoint may be taken: after a batch, after a validation, at an epoch's
    /// end.
    std::function<void(Trainer&)> at_save_point = {};
    std::vector<std::unique_ptr<Callback>> more = {}; ///< after those of the case
};

CaseRun run_case(const Json& recorded, CaseOptions options);

/// Where a run differs from what was recorded of Lightning; empty: nowhere. From the step on that
/// the case calls "amplifies_rounding" numbers need not be near, unless all is bit for bit.
QByteArray difference_from_lightning(
    const CaseRun& run, const Json& recorded, const Tolerance& tolerance);

/// Saves at every point of a run where it can be, goes on from each file, and says where such a run
/// differs from the one that never stopped; empty: nowhere. Counts the resumed runs.
QByteArray difference_when_resumed(
    const Json& recorded, const std::filesystem::path& folder, int* runs = nullptr);

} // namespace leyden::test
