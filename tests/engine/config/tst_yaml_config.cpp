// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/config/config_file.h"

#include "engine/config/json_text.h"
#include "engine/config/lightning_cli.h"
#include "engine/config/registry.h"
#include "engine/config/run_config.h"
#include "engine/core/errors.h"
#include "tests/engine/config/config_cases.h"
#include "tests/support/made_up_component.h"
#include "tests/support/test_program.h"

#include <QtCore/QFile>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

namespace tst_yaml_config {
using namespace leyden;
using namespace leyden::test;

namespace {

QByteArray bytes(const std::string& text)
{
    return QByteArray::fromStdString(text);
}

QByteArray dumped(const Json& json)
{
    return bytes(json.dump());
}

struct FewOptions
{
    bool switched = false;
};
struct WatchingOptions
{
    std::string name = "x";
};
struct PlateauOptions
{
    double factor = 0.1;
};

void describe(OptionTable<FewOptions>& table)
{
    table.add("switched", &FewOptions::switched, "On or off");
}
void describe(OptionTable<WatchingOptions>& table)
{
    table.add("name", &WatchingOptions::name, "Any text");
}
void describe(OptionTable<PlateauOptions>& table)
{
    table.add("factor", &PlateauOptions::factor, "Factor of each step");
}

const std::string smallest_yaml = "model:\n"
                                  "  class_path: MadeUpModel\n"
                                  "  init_args: {required_text: x}\n"
                                  "data: MadeUpData\n"
                                  "optimizer: MadeUpSGD\n";

} // namespace

class TestYamlConfig final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        register_made_up_components(m_registry);
        m_registry.add<WatchingOptions>(ComponentKind::Callback, "EarlyStopping", "Watches", {});
        m_registry.add<FewOptions>(ComponentKind::Logger, "CSVLogger", "Writes", {});
        m_registry.add<FewOptions>(ComponentKind::Optimizer, "AdamW", "Steps", {});
        m_registry.add<FewOptions>(ComponentKind::LRScheduler, "StepLR", "Changes", {});
        m_registry.add<PlateauOptions>(
            ComponentKind::LRScheduler, "ReduceLROnPlateau", "Waits", {});
        QVERIFY(m_folder.isValid());
    }
    void init()
    {
        for (const auto* variable : {"PL_GLOBAL_SEED", "PL_TRAINER_MAX_EPOCHS"})
            qunsetenv(variable);
    }

    void theOptionDecidesWhatAScalarIs_data()
    {
        QTest::addColumn<QByteArray>("option");
        QTest::addColumn<QByteArray>("yaml");
        QTest::addColumn<QByteArray>("json");
        const auto row = [](const char* option, const char* yaml, const char* json) {
            QTest::addRow("%s: %s", option, yaml)
                << QByteArray(option) << QByteArray(yaml) << QByteArray(json);
        };
        for (const auto* on : {"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"})
            row("flag", on, "true");
        for (const auto* off : {"false", "no", "No", "NO", "off"})
            row("flag", off, "false");
        row("maybe_flag", "no", "false");
        row("maybe_flag", "~", "null");
        row("maybe_flag", "", "null");
        for (const auto* text : {"no", "yes", "null", "~", "1", "1e-3", "0o17", "1_000", ".inf",
                 "12:30:00", "2001-01-01", "on", "0x1F", "true"})
            row("label", text, ("\"" + QByteArray(text) + "\"").constData());
        row("label", "'no'", "\"no\"");
        row("label", "\"\"", "\"\"");
        row("maybe_label", "no", "\"no\"");
        row("maybe_label", "NULL", "null");
        row("maybe_label", "'null'", "\"null\"");
        row("count", "1_0", "10");
        row("count", "0x1F", "31");
        row("count", "0o17", "15");
        row("rate", "1e-3", "0.001");
        row("rate", ".5", "0.5");
        row("threshold", ".inf", "\"Infinity\"");
        row("threshold", "-.inf", "\"-Infinity\"");
        row("threshold", "1", "1");
        row("threshold", "!!float 1", "1");
        row("amount", "3", "3");
        row("amount", "3.0", "3.0");
        row("amount", "1e0", "1.0");
        row("switch_or_count", "on", "true");
        row("switch_or_count", "2", "2");
        row("number_or_text", "1e2", "100.0");
        row("number_or_text", "'1e2'", "\"1e2\"");
        row("number_or_text", "no", "\"no\"");
        row("time", "00:12:30:00", "\"00:12:30:00\"");
        row("sizes", "[1, 0x10]", "[1,16]");
        row("betas", "[0., 1e-1]", "[0.0,0.1]");
        row("modes", "[min, max]", "[\"min\",\"max\"]");
        row("weights", "{no: 1, 2: 1e-3}", R"({"no":1,"2":0.001})");
        row("part", "MadeUpCallback",
            R"({"class_path":"MadeUpCallback","init_args":{"patience":3}})");
        row("part", "{class_path: MadeUpCallback, init_args: {patience: 0b11}}",
            R"({"class_path":"MadeUpCallback","init_args":{"patience":3}})");
        row("switch_or_parts", "no", "false");
        row("switch_or_parts", "[MadeUpLogger]",
            R"([{"class_path":"MadeUpLogger","init_args":{"save_dir":"."}}])");
    }
    void theOptionDecidesWhatAScalarIs()
    {
        QFETCH(const QByteArray, option);
        QFETCH(const QByteArray, yaml);
        QFETCH(const QByteArray, json);
        const auto config = load("model: {class_path: MadeUpModel, init_args: {required_text: no, "
            + option.toStdString() + ": " + yaml.toStdString() + "}}\ndata: MadeUpData\n"
            + "optimizer: MadeUpSGD\n");
        const auto& arguments = config.resolved["model"]["init_args"];
        QCOMPARE(bytes(arguments[option.toStdString()].dump()), json);
        QCOMPARE(bytes(arguments["required_text"].dump()), QByteArray("\"no\""));
    }

    void refuses_data()
    {
        QTest::addColumn<QByteArray>("line");
        QTest::addColumn<QByteArray>("says");
        const auto row = [](const char* line, const char* says) {
            QTest::newRow(line) << QByteArray(line) << QByteArray(says);
        };
        row("trainer: {precison: 32}",
            "/trainer/precison: unknown option; did you mean \"precision\"? (run.yaml, line 6)");
        row("trainer: {max_epochs: \"3\"}",
            "/trainer/max_epochs: found \"3\", expected a whole number >= -1, or null; write it "
            "without quotes (run.yaml, line 6)");
        row("trainer: {max_epochs: 12:30:00}", "/trainer/max_epochs: found \"12:30:00\", expected");
        row("trainer: {max_epochs: 1e999}", "/trainer/max_epochs: found \"1e999\", expected");
        row("trainer: {max_time: 12:30:00}", "/trainer/max_time: found \"12:30:00\", expected");
        row("trainer: {deterministic: maybe}", "/trainer/deterministic: found \"maybe\", expected");
        row("trainer: {detect_anomaly: 1}", "found 1, expected true or false");
        row("trainer:\n  callbacks:\n  - class_path: MadeUpRequired\n",
            "/trainer/callbacks/0/init_args/monitor: missing; expected text that is not empty "
            "(run.yaml, line 8)");
        row("trainer:\n  callbacks:\n  - class_path: MadeUpRequired\n    init_args: {monitor: }\n",
            "/trainer/callbacks/0/init_args/monitor: found null, expected text that is not empty "
            "(run.yaml, line 9)");
        row("trainer: [1]", "/trainer: found [1], expected an object (run.yaml, line 6)");
        row("lr_scheduler: torch.optim.AdamW",
            "/lr_scheduler: found \"torch.optim.AdamW\", a class of Python that Leyden does not "
            "have; known are \"MadeUpDecay\", \"StepLR\" or \"ReduceLROnPlateau\" (run.yaml, line "
            "6)");
        row("trainer: {callbacks: {class_path: my_project.tools.EarlyStoping}}",
            "/trainer/callbacks/class_path: found \"my_project.tools.EarlyStoping\", a class of "
            "Python that Leyden does not have; did you mean \"EarlyStopping\"? known are");
        row("lr_scheduler: {class_path: null}",
            "/lr_scheduler/class_path: found \"null\", which is no known");
        row("seed_everything: [1]", "/seed_everything: found [1], expected a whole number");
        row("seed_everything: maybe", "/seed_everything: found \"maybe\", expected a whole number");
        row("verbose: 3", "/verbose: unknown option");
        row("data: MadeUpData", "line 6, column 1: not valid YAML, the key \"data\" is already in");
        row("  trainer: {}", "line 6, column ");
    }
    void refuses()
    {
        QFETCH(const QByteArray, line);
        QFETCH(const QByteArray, says);
        const auto text = problem(smallest_yaml + line.toStdString());
        QVERIFY2(text.contains(says), text.constData());
        QVERIFY2(!text.contains("yaml-cpp"), text.constData());
    }

    void namesTheFile()
    {
        QVERIFY(problem("a: [").contains("run.yaml: line "));
        QVERIFY(problem("# nothing\n").contains("run.yaml: the text holds no value"));
        QVERIFY(problem(" \n").contains("run.yaml: is empty; expected a run config"));
        const auto text = problem("word");
        QVERIFY2(text.contains("run.yaml: found \"word\", expected an object"), text.constData());
    }

    // What the command line or the environment says has no line in the file.
    void namesNoLineOfWhatComesFromElsewhere()
    {
        const auto file = write("run.yaml", smallest_yaml + "trainer: {min_epochs: 1}\n");
        const auto text = problem_of([&] {
            load_run_config(file,
                {{"trainer.min_epochs", "-1"}, {"trainer.max_steps", "x"},
                    {"model.init_args.label", "3"}},
                m_registry, m_roots);
        });
        QCOMPARE(text.count('\n'), 2);
        QVERIFY2(!text.contains("line"), text.constData());
        qputenv("PL_TRAINER_MAX_EPOCHS", "x");
        const auto other = problem_of([&] { load_run_config(file, {}, m_registry, m_roots); });
        QVERIFY2(
            other.contains("PL_TRAINER_MAX_EPOCHS") && !other.contains("line"), other.constData());
    }

    void readsByTheEndingOfTheName()
    {
        const auto json = smallest_config().dump();
        for (const auto* name : {"a.json", "a.yaml", "a.YML", "a", "a.conf"})
            QCOMPARE(
                config_from_text(json, name, m_registry).document.dump(), smallest_config().dump());
        for (const auto* name : {"a.yaml", "a.yml", "a", "a.conf"})
            QCOMPARE(dumped(config_from_text(smallest_yaml, name, m_registry).document["data"]),
                dumped(Json("MadeUpData")));
        const auto text
            = problem_of([&] { config_from_text(smallest_yaml, "a.json", m_registry); });
        QVERIFY2(text.contains("a.json: line 1, column 1: not valid JSON"), text.constData());
        QVERIFY2(text.contains("a YAML file is named .yaml"), text.constData());
    }

    // JSON is YAML too: every good config of the tests means the same when it is read as YAML.
    void readsJsonAsYaml()
    {
        for (const auto& config_case : config_cases()) {
            if (config_case.pointer != "-")
                continue;
            for (const int indent : {-1, 2}) {
                const auto text = config_case.document.dump(indent);
                const auto yaml = config_from_text(text, "a.yaml", m_registry);
                const auto json = config_from_text(text, "a.json", m_registry);
                QCOMPARE(bytes(yaml.document.dump()), bytes(json.document.dump()));
            }
        }
    }

    void knowsClassPaths_data()
    {
        QTest::addColumn<int>("kind");
        QTest::addColumn<QByteArray>("path");
        QTest::addColumn<QByteArray>("name");
        const auto row = [](ComponentKind kind, const char* path, const char* name) {
            QTest::newRow(path) << int(kind) << QByteArray(path) << QByteArray(name);
        };
        using K = ComponentKind;
        row(K::Callback, "lightning.pytorch.callbacks.EarlyStopping", "EarlyStopping");
        row(K::Callback, "lightning.pytorch.callbacks.early_stopping.EarlyStopping",
            "EarlyStopping");
        row(K::Callback, "pytorch_lightning.callbacks.EarlyStopping", "EarlyStopping");
        row(K::Callback, "EarlyStopping", "EarlyStopping");
        row(K::Callback, "lightning.pytorch.callbacksx.EarlyStopping",
            "lightning.pytorch.callbacksx.EarlyStopping");
        row(K::Callback, "mine.EarlyStopping", "mine.EarlyStopping");
        row(K::Callback, "lightning.pytorch.callbacks.Unknown",
            "lightning.pytorch.callbacks.Unknown");
        row(K::Logger, "lightning.pytorch.loggers.CSVLogger", "CSVLogger");
        row(K::Optimizer, "torch.optim.AdamW", "AdamW");
        row(K::Optimizer, "torch.optim.adamw.AdamW", "AdamW");
        row(K::Optimizer, "torch.optimizers.AdamW", "torch.optimizers.AdamW");
        row(K::LRScheduler, "torch.optim.lr_scheduler.StepLR", "StepLR");
        row(K::LRScheduler, "torch.optim.StepLR", "torch.optim.StepLR");
        row(K::LRScheduler, "lightning.pytorch.cli.ReduceLROnPlateau", "ReduceLROnPlateau");
        row(K::Model, "torch.optim.MadeUpModel", "torch.optim.MadeUpModel");
        row(K::Optimizer, ".", ".");
        row(K::Optimizer, "torch.optim.", "torch.optim.");
    }
    void knowsClassPaths()
    {
        QFETCH(const int, kind);
        QFETCH(const QByteArray, path);
        QTEST(bytes(our_class(ComponentKind(kind), path.toStdString(), m_registry)), "name");
    }

    void takesClassPathsFromEverywhere()
    {
        const auto config
            = load_run_config(write("run.yaml",
                                  smallest_yaml
                                      + "trainer:\n"
                                        "  callbacks: lightning.pytorch.callbacks.EarlyStopping\n"
                                        "  logger: [pytorch_lightning.loggers.CSVLogger]\n"),
                {{"optimizer", "torch.optim.AdamW"},
                    {"lr_scheduler", R"({"class_path": "torch.optim.lr_scheduler.StepLR"})"}},
                m_registry, m_roots);
        QCOMPARE(config.optimizer.class_path, std::string("AdamW"));
        QCOMPARE(config.lr_scheduler->scheduler.class_path, std::string("StepLR"));
        const auto& trainer = config.resolved["trainer"];
        QCOMPARE(dumped(trainer["callbacks"]["class_path"]), dumped(Json("EarlyStopping")));
        QCOMPARE(dumped(trainer["logger"][0]["class_path"]), dumped(Json("CSVLogger")));

        // as JSON, too; an override of the same class keeps its arguments
        auto document = smallest_config();
        document["trainer"]["callbacks"] = Json::parse(
            R"([{"class_path": "lightning.pytorch.callbacks.EarlyStopping", "init_args": {"name": "a"}}])");
        const auto same = load_run_config(document, "it",
            {{"trainer.callbacks.0.class_path", "EarlyStopping"}}, m_registry, m_roots);
        QCOMPARE(dumped(same.resolved["trainer"]["callbacks"][0]["init_args"]["name"]),
            dumped(Json("a")));
    }

    void movesTheMonitorOfAPlateau()
    {
        const auto config = load(smallest_yaml
            + "lr_scheduler:\n"
              "  class_path: lightning.pytorch.cli.ReduceLROnPlateau\n"
              "  init_args: {monitor: no, factor: 5e-1}\n");
        QCOMPARE(bytes(*config.lr_scheduler->monitor), QByteArray("no"));
        QCOMPARE(bytes(config.lr_scheduler->scheduler.init_args.dump()),
            QByteArray(R"({"factor":0.5})"));
    }

    void takesDictKwargs()
    {
        const auto config = load(smallest_yaml
            + "trainer:\n"
              "  callbacks:\n"
              "  - class_path: EarlyStopping\n"
              "    dict_kwargs: {name: 1}\n"
              "  - class_path: EarlyStopping\n"
              "    init_args: {name: a}\n"
              "    dict_kwargs: {}\n");
        const auto& callbacks = config.resolved["trainer"]["callbacks"];
        QCOMPARE(dumped(callbacks[0]["init_args"]["name"]), dumped(Json("1")));
        QCOMPARE(dumped(callbacks[1]["init_args"]["name"]), dumped(Json("a")));
    }

    void leavesOutWhatOnlyPythonNeeds()
    {
        for (const auto* more : {"weights_only: null", "weights_only: true", "verbose: yes",
                 "return_predictions:", "ckpt_path: null"}) {
            const auto config = load(smallest_yaml + more + "\n");
            QVERIFY(config.resolved.contains("ckpt_path"));
            QVERIFY(!config.resolved.contains("verbose"));
        }
    }

    void leavesOutArgumentsThatOnlyPythonHasAUseFor()
    {
        m_registry.add<FewOptions>(
            ComponentKind::Callback, "StochasticWeightAveraging", "Averages", {});
        m_registry.add<FewOptions>(ComponentKind::Callback, "RichProgressBar", "Draws", {});
        load(smallest_yaml
            + "trainer:\n"
              "  callbacks:\n"
              "  - class_path: lightning.pytorch.callbacks.StochasticWeightAveraging\n"
              "    init_args: {avg_fn: null}\n"
              "  - class_path: RichProgressBar\n"
              "    init_args:\n"
              "      theme: {class_path: lightning.pytorch.callbacks.RichProgressBarTheme}\n");
        const auto text = problem(smallest_yaml
            + "trainer: {callbacks: {class_path: StochasticWeightAveraging, init_args: {avg_fn: "
              "mine.average}}}\n");
        QVERIFY2(text.contains("/init_args/avg_fn: unknown option"), text.constData());
    }

    void seedsAsLightningCliDoes()
    {
        const auto seed = [&](const char* text) {
            return load(smallest_yaml + "seed_everything: " + text + "\n").seed_everything;
        };
        QCOMPARE(seed("true"), int64_t(0));
        QCOMPARE(seed("yes"), int64_t(0));
        QCOMPARE(seed("null"), int64_t(0)); // of a CLI with seed_everything_default=None
        QCOMPARE(seed("7"), int64_t(7));
        qputenv("PL_GLOBAL_SEED", "1234");
        QCOMPARE(seed("true"), int64_t(1234));
        QCOMPARE(seed("null"), int64_t(1234));
        QCOMPARE(seed("7"), int64_t(7));
        QVERIFY(seed("false") != seed("no")); // one draw in 4 billion is equal
        const auto said = load_run_config(
            smallest_config(), "it", {{"seed_everything", "true"}}, m_registry, m_roots);
        QCOMPARE(said.seed_everything, int64_t(1234));
    }

    /// LightningCLI writes so where the module makes its own optimizer.
    void takesNullForNoComponent()
    {
        const auto scheduler = load(smallest_yaml + "lr_scheduler: null\n").resolved;
        QCOMPARE(dumped(scheduler["lr_scheduler"]), QByteArray("null"));
        auto text = smallest_yaml;
        const auto at = text.find("optimizer: MadeUpSGD");
        for (const auto* none : {"null", "~", "NULL"}) {
            const auto file = write("run.yaml", text.substr(0, at) + "optimizer: " + none + "\n");
            const auto problem
                = problem_of([&] { load_run_config(file, {}, m_registry, m_roots); });
            QVERIFY2(problem.contains("/optimizer: found null, expected the name of an optimizer"),
                problem.constData());
        }
    }

    void picksASection()
    {
        std::string indented = "  " + smallest_yaml;
        for (std::size_t i = indented.find('\n'); i + 1 < indented.size();
            i = indented.find('\n', i + 1))
            indented.insert(i + 1, "  ");
        const auto text = "fit:\n" + indented + "  seed_everything: 1\nvalidate:\n" + indented
            + "  seed_everything: 2\n";
        const auto seed = [&](const std::string& yaml, const char* verb) {
            return config_from_text(yaml, "a.yaml", m_registry, verb).document["seed_everything"];
        };
        QCOMPARE(dumped(seed(text, "fit")), dumped(Json(1)));
        QCOMPARE(dumped(seed(text, "validate")), dumped(Json(2)));
        QCOMPARE(dumped(seed(text, "test")), dumped(Json(1)));
        QCOMPARE(dumped(seed("subcommand: fit\n" + text, "fit")), dumped(Json(1)));

        auto json = Json::object();
        json["fit"] = smallest_config();
        QCOMPARE(dumped(config_from_text(json.dump(), "a.json", m_registry).document["data"]),
            dumped(Json("MadeUpData")));

        const auto mixed = problem_of(
            [&] { config_from_text(text + "seed_everything: 3\n", "a.yaml", m_registry); });
        QVERIFY2(mixed.contains("\"seed_everything\" is beside the section \"fit\", \"validate\""),
            mixed.constData());
        const auto none
            = problem_of([&] { config_from_text("test:\n" + indented, "a.yaml", m_registry); });
        QVERIFY2(none.contains("found \"test\", expected a section \"fit\""), none.constData());

        const auto file = write("run.yaml", "fit:\n" + indented + "  modle: 3\n");
        const auto line = problem_of([&] { load_run_config(file, {}, m_registry, m_roots); });
        QVERIFY2(
            line.contains("/modle: unknown option; did you mean \"model\"? (run.yaml, line 7)"),
            line.constData());
        const auto empty = problem("fit:\n");
        QVERIFY2(empty.contains("found null, expected an object"), empty.constData());
    }

private:
    template <class Attempt> QByteArray problem_of(Attempt attempt) const
    {
        try {
            attempt();
        } catch (const MisconfigurationError& error) {
            return error.what();
        }
        return "nothing was refused";
    }
    std::filesystem::path write(const char* name, const std::string& text) const
    {
        const auto path = m_folder.filePath(QLatin1String(name));
        QFile file(path);
        if (!file.open(QIODevice::WriteOnly) || file.write(bytes(text)) < 0)
            qFatal("the temporary folder cannot be written to");
        return path.toStdString();
    }
    RunConfig load(const std::string& yaml) const
    {
        try {
            return load_run_config(write("run.yaml", yaml), {}, m_registry, m_roots);
        } catch (const MisconfigurationError& error) {
            qWarning("%s", error.what());
            throw;
        }
    }
    QByteArray problem(const std::string& yaml) const
    {
        return problem_of(
            [&] { load_run_config(write("run.yaml", yaml), {}, m_registry, m_roots); });
    }

    Registry m_registry;
    PathRoots m_roots{"/", "/"};
    QTemporaryDir m_folder;
};

LEYDEN_TEST(TestYamlConfig)
} // namespace tst_yaml_config

#include "tst_yaml_config.moc"
