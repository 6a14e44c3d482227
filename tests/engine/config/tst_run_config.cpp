// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/config/run_config.h"

#include "engine/config/python_literal.h"
#include "engine/config/registry.h"
#include "engine/core/errors.h"
#include "tests/engine/config/config_cases.h"
#include "tests/support/made_up_component.h"
#include "tests/support/test_program.h"

#include <QtCore/QFile>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

namespace tst_run_config {
using namespace leyden;
using namespace leyden::test;

namespace {

QByteArray bytes(const std::string& text)
{
    return QByteArray::fromStdString(text);
}

} // namespace

class TestRunConfig final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        register_made_up_components(m_registry);
        QVERIFY(m_folder.isValid());
        m_roots.config_folder = m_folder.path().toStdString();
        m_roots.resource_folder = m_folder.filePath(QStringLiteral("resources")).toStdString();
        std::filesystem::create_directories(m_roots.resource_folder);
    }

    // On the command line --flag=True is meant as in YAML, which LightningCLI reads.
    void takesWordsForSwitches_data()
    {
        QTest::addColumn<QByteArray>("word");
        QTest::addColumn<QByteArray>("value");
        for (const auto* on : {"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On"})
            QTest::newRow(on) << QByteArray(on) << QByteArray("true");
        for (const auto* off : {"false", "False", "no", "No", "off", "OFF"})
            QTest::newRow(off) << QByteArray(off) << QByteArray("false");
    }
    void takesWordsForSwitches()
    {
        QFETCH(const QByteArray, word);
        QFETCH(const QByteArray, value);
        const auto text = word.toStdString();
        const auto model = std::string("model.init_args.");
        std::vector<ConfigOverride> said{{model + "flag", text}, {model + "maybe_flag", text},
            {model + "switch_or_count", text}, {"trainer.fast_dev_run", text}};
        const bool isJson = word == "true" || word == "false";
        if (!isJson)
            said.push_back({model + "label", text});
        const auto config = load_run_config(smallest_config(), "it", said, m_registry, m_roots);
        const auto& options = config.resolved["model"]["init_args"];
        for (const auto* name : {"flag", "maybe_flag", "switch_or_count"})
            QCOMPARE(bytes(options[name].dump()), value);
        QCOMPARE(bytes(config.resolved["trainer"]["fast_dev_run"].dump()), value);
        if (!isJson) // where text may stand it stays text
            QCOMPARE(bytes(options["label"].get<std::string>()), word);
    }

    void refusesOtherWordsForSwitches()
    {
        for (const auto* word : {"tRUE", "y", "n", "enabled"}) {
            try {
                load_run_config(
                    smallest_config(), "it", {{"model.init_args.flag", word}}, m_registry, m_roots);
                QFAIL(word);
            } catch (const MisconfigurationError& error) {
                QVERIFY2(std::string_view(error.what()).find("/model/init_args/flag: found")
                        != std::string_view::npos,
                    error.what());
            }
        }
    }

    void knowsTheHomeFolder()
    {
        qputenv("HOME", "/home/somebody");
        const auto config = load_run_config(smallest_config(), "it",
            {{"trainer.default_root_dir", "~/runs"}, {"ckpt_path", "~/a.ckpt"}}, m_registry,
            m_roots);
        QCOMPARE(*config.trainer.default_root_dir, std::string("/home/somebody/runs"));
        QCOMPARE(*config.ckpt_path, std::string("/home/somebody/a.ckpt"));
        QCOMPARE(with_home("~"), std::string("/home/somebody"));
        QCOMPARE(with_home("~root/x"), std::string("/root/x"));
        for (const auto* plain : {"a/~", "x~", "./~/x", "~nobodyofthatname/x", ""})
            QCOMPARE(with_home(plain), std::string(plain));
        QCOMPARE(with_home("file:///tmp/x"), std::string("/tmp/x"));
    }

    void refusesUrlsWhereItWrites_data()
    {
        QTest::addColumn<QByteArray>("url");
        for (const auto* url : {"s3://bucket/x", "gs://b", "memory://", "https://host/x",
                 "file://host/x", "simplecache::s3://b/x"})
            QTest::newRow(url) << QByteArray(url);
    }
    void refusesUrlsWhereItWrites()
    {
        QFETCH(const QByteArray, url);
        auto document = smallest_config();
        document["trainer"]["default_root_dir"] = url.toStdString();
        const auto parsed = parse_run_config(document, m_registry, m_roots);
        QCOMPARE(parsed.problems.size(), std::size_t(1));
        QCOMPARE(bytes(parsed.problems[0].pointer), QByteArray("/trainer/default_root_dir"));
        QVERIFY(parsed.problems[0].message.find("expected a path on this machine")
            != std::string::npos);
    }

    void advisesNoChoiceThatItRefuses()
    {
        auto document = smallest_config();
        document["trainer"]["strategy"] = "adp";
        const auto parsed = parse_run_config(document, m_registry, m_roots);
        QCOMPARE(bytes(parsed.problems.at(0).message),
            QByteArray("found \"adp\", expected \"auto\" or \"single_device\"; \"ddp\" is not "
                       "available yet"));
    }

    void judgesEachCase_data()
    {
        QTest::addColumn<int>("index");
        const auto cases = config_cases();
        for (std::size_t i = 0; i < cases.size(); ++i)
            QTest::newRow(cases[i].name.c_str()) << int(i);
    }

    void judgesEachCase()
    {
        QFETCH(const int, index);
        const auto config_case = config_cases().at(std::size_t(index));
        const auto parsed = parse_run_config(config_case.document, m_registry, m_roots);
        if (config_case.pointer == "-") {
            QCOMPARE(bytes(problem_lines(parsed.problems, "")), QByteArray());
            return;
        }
        QCOMPARE(parsed.problems.size(), std::size_t(1));
        QCOMPARE(bytes(parsed.problems[0].pointer), bytes(config_case.pointer));
        const auto message = parsed.problems[0].message;
        QVERIFY2(message.find(config_case.says) != std::string::npos, message.c_str());
    }

    void resolvedConfigParsesToItself_data()
    {
        QTest::addColumn<int>("index");
        const auto cases = config_cases();
        for (std::size_t i = 0; i < cases.size(); ++i)
            if (cases[i].pointer == "-")
                QTest::newRow(cases[i].name.c_str()) << int(i);
    }

    void resolvedConfigParsesToItself()
    {
        QFETCH(const int, index);
        const auto config_case = config_cases().at(std::size_t(index));
        const auto first = parse_run_config(config_case.document, m_registry, m_roots);
        QVERIFY(first.problems.empty());
        PathRoots elsewhere;
        elsewhere.config_folder = "/elsewhere";
        const auto again
            = parse_run_config(Json::parse(first.config.resolved.dump()), m_registry, elsewhere);
        QCOMPARE(bytes(problem_lines(again.problems, "")), QByteArray());
        QCOMPARE(bytes(again.config.resolved.dump()), bytes(first.config.resolved.dump()));
    }

    void fillsInEveryDefaultInTableOrder()
    {
        const auto config = parse_run_config(smallest_config(), m_registry, m_roots).config;
        std::vector<std::string> keys;
        for (const auto& [key, value] : config.resolved.items())
            keys.push_back(key);
        const std::vector<std::string> expected
            = {"schema", "seed_everything", "num_threads", "model", "data", "optimizer",
                "lr_scheduler", "trainer", "ckpt_path", "ckpt_restore", "strict_loading"};
        QCOMPARE(keys, expected);
        QCOMPARE(config.model.init_args.size(), options_of<MadeUpOptions>().options.size());
        QCOMPARE(config.resolved["trainer"].size(), options_of<TrainerOptions>().options.size());
        QCOMPARE(config.optimizer.init_args["lr"].get<double>(), 0.1);
    }

    void keepsWhatWasWrittenAsIntOrFloat()
    {
        const auto limit = [&](const char* text) {
            const auto parsed = parse_run_config(
                config_with("/trainer/limit_train_batches", text), m_registry, m_roots);
            return parsed.config.trainer.limit_train_batches;
        };
        QVERIFY(std::holds_alternative<int64_t>(*limit("1")));
        QVERIFY(std::holds_alternative<double>(*limit("1.0")));
        QVERIFY(!limit("null"));
    }

    void keepsWholeNumbersWhole()
    {
        const auto share = [&](const char* text) {
            const auto parsed = parse_run_config(
                config_with("/trainer/gradient_clip_val", text), m_registry, m_roots);
            return bytes(parsed.config.resolved["trainer"]["gradient_clip_val"].dump());
        };
        QCOMPARE(share("1"), QByteArray("1")); // as Python's int, which logs and checkpoints show
        QCOMPARE(share("1.0"), QByteArray("1.0"));
    }

    void readsTheSchedule()
    {
        auto document = smallest_config();
        document["lr_scheduler"] = Json::parse(
            R"({"class_path": "MadeUpDecay", "interval": "step", "frequency": 3, "name": "decay"})");
        const auto scheduler = parse_run_config(document, m_registry, m_roots).config.lr_scheduler;
        QVERIFY(scheduler);
        QCOMPARE(scheduler->scheduler.class_path, std::string("MadeUpDecay"));
        QCOMPARE(scheduler->scheduler.init_args.dump(), std::string(R"({"gamma":0.5})"));
        QCOMPARE(scheduler->interval, std::string("step"));
        QCOMPARE(scheduler->frequency, int64_t(3));
        QCOMPARE(*scheduler->name, std::string("decay"));
    }

    void plateauNeedsAMonitor()
    {
        m_registry.add(
            {ComponentKind::LRScheduler, "ReduceLROnPlateau", "Waits for a plateau", {}, {}, {}});
        auto document = smallest_config();
        document["lr_scheduler"] = "ReduceLROnPlateau";
        const auto parsed = parse_run_config(document, m_registry, m_roots);
        QCOMPARE(parsed.problems.size(), std::size_t(1));
        QCOMPARE(parsed.problems[0].pointer, std::string("/lr_scheduler"));
    }

    void reportsAllProblemsAtOnce()
    {
        auto document = smallest_config();
        document.erase("data");
        document["trainer"]["precison"] = 1;
        document["trainer"]["max_steps"] = nullptr;
        document["model"]["init_args"]["count"] = 0;
        const auto parsed = parse_run_config(document, m_registry, m_roots);
        QCOMPARE(bytes(problem_lines(parsed.problems, "")),
            QByteArray("/model/init_args/count: found 0, expected a whole number from 1 to 100\n"
                       "/data: missing; expected the name of a data module or an object with "
                       "class_path and "
                       "init_args; known are \"MadeUpData\"\n"
                       "/trainer/precison: unknown option; did you mean \"precision\"?\n"
                       "/trainer/max_steps: found null, expected a whole number >= -1"));
    }

    void writesAControlCharacterAsJsonDoes() // a zero byte would end the text of the exception
    {
        auto document = smallest_config();
        document[std::string("mo\0del\n\x1b[31m\xc2\x9b", 14)] = 1;
        const auto parsed = parse_run_config(document, m_registry, m_roots);
        QCOMPARE(bytes(problem_lines(parsed.problems, "")).left(50),
            QByteArray("/mo\\u0000del\\u000a\\u001b[31m\\u009b: unknown option").left(50));
    }

    void endsAListOfManyProblems()
    {
        auto document = smallest_config();
        for (int i = 0; i < 60; ++i)
            document["trainer"]["callbacks"].push_back(i);
        const auto few
            = bytes(problem_lines(parse_run_config(document, m_registry, m_roots).problems, ""));
        QCOMPARE(few.count('\n'), 50);
        QVERIFY2(few.endsWith("\nand 10 more"), few.constData());

        document["trainer"]["callbacks"] = Json(std::vector<int>(100000, 3));
        document[std::string(1 << 20, 'x')] = 1;
        const auto parsed = parse_run_config(document, m_registry, m_roots);
        QVERIFY(parsed.problems.size() < 2000);
        const auto many = bytes(problem_lines(parsed.problems, ""));
        QVERIFY2(many.contains("\nand at least 95"), many.constData());
        QVERIFY2(many.size() < 20000, many.constData());
    }

    void looksForInputsBesideTheConfigThenInTheResources()
    {
        const auto path_of = [&](const char* text) {
            const auto parsed
                = parse_run_config(config_with("/model/init_args/file", text), m_registry, m_roots);
            return parsed.config.model.init_args.at("file").get<std::string>();
        };
        const auto touch = [](const std::filesystem::path& path) {
            QFile file(QString::fromStdString(path.string()));
            QVERIFY(file.open(QIODevice::WriteOnly));
        };
        touch(m_roots.config_folder / "both.csv");
        touch(m_roots.resource_folder / "both.csv");
        touch(m_roots.resource_folder / "shipped.csv");
        QCOMPARE(path_of("\"both.csv\""), (m_roots.config_folder / "both.csv").string());
        QCOMPARE(path_of("\"shipped.csv\""), (m_roots.resource_folder / "shipped.csv").string());
        QCOMPARE(path_of("\"nowhere.csv\""), (m_roots.config_folder / "nowhere.csv").string());
        QCOMPARE(path_of("\"/there/x.csv\""), std::string("/there/x.csv"));
        QCOMPARE(path_of("\"none\""), std::string("none")); // a word, not a path
    }

    void resolvesACheckpointFileButNotItsNames()
    {
        const auto path_of = [&](const char* text) {
            return *parse_run_config(config_with("/ckpt_path", text), m_registry, m_roots)
                        .config.ckpt_path;
        };
        QCOMPARE(path_of("\"best\""), std::string("best"));
        QCOMPARE(path_of("\"a.ckpt\""), (m_roots.config_folder / "a.ckpt").string());
    }

    void refusesDocumentsThatAreNoObject()
    {
        const auto parsed = parse_run_config(Json::array(), m_registry, m_roots);
        QCOMPARE(parsed.problems.size(), std::size_t(1));
        QCOMPARE(parsed.problems[0].pointer, std::string());
    }

    void refusesDeepDocuments()
    {
        Json deep = 1;
        for (int i = 0; i < 100; ++i)
            deep = Json::array({std::move(deep)});
        auto document = smallest_config();
        document["trainer"]["callbacks"] = deep;
        const auto parsed = parse_run_config(document, m_registry, m_roots);
        QCOMPARE(parsed.problems.size(), std::size_t(1));
        QVERIFY(parsed.problems[0].message.find("64 levels") != std::string::npos);
    }

    void refusesTextThatIsNotUtf8()
    {
        auto document = smallest_config();
        document["model"]["init_args"]["label"] = "\xff";
        document["\xfe"] = 1;
        const auto parsed = parse_run_config(document, m_registry, m_roots);
        QCOMPARE(parsed.problems.size(), std::size_t(2));
    }

    void saysWhatIsWrongWithAFile_data()
    {
        QTest::addColumn<QByteArray>("content");
        QTest::addColumn<QByteArray>("says");
        QTest::newRow("empty") << QByteArray() << QByteArray("is empty");
        QTest::newRow("blank") << QByteArray(" \n") << QByteArray("is empty");
        QTest::newRow("truncated") << QByteArray(
            "{\n  \"model\": {") << QByteArray("line 2, column 12: not valid JSON, the text ends");
        QTest::newRow("comma") << QByteArray("{\"a\": 1,\n \"b\": 2,\n}")
                               << QByteArray("line 3, column 1");
        QTest::newRow("twice") << QByteArray("{\"a\": 1, \"a\": 2}")
                               << QByteArray("\"a\" stands twice");
        QTest::newRow("not UTF-8") << QByteArray("{\"a\": \"\xff\"}") << QByteArray("not UTF-8");
        QTest::newRow("number too large")
            << QByteArray("{\"a\": 1e999}") << QByteArray("out of range");
        QTest::newRow("number of many digits")
            << QByteArray("{\"a\": 1" + QByteArray(5000, '0') + "}")
            << QByteArray("00... is out of range");
        QTest::newRow("text that is not closed")
            << QByteArray("{\n \"a\": 1,\n \"b\": [\"x\\\"y\", \"digit0\n]}")
            << QByteArray("line 3, column 16: not valid JSON, the text in line 3 is not closed");
        QTest::newRow("key that is not closed")
            << QByteArray("{\"a\": 1,\r\n \"b: 2\r\n}")
            << QByteArray("line 2, column 2: not valid JSON, the text in line 2 is not closed");
        QTest::newRow("text that is not closed at the end")
            << QByteArray("{\"a\": \"x\\\"")
            << QByteArray("line 1, column 7: not valid JSON, the text in line 1 is not closed");
        QTest::newRow("tab in a text") << QByteArray("{\"a\": \"x\ty\"}")
                                       << QByteArray("line 1, column 9: not valid JSON, a control "
                                                     "character in a text; write it as \\t");
        QTest::newRow("escape") << QByteArray("{\"a\": \"C:\\data\"}")
                                << QByteArray(
                                       "line 1, column 11: not valid JSON, an unknown escape");
        QTest::newRow("missing comma") << QByteArray("{\"a\": \"b\" \"c\": 1}")
                                       << QByteArray("not valid JSON, unexpected \"\\\"c\\\"\"");
        QTest::newRow("NaN") << QByteArray("{\"a\": NaN}") << QByteArray("not valid JSON");
        QTest::newRow("deep") << QByteArray(100000, '[') << QByteArray("64 levels");
        QTest::newRow("too large")
            << QByteArray(17 * 1024 * 1024, ' ') << QByteArray("larger than 16 MiB");
        QTest::newRow("many keys") << [] {
            QByteArray text("{");
            for (int i = 0; i < 20000; ++i)
                text += "\"" + QByteArray::number(i) + "\":0,";
            return text;
        }() << QByteArray("more than 10000 keys");
        QTest::newRow("a number") << QByteArray("3") << QByteArray("found 3, expected an object");
    }

    void saysWhatIsWrongWithAFile()
    {
        QFETCH(const QByteArray, content);
        QFETCH(const QByteArray, says);
        const auto path = m_folder.filePath(QStringLiteral("run.json"));
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(content);
        file.close();
        try {
            load_run_config(path.toStdString(), {}, m_registry, m_roots);
            QFAIL("accepted");
        } catch (const MisconfigurationError& error) {
            QVERIFY2(QByteArray(error.what()).contains(says), error.what());
            QVERIFY2(!QByteArray(error.what()).contains("json.exception"), error.what());
        }
    }

    void aMissingFileIsAFileError()
    {
        QVERIFY_EXCEPTION_THROWN(
            load_run_config("/no/such/file.json", {}, m_registry, m_roots), FileError);
        QVERIFY_EXCEPTION_THROWN(
            load_run_config(m_folder.path().toStdString(), {}, m_registry, m_roots), FileError);
    }

    void loadsAFileWithOverrides()
    {
        const auto path = m_folder.filePath(QStringLiteral("good.json"));
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(bytes(smallest_config().dump()));
        file.close();
        const auto config = load_run_config(
            path.toStdString(), {{"trainer.max_epochs", "3"}}, m_registry, m_roots);
        QCOMPARE(*config.trainer.max_epochs, int64_t(3));
    }

    void readsPythonLiterals_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("json"); // empty: no literal
        const auto row = [](const char* text, const char* json) {
            QTest::newRow(text) << QByteArray(text) << QByteArray(json);
        };
        row("None", "null");
        row("True", "true");
        row(" False ", "false");
        row("-1", "-1");
        row("+3", "3");
        row("1_000", "1000");
        row("1.0", "1.0");
        row(".5", "0.5");
        row("1e-3", "0.001");
        row("'a b'", "\"a b\"");
        row("\"it's\"", "\"it's\"");
        row("[0, 1,]", "[0,1]");
        row("(2,)", "[2]");
        row("(2)", "2");
        row("{'minutes': 5, 'hours': [1]}", "{\"minutes\":5,\"hours\":[1]}");
        for (const char* other :
            {"true", "null", "bf16-mixed", "00:00:10:00", "01", "1__0", "_1", "1_", "inf", "nan",
                "[1", "[1 2]", "[,]", "{'a'}", "{1: 2}", "'a", "1 2", "", "-", "'\\x41'"})
            row(other, "");
    }

    void readsPythonLiterals()
    {
        QFETCH(const QByteArray, text);
        QFETCH(const QByteArray, json);
        const auto value = parse_python_literal(text.toStdString());
        QCOMPARE(value ? bytes(value->dump()) : QByteArray(), json);
    }

    /// PL_TRAINER_<NAME> and PL_GLOBAL_SEED say what neither config nor command line says.
    void takesWhatIsUnsaidFromTheEnvironment_data()
    {
        QTest::addColumn<QByteArray>("variable");
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("pointer");
        QTest::addColumn<QByteArray>("value"); // of the resolved config
        const auto row = [](const char* variable, const char* text, const char* pointer,
                             const char* value) {
            QTest::addRow("%s=%s", variable, text) << QByteArray(variable) << QByteArray(text)
                                                   << QByteArray(pointer) << QByteArray(value);
        };
        row("PL_TRAINER_MAX_EPOCHS", "7", "/trainer/max_epochs", "7");
        row("PL_TRAINER_MAX_EPOCHS", "", "/trainer/max_epochs", "null"); // empty: unset
        row("PL_TRAINER_LIMIT_TRAIN_BATCHES", "1.0", "/trainer/limit_train_batches", "1.0");
        row("PL_TRAINER_CHECK_VAL_EVERY_N_EPOCH", "None", "/trainer/check_val_every_n_epoch",
            "null");
        row("PL_TRAINER_FAST_DEV_RUN", "True", "/trainer/fast_dev_run", "true");
        row("PL_TRAINER_PRECISION", "bf16-mixed", "/trainer/precision", "\"bf16-mixed\"");
        row("PL_TRAINER_MAX_TIME", "00:00:10:00", "/trainer/max_time", "\"00:00:10:00\"");
        row("PL_TRAINER_MAX_TIME", "{'minutes': 5}", "/trainer/max_time", "{\"minutes\":5}");
        row("PL_GLOBAL_SEED", "42", "/seed_everything", "42");
    }

    void takesWhatIsUnsaidFromTheEnvironment()
    {
        QFETCH(const QByteArray, variable);
        QFETCH(const QByteArray, text);
        QFETCH(const QByteArray, pointer);
        QFETCH(const QByteArray, value);
        const auto guard = qScopeGuard([&] { qunsetenv(variable); });
        qputenv(variable, text);
        auto document = smallest_config();
        document.erase("trainer");
        const auto config = load_run_config(document, "run.json", {}, m_registry, m_roots);
        QCOMPARE(
            bytes(config.resolved.at(Json::json_pointer(pointer.toStdString())).dump()), value);
    }

    void configAndCommandLineWinOverTheEnvironment()
    {
        const auto guard = qScopeGuard([] {
            qunsetenv("PL_TRAINER_MAX_EPOCHS");
            qunsetenv("PL_TRAINER_MAX_STEPS");
            qunsetenv("PL_GLOBAL_SEED");
        });
        qputenv("PL_TRAINER_MAX_EPOCHS", "7");
        qputenv("PL_TRAINER_MAX_STEPS", "8");
        qputenv("PL_GLOBAL_SEED", "9");
        auto document = smallest_config();
        document["seed_everything"] = 1;
        document["trainer"]["max_epochs"] = nullptr; // said, if only that there is no number
        const auto config = load_run_config(
            document, "run.json", {{"trainer.max_steps", "3"}}, m_registry, m_roots);
        QVERIFY(!config.trainer.max_epochs);
        QCOMPARE(config.trainer.max_steps, int64_t(3));
        QCOMPARE(config.seed_everything, int64_t(1));
    }

    void namesTheVariableThatIsWrong_data()
    {
        QTest::addColumn<QByteArray>("variable");
        QTest::addColumn<QByteArray>("text");
        QTest::newRow("text for a number")
            << QByteArray("PL_TRAINER_MAX_EPOCHS") << QByteArray("many");
        QTest::newRow("too small") << QByteArray("PL_TRAINER_MAX_EPOCHS") << QByteArray("-2");
        QTest::newRow("part of a dict")
            << QByteArray("PL_TRAINER_MAX_TIME") << QByteArray("{'minute': 5}");
        QTest::newRow("seed") << QByteArray("PL_GLOBAL_SEED") << QByteArray("abc");
        QTest::newRow("negative seed") << QByteArray("PL_GLOBAL_SEED") << QByteArray("-1");
    }

    void namesTheVariableThatIsWrong()
    {
        QFETCH(const QByteArray, variable);
        QFETCH(const QByteArray, text);
        const auto guard = qScopeGuard([&] { qunsetenv(variable); });
        qputenv(variable, text);
        auto document = smallest_config();
        document.erase("trainer");
        try {
            load_run_config(document, "run.json", {}, m_registry, m_roots);
            QFAIL("accepted");
        } catch (const MisconfigurationError& error) {
            QVERIFY2(QByteArray(error.what()).contains("environment variable " + variable),
                error.what());
        }
    }

private:
    Registry m_registry;
    PathRoots m_roots;
    QTemporaryDir m_folder;
};

LEYDEN_TEST(TestRunConfig)
} // namespace tst_run_config

#include "tst_run_config.moc"
