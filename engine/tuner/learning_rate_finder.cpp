// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/tuner/learning_rate_finder.h"

#include "engine/config/check_options.h"
#include "engine/core/errors.h"
#include "engine/core/lightning_module.h"
#include "engine/core/number_text.h"
#include "engine/loops/fit_loop.h"
#include "engine/optim/largest_lr.h"
#include "engine/trainer/trainer.h"
#include "engine/tuner/range_test_lr.h"
#include "engine/tuner/trial_run.h"

#include <spdlog/fmt/fmt.h>

#include <cmath>
#include <limits>
#include <utility>

namespace leyden {
namespace {

/// Writes down rate and loss of each optimizer step of a trial.
class CurveWatch final : public Callback
{
public:
    CurveWatch(LRCurve& curve, std::optional<double> threshold)
        : curve_(curve), threshold_(threshold)
    {
    }
    std::string name() const override { return "CurveWatch"; }

    void on_train_batch_start(
        Trainer& trainer, LightningModule&, const Batch&, int64_t idx) override
    {
        if (is_step(trainer, idx))
            curve_.lr.push_back(
                trainer.lr_scheduler_configs().front().scheduler->last_lr().front());
    }

    void on_train_batch_end(Trainer& trainer, LightningModule&, const StateTree& outputs,
        const Batch&, int64_t idx) override
    {
        if (!is_step(trainer, idx))
            return;
        const auto* loss = outputs.find("loss");
        if (!loss) { // to have as many losses as rates
            curve_.loss.push_back(std::numeric_limits<double>::quiet_NaN());
            return;
        }
        constexpr double beta = 0.98;
        const auto steps = trainer.global_step();
        average_ = beta * average_ + (1 - beta) * loss->tensor().item<double>();
        const double smoothed = average_ / (1 - std::pow(beta, double(steps + 1)));
        if (threshold_ && steps > 1 && smoothed > *threshold_ * best_)
            trainer.should_stop = true;
        if (smoothed < best_ || steps == 1)
            best_ = smoothed;
        curve_.loss.push_back(smoothed);
    }

private:
    static bool is_step(Trainer& trainer, int64_t idx)
    {
        return (idx + 1) % trainer.live().accumulate_grad_batches == 0;
    }
    LRCurve& curve_;
    std::optional<double> threshold_;
    double average_ = 0.0;
    double best_ = 0.0;
};

} // namespace

void describe(OptionTable<LearningRateFinderOptions>& table)
{
    using T = LearningRateFinderOptions;
    table.add("min_lr", &T::min_lr, "Rate to begin with").above(0).at_most(largest_lr);
    table.add("max_lr", &T::max_lr, "Rate to end with")
        .above(0)
        .at_most(largest_lr)
        .details("One below min_lr makes the rates fall.");
    table.add("num_training_steps", &T::num_training_steps, "Rates to try, one an optimizer step")
        .at_least(1)
        .unit("steps");
    table.add("mode", &T::mode, "How the rate rises")
        .choices({{"exponential", RangeMode::Exponential}, {"linear", RangeMode::Linear}});
    table
        .add("early_stop_threshold", &T::early_stop_threshold,
            "Stop where the loss exceeds its lowest value so many times; null: never")
        .advanced();
    table.add("update_attr", &T::update_attr, "Use the rate that was found").advanced();
    table
        .add("attr_name", &T::attr_name,
            "The model's attribute that holds the rate; empty: lr, else learning_rate")
        .advanced();
    table.add("suggestion", &T::suggestion, "Which point of the curve is suggested")
        .choices(
            {{"lightning", SuggestionMethod::Lightning}, {"steepest", SuggestionMethod::Steepest},
                {"valley", SuggestionMethod::Valley}, {"minimum", SuggestionMethod::Minimum}})
        .details("lightning: where the loss falls fastest over the rate, which favours small "
                 "rates. steepest: over its "
                 "logarithm. valley: the middle of the longest fall. minimum: a tenth of the rate "
                 "with the lowest loss.");
}

LearningRateFinder::LearningRateFinder(LearningRateFinderOptions options)
    : options_(std::move(options))
{
    check_options(options_);
}

std::string LearningRateFinder::attribute_of(const LightningModule& module) const
{
    if (!options_.attr_name.empty()) {
        if (module.attribute(options_.attr_name).is_none())
            throw MisconfigurationError(
                fmt::format("LearningRateFinder: attr_name = '{}': {} has no such attribute in its "
                            "hparams",
                    options_.attr_name, module.name()));
        return options_.attr_name;
    }
    for (const auto* candidate : {"lr", "learning_rate"}) {
        if (!module.attribute(candidate).is_none())
            return candidate;
    }
    if (module.configured_optimizers)
        return {}; // the rate is the config's
    throw MisconfigurationError(
        fmt::format("LearningRateFinder: {} has neither lr nor learning_rate in its hparams; add "
                    "one, name another by attr_name, or set update_attr = false",
            module.name()));
}

void LearningRateFinder::measure(Trainer& trainer)
{
    if (trainer.optimizers().size() != 1)
        throw MisconfigurationError(
            fmt::format("LearningRateFinder: configure_optimizers gave {} optimizers; a rate can "
                        "only be found for one",
                trainer.optimizers().size()));
    curve_ = {};
    TrialRun trial(trainer);
    const auto before = trainer.global_step();
    LRSchedulerConfig config;
    config.scheduler = std::make_shared<RangeTestLR>(*trainer.optimizers().front(), options_);
    config.interval = "step";
    trainer.lr_scheduler_configs() = {std::move(config)};
    trainer.live().max_epochs = -1; // of the fit, which the trial is not; restore() puts it back
    trial.fit(before + options_.num_training_steps, options_.num_training_steps,
        std::make_unique<CurveWatch>(curve_, options_.early_stop_threshold));
    trial.restore();
}

void LearningRateFinder::find(Trainer& trainer, LightningModule& module)
{
    if (trainer.state().fn != TrainerFn::Fit)
        return;
    if (trainer.plan().fast_dev_run > 0) {
        trainer.warn("LearningRateFinder: fast_dev_run leaves the search out");
        if (exits)
            throw TunerExit();
        return;
    }
    const auto attribute = options_.update_attr ? attribute_of(module) : std::string();
    measure(trainer);
    const auto found = suggestion();
    if (!found) {
        trainer.warn(
            fmt::format("LearningRateFinder: {} of {} steps are too few for a suggestion{}",
                curve_.lr.size(), options_.num_training_steps,
                int64_t(curve_.lr.size()) < options_.num_training_steps
                    ? "; look at what ended the search, such as the loss at the largest rates"
                    : "; raise num_training_steps"));
    } else if (options_.update_attr) {
        if (!attribute.empty())
            module.set_attribute(attribute, *found);
        for (auto& optimizer : trainer.optimizers()) {
            for (auto& group : optimizer->param_groups())
                group.lr = *found;
        }
        trainer.message(
            MessageEvent::Level::Info, fmt::format("learning rate set to {}", python_repr(*found)));
    }
    if (exits)
        throw TunerExit();
}

} // namespace leyden
