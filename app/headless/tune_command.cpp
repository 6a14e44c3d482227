// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/headless/tune_command.h"

#include "engine/config/option_table.h"
#include "engine/core/errors.h"
#include "engine/core/lightning_module.h"
#include "engine/core/number_text.h"
#include "engine/trainer/build_run.h"
#include "engine/trainer/run_control.h"
#include "engine/trainer/signal_guard.h"
#include "engine/trainer/trainer.h"
#include "engine/tuner/tuner.h"

#include <nlohmann/json.hpp>

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>

namespace leyden::headless {
namespace {
using Document = nlohmann::ordered_json;

/// Warnings of the trials go to standard error.
class Warnings final : public RunObserver
{
public:
    explicit Warnings(Style style) : style_(style) { }
    void on_event(const RunEvent& event) override
    {
        if (const auto* message = std::get_if<MessageEvent>(&event);
            message && message->level >= MessageEvent::Level::Warning)
            tell_warning(style_, message->text);
    }

private:
    Style style_;
};

/// A run of the config that writes nothing. Its callbacks would be set aside anyway.
struct TuneRun
{
    TuneRun(const TuneArguments& arguments, const Registry& registry)
        : signals(control), warnings(arguments.style)
    {
        auto config = read_config(arguments.config, registry);
        config.trainer.logger = false;
        config.trainer.callbacks.reset();
        config.trainer.profiler.reset();
        config.trainer.enable_checkpointing = false;
        config.trainer.enable_model_summary = false;
        TrainerParts parts;
        parts.control = &control;
        parts.handles_signals = false; // this command does
        parts.observer = &warnings;
        run = build_run(config, registry, std::move(parts), {});
    }

    RunControl control;
    SignalGuard signals;
    Warnings warnings;
    BuiltRun run;
};

template <class Options> FinderOptions names_of()
{
    FinderOptions names;
    for (const auto& option : options_of<Options>().options)
        names.emplace_back(option.name, option.help);
    return names;
}

/// A word of the command line is JSON where it can be, else text.
template <class Options> Options read(const TuneArguments& arguments)
{
    auto init_args = Json::object();
    for (const auto& [name, text] : arguments.options) {
        auto value = Json::parse(text, nullptr, /*allow_exceptions=*/false);
        init_args[name] = value.is_discarded() || value.is_object() || value.is_array()
            ? Json(text)
            : std::move(value);
    }
    return read_options<Options>(init_args);
}

Document number(double value)
{
    return std::isfinite(value) ? Document(value)
                                : Document(std::isnan(value) ? "NaN"
                                          : value > 0        ? "Infinity"
                                                             : "-Infinity");
}

struct NamedMethod
{
    const char* name;
    SuggestionMethod method;
    const char* help;
};
constexpr NamedMethod methods[]{
    {"lightning", SuggestionMethod::Lightning, "steepest fall over the rate"},
    {"steepest", SuggestionMethod::Steepest, "steepest fall over its logarithm"},
    {"valley", SuggestionMethod::Valley, "middle of the longest fall"},
    {"minimum", SuggestionMethod::Minimum, "a tenth of the rate with the lowest loss"}};

/// What a search would need and the config leaves out; "" where there is nothing.
std::string missing(const Trainer& trainer)
{
    if (trainer.plan().fast_dev_run > 0)
        return "nothing was tried: fast_dev_run leaves the search out; set fast_dev_run to false";
    if (trainer.plan().limit_train_batches.is_zero())
        return "nothing was tried: limit_train_batches = 0 trains nothing; raise it";
    return {};
}

void print_lr(const LRFinder& found, const std::string& lack, bool as_json)
{
    const auto& curve = found.curve;
    if (as_json) {
        Document document{{"suggestion", nullptr}, {"suggestions", Document::object()},
            {"lr", Document::array()}, {"loss", Document::array()}};
        if (const auto best = found.suggestion())
            document["suggestion"] = *best;
        for (const auto& [name, method, help] : methods) {
            const auto lr = suggested_lr(curve, method);
            document["suggestions"][name] = lr ? Document(*lr) : Document(nullptr);
        }
        for (size_t i = 0; i < curve.loss.size(); ++i) {
            document["lr"].push_back(number(curve.lr[i]));
            document["loss"].push_back(number(curve.loss[i]));
        }
        print(document.dump(2));
        return;
    }
    // About 20 lines show the curve's shape; --json has every point.
    const size_t count = curve.loss.size();
    const size_t step = std::max<size_t>(1, count / 20);
    std::string text = fmt::format("{:>6}  {:>12}  {:>12}\n", "step", "lr", "loss");
    for (size_t i = 0; i < count; ++i) {
        if (i % step == 0 || i + 1 == count)
            text += fmt::format(
                "{:>6}  {:>12.4g}  {:>12.6g}\n", i, curve.lr[i], unsigned_nan(curve.loss[i]));
    }
    if (!lack.empty())
        return print(lack);
    text += "\nsuggestions\n";
    for (const auto& [name, method, help] : methods) {
        const auto lr = suggested_lr(curve, method);
        text
            += fmt::format("{} {:<10} {:>12}  {}\n", method == found.options.suggestion ? '>' : ' ',
                name, lr ? fmt::format("{:.4g}", *lr) : "none", help);
    }
    if (const auto best = found.suggestion())
        text += fmt::format("\nuse it: --optimizer.init_args.lr={}", python_repr(*best));
    else
        text += fmt::format("\n{} of {} steps are too few for a suggestion{}", count,
            found.options.num_training_steps,
            int64_t(count) < found.options.num_training_steps ? "; the loss ended the search"
                                                              : "; raise --num_training_steps");
    print(text);
}

/// What there is to know of a size that is not among those that fit: a search ends where
/// Lightning's does, which doubles once more than it tries.
std::string doubts(const BatchSizeSearch& found, const BatchSizeFinderOptions& options)
{
    const auto size = *found.batch_size;
    const auto largest = found.largest_fit();
    if (largest && size <= *largest)
        return {};
    std::string text = fmt::format("\n{} itself was not tried", size);
    if (size > options.max_val)
        text += fmt::format(
            " and is above max_val = {}, as Lightning's search ends", options.max_val);
    if (largest)
        text += fmt::format("; the largest size that was tried and fits: {}", *largest);
    return text;
}

/// Above this share of the time without a free core a measurement says more about the others.
constexpr double busy_share = 0.1;

void print_threads(const ThreadsSearch& found, const std::string& lack, bool as_json)
{
    const auto best = found.suggestion();
    if (as_json) {
        Document document{{"suggestion", best ? Document(*best) : Document(nullptr)},
            {"trials", Document::array()}, {"cpu_wait_share", found.cpu_wait_share}};
        for (const auto& trial : found.trials)
            document["trials"].push_back(
                {{"threads", trial.threads}, {"seconds_per_batch", trial.seconds_per_batch}});
        print(document.dump(2));
        return;
    }
    if (!best)
        return print(lack.empty() ? "nothing was tried: there is no training batch" : lack);
    std::string text
        = fmt::format("  {:>7}  {:>10}  {:>10}\n", "threads", "ms a batch", "batches/s");
    for (const auto& [threads, seconds] : found.trials)
        text += fmt::format("{} {:>7}  {:>10.4g}  {:>10.1f}\n", threads == *best ? '>' : ' ',
            threads, 1e3 * seconds, 1 / seconds);
    text += fmt::format("\nuse it: --num_threads={}", *best);
    if (found.cpu_wait_share > busy_share)
        text += fmt::format("\nthe trials waited for the CPU {:.0f} % of the time: other programs "
                            "use it; try again when they are done",
            1e2 * found.cpu_wait_share);
    print(text);
}

} // namespace

FinderOptions lr_find_options()
{
    return names_of<LearningRateFinderOptions>();
}

FinderOptions batch_size_options()
{
    return names_of<BatchSizeFinderOptions>();
}

FinderOptions threads_options()
{
    return names_of<ThreadsFinderOptions>();
}

int tune_lr(const TuneArguments& arguments, const Registry& registry)
{
    const auto options = read<LearningRateFinderOptions>(arguments);
    TuneRun tune(arguments, registry);
    const auto found = Tuner(*tune.run.trainer).lr_find(*tune.run.module, *tune.run.data, options);
    print_lr(found, missing(*tune.run.trainer), arguments.as_json);
    return 0;
}

int tune_batch_size(const TuneArguments& arguments, const Registry& registry)
{
    const auto options = read<BatchSizeFinderOptions>(arguments);
    TuneRun tune(arguments, registry);
    const auto found
        = Tuner(*tune.run.trainer).scale_batch_size(*tune.run.module, *tune.run.data, options);
    if (arguments.as_json) {
        Document document{
            {"batch_size", nullptr}, {"largest_fit", nullptr}, {"trials", Document::array()}};
        if (found.batch_size)
            document["batch_size"] = *found.batch_size;
        if (const auto largest = found.largest_fit())
            document["largest_fit"] = *largest;
        for (const auto& trial : found.trials)
            document["trials"].push_back({{"batch_size", trial.batch_size}, {"fits", trial.fits}});
        print(document.dump(2));
        return 0;
    }
    if (!found.batch_size) {
        print(missing(*tune.run.trainer));
        return 0;
    }
    std::string text = fmt::format("{:>12}\n", "batch size");
    for (const auto& trial : found.trials)
        text
            += fmt::format("{:>12}  {}\n", trial.batch_size, trial.fits ? "fits" : "out of memory");
    text += fmt::format(
        "\nuse it: --data.init_args.{}={}", options.batch_arg_name, *found.batch_size);
    print(text + doubts(found, options));
    return 0;
}

int tune_threads(const TuneArguments& arguments, const Registry& registry)
{
    const auto options = read<ThreadsFinderOptions>(arguments);
    TuneRun tune(arguments, registry);
    const auto found
        = Tuner(*tune.run.trainer).find_threads(*tune.run.module, *tune.run.data, options);
    print_threads(found, missing(*tune.run.trainer), arguments.as_json);
    return 0;
}

} // namespace leyden::headless
