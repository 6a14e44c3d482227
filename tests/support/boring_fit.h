// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/errors.h"
#include "engine/core/generators.h"
#include "tests/support/boring_model.h"

#include <QString>
#include <QStringList>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace leyden::test {

/// A fit of BoringModel, and what it wrote down.
struct Run
{
    explicit Run(const std::string& root) : options(bare_options(root)) { }

    TrainerOptions options;
    BoringModel::Options model_options = {};
    BoringData::Options data = {.train_rows = 16, .val_rows = 4}; // 4 batches, 1 for validation
    std::function<void(BoringModel&)> prepare = {};
    HookCallback::Function callback = {};
    std::vector<std::unique_ptr<Callback>> callbacks = {};
    EventList events = {};
    QStringList trace = {}; ///< t0: batch 0, z: zero_grad, *: optimizer step, V: validation, |: end
                            ///< of an epoch
    int64_t global_step = -1;
    int64_t epoch = -1;
    int64_t x = -1;                             ///< the loggers'
    std::map<std::string, double> metrics = {}; ///< callback_metrics at the end

    void fit()
    {
        seed_everything(1);
        TrainerParts parts;
        parts.observer = &events;
        if (callback)
            parts.callbacks.push_back(std::make_unique<HookCallback>(callback));
        for (auto& one : callbacks)
            parts.callbacks.push_back(std::move(one));
        BoringData source(data);
        BoringModel model(model_options);
        model.on_hook = [this](BoringModel& m, Hook hook, int64_t idx) {
            if (m.trainer()->sanity_checking())
                return;
            if (hook == Hook::TrainingStep)
                trace << QStringLiteral("t%1").arg(idx);
            else if (hook == Hook::OptimizerZeroGrad)
                trace << QStringLiteral("z");
            else if (hook == Hook::OptimizerStep)
                trace << QStringLiteral("*");
            else if (hook == Hook::OnValidationStart)
                trace << QStringLiteral("V");
            else if (hook == Hook::OnTrainEpochEnd)
                trace << QStringLiteral("|");
        };
        if (prepare)
            prepare(model);
        Trainer trainer(options, std::move(parts));
        trainer.fit(model, source);
        global_step = trainer.global_step();
        epoch = trainer.current_epoch();
        x = trainer.batches_that_stepped();
        trainer.callback_metrics().for_each(
            [this](const std::string& name, const LoggedValue& value) {
                metrics[name] = value.read();
            });
    }
    QString traced() const { return trace.join(QLatin1Char(' ')); }
    /// Without zero_grad and optimizer steps.
    QString batches() const
    {
        QStringList kept;
        for (const auto& entry : trace) {
            if (entry != QLatin1String("z") && entry != QLatin1String("*"))
                kept << entry;
        }
        return kept.join(QLatin1Char(' '));
    }
};

/// The message of the MisconfigurationError that `fit` ends with; empty: none.
inline QString refusal(Run& run)
{
    try {
        run.fit();
    } catch (const MisconfigurationError& error) {
        return QString::fromUtf8(error.what());
    }
    return {};
}

} // namespace leyden::test
