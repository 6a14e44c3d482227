// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/callbacks/early_stopping.h"
#include "engine/callbacks/model_checkpoint.h"
#include "engine/core/generators.h"
#include "engine/loggers/csv_logger.h"
#include "engine/trainer/trainer.h"
#include "tests/support/event_list.h"
#include "tests/support/scripted_run.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace leyden::test {

/// A fit of 8 batches an epoch; val_loss in validation i is values[i], the last one ever after.
struct Fit
{
    explicit Fit(std::filesystem::path run_folder) : folder(std::move(run_folder))
    {
        options.max_epochs = 4;
        options.num_sanity_val_steps = 0;
        options.log_every_n_steps = 1;
        options.enable_model_summary = false;
    }

    std::filesystem::path folder;
    TrainerOptions options;
    std::filesystem::path checkpoint = {};
    bool in_place = false;
    std::vector<double> values = {};
    std::vector<std::unique_ptr<Callback>> callbacks = {};
    const Clock* clock = nullptr;
    std::function<void(int64_t epoch, int64_t idx)> on_batch = {};      ///< in training_step
    std::function<OptimizerSetup(ScriptedModel&)> make_optimizers = {}; ///< empty: SGD alone

    std::vector<std::pair<int64_t, int64_t>> batches = {}; ///< epoch, index of those that began
    EventList events = {};
    int64_t steps = -1;
    int64_t epochs = -1;
    at::Tensor weights = {};
    std::string failure = {};

    Fit& watch(int64_t patience, MonitorMode mode = MonitorMode::Min)
    {
        EarlyStoppingOptions stopping;
        stopping.monitor = "val_loss";
        stopping.patience = patience;
        stopping.mode = mode;
        callbacks.push_back(std::make_unique<EarlyStopping>(stopping));
        return *this;
    }
    Fit& keep_last(int64_t every_n_steps = 0)
    {
        ModelCheckpointOptions last;
        last.save_last = true;
        if (every_n_steps > 0)
            last.every_n_train_steps = every_n_steps;
        callbacks.push_back(std::make_unique<ModelCheckpoint>(last));
        return *this;
    }
    Fit& from(const Fit& earlier)
    {
        checkpoint = earlier.folder / "checkpoints" / "last.ckpt";
        in_place = earlier.folder == folder;
        return *this;
    }
    Fit& run()
    {
        seed_everything(3);
        ScriptedModel model;
        size_t validation = 0;
        model.on_training_step = [this](ScriptedModel& m, int64_t idx) {
            batches.emplace_back(m.trainer()->current_epoch(), idx);
            if (on_batch)
                on_batch(m.trainer()->current_epoch(), idx);
        };
        if (!values.empty())
            model.on_validation_step = [this, &validation](ScriptedModel& m, int64_t idx) {
                m.log("val_loss", values.at(std::min(validation, values.size() - 1)));
                validation += idx == 0; // one batch each
            };
        if (make_optimizers)
            model.make_optimizers = make_optimizers;
        MemoryData data(8, values.empty() ? 2 : 1);
        TrainerParts parts;
        parts.run_dir = folder;
        parts.resume_in_place = in_place;
        parts.observer = &events;
        parts.clock = clock;
        parts.callbacks = std::move(callbacks);
        parts.loggers.push_back(std::make_unique<CSVLogger>(CSVLoggerOptions{}));
        Trainer trainer(options, std::move(parts));
        try {
            trainer.fit(model, data, checkpoint);
        } catch (const std::exception& error) {
            failure = error.what();
        }
        steps = trainer.global_step();
        epochs = trainer.current_epoch();
        weights = model.parameters()[0].detach().clone();
        return *this;
    }
    std::string end() const
    {
        const auto told = events.messages("fit ended: ");
        return told.empty() ? "" : told.back();
    }
};

} // namespace leyden::test
