// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/headless/command_line.h"

#include "app/headless/check_command.h"
#include "app/headless/inspect_command.h"
#include "app/headless/list_command.h"
#include "app/headless/new_command.h"
#include "app/headless/output.h"
#include "app/headless/run_command.h"
#include "app/headless/tune_command.h"
#include "app/headless/weights_command.h"
#include "engine/config/path_roots.h"
#include "engine/core/errors.h"
#include "engine/trainer/builtin_registry.h"
#include "engine/trainer/run_session.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <spdlog/fmt/fmt.h>

#include <functional>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include <csignal>

#include <fcntl.h>
#include <malloc.h>

namespace leyden::headless {
namespace {

/// Of an option that names a file or folder: the shell expands no "~" after "=".
void take_home(CLI::Option* option, bool is_output)
{
    option->transform(CLI::Validator(
        [is_output](std::string& text) {
            auto why = is_output ? refused_output(text) : std::string();
            if (why.empty())
                text = with_home(text);
            return why.empty() ? why : "found \"" + text + "\", " + why;
        },
        std::string()));
}

constexpr const char* dotted_names = "Any key of the config can be set by its dotted name: "
                                     "--trainer.max_epochs=3 --model.init_args.dropout=0.1";

/// All of the command line; one instance a call.
class CommandLine
{
public:
    CommandLine();
    int run(int argc, const char* const* argv);

private:
    CLI::App* add_config_verb(const char* name, const char* help);
    CLI::App* add_config_verb(CLI::App& parent, const char* name, const char* help);
    void add_training_verb(const char* name, TrainerFn fn, const char* help);
    void add_tune_verbs();
    void add_weights_verbs();
    void add_new_verbs();
    using Tune = int (*)(const TuneArguments&, const Registry&);
    void add_tune_verb(CLI::App& parent, const char* name, const char* help,
        const FinderOptions& options, Tune tune);
    std::vector<ConfigOverride> overrides_from(const CLI::App& verb) const;
    [[noreturn]] void throw_no_verb() const;
    void refuse_words_before_the_verb() const;

    CLI::App app_{"Trains, validates, tests and predicts with LibTorch, as PyTorch Lightning's "
                  "Trainer does."};
    RunArguments arguments_;
    TuneArguments tune_;
    ExportArguments export_;
    ImportArguments import_;
    NewConfigArguments new_config_;
    bool quiet_ = false;
    bool verbose_ = false;
    bool no_color_ = false;
    bool as_json_ = false;
    std::string what_;
    std::string file_;
    std::string other_file_;
    std::function<int()> action_;
};

CommandLine::CommandLine()
{
    app_.name("leyden");
    app_.set_version_flag("--version", std::string("leyden ") + LEYDEN_VERSION);
    add_training_verb("fit", TrainerFn::Fit, "Train");
    add_training_verb("validate", TrainerFn::Validate, "Validate a checkpoint");
    add_training_verb("test", TrainerFn::Test, "Test a checkpoint");
    add_training_verb(
        "predict", TrainerFn::Predict, "Write the predictions of a checkpoint to a CSV file");

    auto* check_verb
        = add_config_verb("check", "Validate a config and say what would run; train nothing");
    check_verb->add_flag("--json", as_json_, "For programs");
    check_verb->callback([this, check_verb] {
        arguments_.config.overrides = overrides_from(*check_verb);
        action_ = [this] { return check(arguments_.config, as_json_, builtin_registry()); };
    });

    add_tune_verbs();

    auto* inspect_verb
        = app_.add_subcommand("inspect", "Say what a checkpoint holds, or where two differ");
    take_home(inspect_verb
                  ->add_option("file", file_, "Checkpoint, or weights as .pt, .pth or .safetensors")
                  ->required(),
        /*is_output=*/false);
    take_home(inspect_verb->add_option("other", other_file_, "A second one, to compare with"),
        /*is_output=*/false);
    inspect_verb->add_flag("--json", as_json_, "For programs");
    inspect_verb->callback([this] {
        action_ = [this] {
            return other_file_.empty() ? inspect(file_, as_json_)
                                       : compare(file_, other_file_, as_json_);
        };
    });

    add_weights_verbs();
    add_new_verbs();

    auto* schema_verb = app_.add_subcommand("schema", "Print the JSON Schema of a run config");
    schema_verb->callback([this] {
        action_ = [] {
            print(run_config_schema(builtin_registry()).dump(2));
            return 0;
        };
    });

    auto* list_verb
        = app_.add_subcommand("list", "List what can be named in a config, with its options");
    list_verb
        ->add_option("what", what_,
            "One of: models, data, optimizers, lr_schedulers, callbacks, loggers, trainer, ...")
        ->required()
        ->check(CLI::IsMember(listable()));
    list_verb->add_flag("--json", as_json_, "For programs");
    list_verb->callback([this] {
        action_ = [this] { return list_components(what_, as_json_, builtin_registry()); };
    });

    auto* presets_verb = app_.add_subcommand("presets", "List the presets");
    presets_verb->add_flag("--json", as_json_, "For programs");
    presets_verb->callback([this] { action_ = [this] { return list_presets(as_json_); }; });

    app_.allow_extras();           // said in run(); the verbs above were made without
    app_.require_subcommand(0, 1); // one verb: a second is no word of the first
    app_.footer(dotted_names);
}

CLI::App* CommandLine::add_config_verb(const char* name, const char* help)
{
    return add_config_verb(app_, name, help);
}

CLI::App* CommandLine::add_config_verb(CLI::App& parent, const char* name, const char* help)
{
    auto* verb = parent.add_subcommand(name, help);
    take_home(
        verb->add_option("--config", arguments_.config.config, "Run config, a JSON or YAML file"),
        /*is_output=*/false);
    verb->add_option("--preset", arguments_.config.preset, "A preset by name");
    verb->allow_extras(); // dotted overrides
    verb->footer(dotted_names);
    return verb;
}

void CommandLine::add_training_verb(const char* name, TrainerFn fn, const char* help)
{
    auto* verb = add_config_verb(name, help);
    take_home(verb->add_option("--run_dir", arguments_.run_dir,
                  "Write the run there instead of a new version folder"),
        /*is_output=*/true);
    take_home(verb->add_option("--trace", arguments_.trace,
                  "Write every hook and logged row there, a JSON object a line"),
        /*is_output=*/true);
    if (fn == TrainerFn::Fit)
        take_home(verb->add_option("--replay_events", arguments_.replay_events,
                      "Do again what a person did: the events.jsonl of a run"),
            /*is_output=*/false);
    if (fn == TrainerFn::Predict)
        take_home(verb->add_option("--output", arguments_.output,
                      "File of the predictions; unset: predictions.csv, in the folder of --run_dir "
                      "if there is one"),
            /*is_output=*/true);
    verb->add_flag("--print_config", arguments_.print_config, "Print the resolved config and stop");
    verb->add_flag("--quiet", quiet_, "Show warnings and errors only");
    verb->add_flag("--verbose", verbose_, "Show debug messages too");
    verb->add_flag("--no_color", no_color_, "No colours");
    verb->footer("Any key of the config can be set by its dotted name: --trainer.max_epochs=3, "
                 "--ckpt_path last");
    if (fn == TrainerFn::Fit)
        verb->footer([] { return trainer_help(); }); // made where it is asked for
    verb->callback([this, verb, fn] {
        arguments_.fn = fn;
        arguments_.config.verb = verb->get_name();
        arguments_.config.overrides = overrides_from(*verb);
        action_ = [this] {
            arguments_.style = make_style(quiet_, verbose_, no_color_);
            return run_verb(arguments_, builtin_registry());
        };
    });
}

void CommandLine::add_weights_verbs()
{
    constexpr bool is_output = true;
    auto* export_verb
        = app_.add_subcommand("export", "Write the weights of a checkpoint for elsewhere");
    take_home(export_verb
                  ->add_option("--ckpt_path", export_.ckpt_path,
                      "Checkpoint, state_dict (.pt, .pth) or .safetensors; \"averaged\": the "
                      "averaged weights of a run")
                  ->required(),
        !is_output);
    take_home(export_verb->add_option("--run_dir", export_.run_dir,
                  "Run folder of \"averaged\"; unset: the newest below the working folder"),
        !is_output);
    export_verb
        ->add_option("--format", export_.format,
            "safetensors, state_dict for torch.load, or torchscript for torch.jit.load")
        ->required()
        ->check(CLI::IsMember(export_formats()));
    take_home(export_verb->add_option("--output", export_.output, "File to write")->required(),
        is_output);
    export_verb->callback(
        [this] { action_ = [this] { return export_weights(export_, builtin_registry()); }; });

    auto* import_verb = app_.add_subcommand("import", "Write weights of another layout as ours");
    take_home(
        import_verb
            ->add_option("file", import_.file, "Checkpoint, state_dict (.pt, .pth) or .safetensors")
            ->required(),
        !is_output);
    take_home(import_verb->add_option("--map", import_.map,
                  "JSON file of names: {\"their.name\": \"our.name\", \"their.prefix.\": "
                  "\"our.prefix.\", \"left.out\": null}"),
        !is_output);
    take_home(import_verb
                  ->add_option("--output", import_.output,
                      "File to write: .safetensors, .pt, .pth, or else a checkpoint")
                  ->required(),
        is_output);
    import_verb->callback([this] { action_ = [this] { return import_weights(import_); }; });
}

void CommandLine::add_new_verbs()
{
    auto* verb = app_.add_subcommand("new", "Make a run config for a table");
    auto* config = verb->add_subcommand("config",
        "Print a run config for a CSV file to standard output, and what was guessed to standard "
        "error");
    take_home(config->add_option("table", new_config_.table, "CSV file, or .csv.gz")->required(),
        /*is_output=*/false);
    config->add_option(
        "--target", new_config_.target, "Column to predict; unset: guessed by names, or the last");
    config->callback([this] { action_ = [this] { return new_config(new_config_); }; });
    verb->allow_extras();
    verb->require_subcommand(0, 1);
}

void CommandLine::add_tune_verbs()
{
    auto* verb = app_.add_subcommand(
        "tune", "Find a learning rate, a batch size or a thread count; nothing is written");
    add_tune_verb(*verb, "lr_find",
        "Find a learning rate: train with rising rates, see how the loss goes", lr_find_options(),
        tune_lr);
    add_tune_verb(*verb, "batch_size", "Find the largest batch size that fits into memory",
        batch_size_options(), tune_batch_size);
    add_tune_verb(*verb, "threads", "Find the number of threads that trains fastest",
        threads_options(), tune_threads);
    verb->allow_extras();
    verb->require_subcommand(0, 1);
}

void CommandLine::add_tune_verb(
    CLI::App& parent, const char* name, const char* help, const FinderOptions& options, Tune tune)
{
    auto* verb = add_config_verb(parent, name, help);
    for (const auto& [option, option_help] : options) {
        const auto take = [this, key = option](
                              const std::string& text) { tune_.options.emplace_back(key, text); };
        verb->add_option_function<std::string>("--" + option, take, option_help);
    }
    verb->add_flag("--json", tune_.as_json, "For programs");
    verb->add_flag("--quiet", quiet_, "Show warnings and errors only");
    verb->add_flag("--no_color", no_color_, "No colours");
    verb->callback([this, verb, tune] {
        arguments_.config.overrides = overrides_from(*verb);
        action_ = [this, tune] {
            tune_.config = arguments_.config;
            tune_.style = make_style(quiet_, verbose_, no_color_);
            return tune(tune_, builtin_registry());
        };
    });
}

std::vector<ConfigOverride> CommandLine::overrides_from(const CLI::App& verb) const
{
    std::vector<ConfigOverride> overrides;
    const auto extras = verb.remaining();
    for (size_t i = 0; i < extras.size(); ++i) {
        const auto& word = extras[i];
        if (!word.starts_with("--") || word.size() == 2)
            throw MisconfigurationError(
                fmt::format("'{}': expected an option such as --trainer.max_epochs=3", word));
        if (const auto equals = word.find('='); equals != std::string::npos) {
            overrides.push_back({word.substr(2, equals - 2), word.substr(equals + 1)});
        } else if (i + 1 < extras.size() && !extras[i + 1].starts_with("--")) {
            overrides.push_back({word.substr(2), extras[i + 1]});
            ++i;
        } else {
            throw MisconfigurationError(
                fmt::format("{}: a value is missing; write {}=VALUE", word, word));
        }
    }
    return overrides;
}

void CommandLine::throw_no_verb() const
{
    const CLI::App* asked = &app_;
    while (!asked->get_subcommands().empty()) // those that were named
        asked = asked->get_subcommands().front();
    std::vector<std::string> names;
    for (const auto* verb : asked->get_subcommands([](const CLI::App*) { return true; }))
        names.push_back(verb->get_name());
    const auto extras = asked->remaining();
    throw MisconfigurationError(fmt::format("{}: {}; there are {}", asked->get_name(),
        extras.empty() ? std::string("a verb is missing")
                       : fmt::format("'{}' is not a verb", extras.front()),
        fmt::join(names, ", ")));
}

/// A dotted name before the verb would be nobody's.
void CommandLine::refuse_words_before_the_verb() const
{
    for (const CLI::App* level = &app_; !level->get_subcommands().empty();
        level = level->get_subcommands().front()) {
        const auto extras = level->remaining();
        if (!extras.empty())
            throw MisconfigurationError(
                fmt::format("'{}' is before '{}'; the verb comes first, then its options",
                    extras.front(), level->get_subcommands().front()->get_name()));
    }
}

int CommandLine::run(int argc, const char* const* argv)
{
    try {
        app_.parse(argc, argv);
        if (!action_)
            throw_no_verb();
        refuse_words_before_the_verb();
        return action_();
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) { // --help, --version
            std::ostringstream text;
            app_.exit(error, text, text);
            print(text.str());
            return 0;
        }
        tell_error(
            make_style(false, false, no_color_), std::string(error.what()) + "; see leyden --help");
        return 2;
    } catch (const std::exception& error) {
        RunOutcome outcome;
        describe_failure(error, outcome);
        tell_error(make_style(false, false, no_color_), outcome.failure);
        return outcome.exit_code;
    }
}

} // namespace

int run_command_line(int argc, const char* const* argv)
{
    // glibc gives freed memory back to the system and faults it in again: large optimizers lose two
    // thirds of their speed that way.
    mallopt(M_MMAP_THRESHOLD, 1 << 30);
    mallopt(M_TRIM_THRESHOLD, 0x7fffffff);
    std::signal(SIGPIPE, SIG_IGN); // a reader that leaves (leyden fit | head) ends no training
    // What the caller closed must not become the number of a run's own file.
    for (int standard = 0; standard <= 2; ++standard) {
        if (fcntl(standard, F_GETFD) == -1) [[maybe_unused]]
            const int opened = open("/dev/null", O_RDWR);
    }
    const int code = CommandLine().run(argc, argv);
    if (code != 0 || output_failure().empty())
        return code;
    tell_error(
        make_style(false, false, false), "standard output cannot be written: " + output_failure());
    return 3;
}

} // namespace leyden::headless
