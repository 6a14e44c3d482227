// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/made_up_component.h"

namespace leyden::test {

struct MadeUpDataOptions
{
    std::string path = "made_up.csv";
    int64_t batch_size = 32;
};
struct MadeUpOptimizerOptions
{
    double lr = 0.1;
};
struct MadeUpSchedulerOptions
{
    double gamma = 0.5;
};
struct MadeUpCallbackOptions
{
    int64_t patience = 3;
};
struct MadeUpRequiredOptions
{
    std::string monitor;
};
struct MadeUpLoggerOptions
{
    std::string save_dir = ".";
};

void describe(OptionTable<MadeUpDataOptions>& table)
{
    table.add("path", &MadeUpDataOptions::path, "File with the data").input_path();
    table.add("batch_size", &MadeUpDataOptions::batch_size, "Rows of a batch").at_least(1);
}

void describe(OptionTable<MadeUpOptimizerOptions>& table)
{
    table.add("lr", &MadeUpOptimizerOptions::lr, "Learning rate").at_least(0);
}

void describe(OptionTable<MadeUpSchedulerOptions>& table)
{
    table.add("gamma", &MadeUpSchedulerOptions::gamma, "Factor of each step").above(0);
}

void describe(OptionTable<MadeUpCallbackOptions>& table)
{
    table.add("patience", &MadeUpCallbackOptions::patience, "How long to wait").at_least(0);
}

void describe(OptionTable<MadeUpRequiredOptions>& table)
{
    table.add("monitor", &MadeUpRequiredOptions::monitor, "Metric to watch").required().not_empty();
}

void describe(OptionTable<MadeUpLoggerOptions>& table)
{
    table.add("save_dir", &MadeUpLoggerOptions::save_dir, "Folder to write to");
}

void describe(OptionTable<MadeUpOptions>& table)
{
    using T = MadeUpOptions;
    const std::vector<std::pair<std::string, MadeUpMode>> modes
        = {{"min", MadeUpMode::Min}, {"max", MadeUpMode::Max}};
    table.add("required_text", &T::required_text, "Text that has to be given")
        .required()
        .not_empty();
    table.begin_group("Scalars");
    table.add("flag", &T::flag, "On or off");
    table.add("count", &T::count, "A whole number").at_least(1).at_most(100).unit("pieces");
    table.add("rate", &T::rate, "A number").above(0).below(1).details("Neither 0 nor 1.");
    table.add("threshold", &T::threshold, "A number that may be infinite").non_finite().advanced();
    table.add("label", &T::label, "Any text");
    table.add("choice", &T::choice, "One of three texts").choices({"first", "second", "third"});
    table.add("loose_choice", &T::loose_choice, "One of two texts in any case; a third comes later")
        .choices({"small", "large"})
        .later({"huge"})
        .ignore_case();
    table.add("mode", &T::mode, "One of an enum's values").choices(modes);
    table.begin_group("Scalars or null");
    table.add("maybe_flag", &T::maybe_flag, "On, off or unset");
    table.add("maybe_count", &T::maybe_count, "A whole number or unset").at_least(0).not_value(5);
    table.add("maybe_rate", &T::maybe_rate, "A number or unset").at_least(0);
    table.add("maybe_label", &T::maybe_label, "A text or unset");
    table.add("maybe_mode", &T::maybe_mode, "A choice or unset").choices(modes);
    table.begin_group("Lists");
    table.add("sizes", &T::sizes, "Whole numbers").each_at_least(1);
    table.add("rates", &T::rates, "Numbers").each_above(0).each_at_most(2);
    table.add("labels", &T::labels, "Texts, one at least").choices({"a", "b", "c"}).not_empty();
    table.add("modes", &T::modes, "Choices").choices(modes);
    table.add("betas", &T::betas, "Two numbers").each_at_least(0).each_below(1).advanced();
    table.begin_group("Alternatives");
    table.add("amount", &T::amount, "A whole number or a share").at_least(0);
    table.add("switch_or_count", &T::switch_or_count, "Off, on, or how many").at_least(1);
    table.add("number_or_text", &T::number_or_text, "A number, a text or unset");
    table.add("weights", &T::weights, "A number for each name").each_at_least(0);
    table.begin_group("Texts with a meaning");
    table.add("time", &T::time, "A time")
        .pattern("\\d+:\\d\\d:\\d\\d:\\d\\d", "a time \"DD:HH:MM:SS\"");
    table.add("file", &T::file, "A file that is read").input_path({"none"});
    table.add("files", &T::files, "Files that are read").input_path().advanced();
    table.begin_group("Components");
    table.add("part", &T::part, "A callback or none").component(ComponentKind::Callback);
    table.add("parts", &T::parts, "Callbacks").component(ComponentKind::Callback);
    table.add("switch_or_parts", &T::switch_or_parts, "Off, on, a logger, or some")
        .component(ComponentKind::Logger)
        .advanced();
    table.begin_group("Relations");
    table.add("future", &T::future, "Something that is not there yet").at_least(0).not_yet();
    table.add("dependent", &T::dependent, "Matters for the second choice")
        .depends_on("choice", "second")
        .depends_on("flag");
    table.add("least", &T::least, "Not above most");
    table.add("most", &T::most, "Not below least");
    table.check([](const T& options, OptionClashes& clashes) {
        if (options.least > options.most)
            clashes.add("least",
                "found " + std::to_string(options.least)
                    + " with most = " + std::to_string(options.most) + "; expected most or less");
    });
}

void register_made_up_components(Registry& registry)
{
    registry.add<MadeUpOptions>(
        ComponentKind::Model, "MadeUpModel", "Has an option of every kind", {});
    registry.add<MadeUpDataOptions>(ComponentKind::Data, "MadeUpData", "Reads nothing", {});
    registry.add<MadeUpOptimizerOptions>(
        ComponentKind::Optimizer, "MadeUpSGD", "Steps nowhere", {});
    registry.add<MadeUpOptimizerOptions>(
        ComponentKind::Optimizer, "MadeUpAdam", "Steps nowhere else", {});
    registry.add<MadeUpSchedulerOptions>(
        ComponentKind::LRScheduler, "MadeUpDecay", "Changes nothing", {});
    registry.add<MadeUpCallbackOptions>(ComponentKind::Callback, "MadeUpCallback", "Waits", {});
    registry.add<MadeUpRequiredOptions>(ComponentKind::Callback, "MadeUpRequired", "Watches", {});
    registry.add<MadeUpLoggerOptions>(ComponentKind::Logger, "MadeUpLogger", "Writes nowhere", {});
}

} // namespace leyden::test
