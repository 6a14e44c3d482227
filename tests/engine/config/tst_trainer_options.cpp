// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/config/trainer_options.h"

#include "engine/config/registry.h"
#include "engine/config/run_config.h"
#include "tests/engine/config/config_cases.h"
#include "tests/support/made_up_component.h"
#include "tests/support/test_program.h"

#include <QtTest/QTest>

#include <set>

namespace tst_trainer_options {
using namespace leyden;
using namespace leyden::test;

class TestTrainerOptions final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        register_made_up_components(m_registry);
        for (const char* name :
            {"ModelCheckpoint", "OnExceptionCheckpoint", "TQDMProgressBar", "RichProgressBar"})
            m_registry.add(
                {ComponentKind::Callback, name, "Stands in for the real one", {}, {}, {}});
    }

    /// Every argument of Lightning's Trainer (lightning 2.6, trainer/trainer.py).
    void knowsEveryArgument()
    {
        const std::set<std::string> expected = {"accelerator", "strategy", "devices", "num_nodes",
            "precision", "logger", "callbacks", "fast_dev_run", "max_epochs", "min_epochs",
            "max_steps", "min_steps", "max_time", "limit_train_batches", "limit_val_batches",
            "limit_test_batches", "limit_predict_batches", "overfit_batches", "val_check_interval",
            "check_val_every_n_epoch", "num_sanity_val_steps", "log_every_n_steps",
            "enable_checkpointing", "enable_progress_bar", "enable_model_summary",
            "accumulate_grad_batches", "gradient_clip_val", "gradient_clip_algorithm",
            "deterministic", "benchmark", "inference_mode", "use_distributed_sampler", "profiler",
            "detect_anomaly", "barebones", "plugins", "sync_batchnorm",
            "reload_dataloaders_every_n_epochs", "default_root_dir", "enable_autolog_hparams",
            "model_registry"};
        std::set<std::string> known;
        for (const Option& option : options_of<TrainerOptions>().options) {
            known.insert(option.name);
            QVERIFY2(!option.group.empty(), option.name.c_str());
        }
        QVERIFY(known == expected);
    }

    void judgesEachValue_data()
    {
        QTest::addColumn<QByteArray>("argument");
        QTest::addColumn<QByteArray>("value");
        QTest::addColumn<QByteArray>("says"); // empty: accepted
        const auto good = [](const char* argument, std::initializer_list<const char*> values) {
            for (const char* value : values)
                QTest::addRow("%s = %s", argument, value)
                    << QByteArray(argument) << QByteArray(value) << QByteArray();
        };
        const auto bad = [](const char* argument, const char* says,
                             std::initializer_list<const char*> values) {
            for (const char* value : values)
                QTest::addRow("%s = %s", argument, value)
                    << QByteArray(argument) << QByteArray(value) << QByteArray(says);
        };
        good("accelerator", {"\"auto\"", "\"cpu\"", "\"gpu\"", "\"cuda\"", "\"mps\"", "\"tpu\""});
        bad("accelerator", "expected \"auto\", \"cpu\"", {"\"npu\"", "null", "1"});
        good("strategy", {"\"auto\"", "\"single_device\"", "\"AUTO\""});
        bad("strategy", "not available yet",
            {"\"ddp\"", "\"DDP\"", "\"FSDP\"", "\"fsdp\"", "\"deepspeed_stage_2\""});
        bad("strategy", "expected \"auto\" or \"single_device\"",
            {"\"dp\"", "\"ddp_sharded\"", "null"});
        good("devices",
            {"\"auto\"", "1", "\"1\"", "\" 1 \"", "-1", "\"-1\"", "[0]", "[3]", "\"0,\"",
                "\"3,\""});
        bad("devices", "not available yet", {"2", "\"2\"", "\"0,1\"", "\"0, 1,\"", "[1, 3]"});
        bad("devices", "found",
            {"0", "\"0\"", "[]", "true", "null", "1.5", "\"x\"", "\",\"", "-2", "\"-2\"", "[0, 0]",
                "\"1,1\"", "\"\"", "\"99999999999\""});
        good("num_nodes", {"1"});
        bad("num_nodes", "not available yet", {"2"});
        bad("num_nodes", "expected a whole number >= 1", {"0", "\"x\""});
        good("precision", {"null", "\"32-true\"", "32", "\"32\"", "\"64-true\"", "64", "\"64\""});
        good("precision",
            {"\"16-mixed\"", "16", "\"16\"", "\"bf16-mixed\"", "\"bf16\"", "\"16-true\"",
                "\"bf16-true\""});
        bad("precision", "a Python package",
            {"\"transformer-engine\"", "\"transformer-engine-float16\""});
        bad("precision", "expected 32, 64 or 16", {"8", "\"32-mixed\"", "true"});
        good("fast_dev_run", {"false", "0", "true", "1", "1.0", "5"});
        bad("fast_dev_run", "expected true or false", {"-1", "-1.0", "1.5", "\"x\""});
        good("max_epochs", {"null", "-1", "0", "1000"});
        bad("max_epochs", ">= -1", {"-2", "1.5", "\"10\""});
        good("min_epochs", {"null", "0", "5"});
        good("max_steps", {"-1", "0", "10"});
        bad("max_steps", ">= -1", {"-2", "null"});
        good("min_steps", {"null", "0", "5"});
        good("max_time",
            {"null", "\"00:12:00:00\"", "\"100:00:00:00\"", R"({"hours": 2, "minutes": 30})",
                "{}"});
        bad("max_time", "a time \"DD:HH:MM:SS\"",
            {"\"1:2:3:4\"", "\"12:00:00\"", "\"\"", "60", "\"00:12:00:00 \""});
        for (const char* name : {"limit_train_batches", "limit_val_batches", "limit_test_batches",
                 "limit_predict_batches"}) {
            good(name, {"null", "0", "0.0", "1", "1.0", "0.25", "2.0", "10"});
            bad(name, "found", {"-1", "-0.5", "1.5", "\"1\"", "true"});
        }
        good("overfit_batches", {"0.0", "0", "0.5", "3", "1.0", "2.0"});
        bad("overfit_batches", "found", {"-1", "1.5"});
        good("val_check_interval",
            {"null", "0.0", "0.5", "1.0", "1", "2.0", "100", "\"00:00:10:00\"", "\"0:0:10:0\"",
                R"({"minutes": 10})"});
        bad("val_check_interval", "found",
            {"0", "-1", "-0.5", "1.5", "\"10:00\"", "\"a:b:c:d\"", "true"});
        good("check_val_every_n_epoch", {"null", "1", "5", "-2"});
        bad("check_val_every_n_epoch", "other than 0", {"0", "1.0", "0.5"});
        good("num_sanity_val_steps", {"null", "-1", "0", "2", "-5"});
        good("log_every_n_steps", {"null", "0", "50", "-3"});
        good("enable_checkpointing", {"null", "true", "false"});
        good("enable_progress_bar", {"null", "true", "false"});
        good("enable_model_summary", {"null", "true", "false"});
        good("accumulate_grad_batches", {"1", "4"});
        bad("accumulate_grad_batches", "expected a whole number >= 1",
            {"0", "-1", "1.5", "{}", "null"});
        good("gradient_clip_val", {"null", "0", "0.5", "1", "-1"});
        bad("gradient_clip_val", "expected a number", {"\"1\"", "true"});
        good("gradient_clip_algorithm", {"null", "\"norm\"", "\"value\"", "\"NORM\""});
        bad("gradient_clip_algorithm", "expected \"norm\" or \"value\"", {"\"max\"", "1"});
        good("deterministic", {"null", "false", "true", "\"warn\""});
        bad("deterministic", "expected", {"\"yes\"", "1"});
        good("benchmark", {"null", "false", "true"});
        good("inference_mode", {"true", "false"});
        good("profiler", {"null"});
        bad("profiler", "not available yet; available: \"simple\"",
            {"\"advanced\"", "\"pytorch\"", R"({"class_path": "AdvancedProfiler"})"});
        good("plugins", {"null", "[]"});
        bad("plugins/0", "no known plug-in", {"\"X\""});
        good("default_root_dir", {"null", "\"runs\""});
        for (const char* name : {"detect_anomaly", "barebones", "sync_batchnorm",
                 "use_distributed_sampler", "enable_autolog_hparams"})
            good(name, {"false", "true"});
        good("reload_dataloaders_every_n_epochs", {"0", "1", "7"});
        bad("reload_dataloaders_every_n_epochs", "expected a whole number >= 0", {"-1", "1.0"});
        good("model_registry", {"null", "\"x\""});
        bad("model_registry", "expected text", {"1", "true"});
    }

    void judgesEachValue()
    {
        QFETCH(const QByteArray, argument);
        QFETCH(const QByteArray, value);
        QFETCH(const QByteArray, says);
        const auto pointer = "/trainer/" + argument.toStdString();
        const auto parsed
            = parse_run_config(config_with(pointer, value.toStdString()), m_registry, {});
        if (says.isEmpty()) {
            QCOMPARE(QByteArray::fromStdString(problem_lines(parsed.problems, "")), QByteArray());
            return;
        }
        QCOMPARE(parsed.problems.size(), std::size_t(1));
        QCOMPARE(parsed.problems[0].pointer, pointer);
        QVERIFY2(parsed.problems[0].message.find(says.toStdString()) != std::string::npos,
            parsed.problems[0].message.c_str());
    }

    void findsClashes_data()
    {
        QTest::addColumn<QByteArray>("trainer");
        QTest::addColumn<QByteArray>("pointer"); // empty: no clash
        const auto row = [](const char* name, const char* trainer, const char* pointer) {
            QTest::newRow(name) << QByteArray(trainer) << QByteArray(pointer);
        };
        row("float interval across epochs",
            R"({"check_val_every_n_epoch": null, "val_check_interval": 0.5})",
            "/trainer/val_check_interval");
        row("int interval across epochs",
            R"({"check_val_every_n_epoch": null, "val_check_interval": 5})", "");
        row("time interval across epochs",
            R"({"check_val_every_n_epoch": null, "val_check_interval": "00:00:10:00"})", "");
        row("checkpoint, but off",
            R"({"enable_checkpointing": false, "callbacks": "ModelCheckpoint"})",
            "/trainer/enable_checkpointing");
        row("checkpoint on exceptions, but off",
            R"({"enable_checkpointing": false, "callbacks": ["OnExceptionCheckpoint"]})",
            "/trainer/enable_checkpointing");
        row("checkpoint, and on",
            R"({"enable_checkpointing": true, "callbacks": ["ModelCheckpoint"]})", "");
        row("bar, but off", R"({"enable_progress_bar": false, "callbacks": ["TQDMProgressBar"]})",
            "/trainer/enable_progress_bar");
        row("two bars", R"({"callbacks": ["TQDMProgressBar", "RichProgressBar"]})",
            "/trainer/callbacks");
        row("one bar", R"({"callbacks": ["RichProgressBar", "ModelCheckpoint"]})", "");
        for (const char* said : {R"("enable_checkpointing": true)", R"("logger": true)",
                 R"("logger": [])", R"("logger": "MadeUpLogger")", R"("enable_progress_bar": true)",
                 R"("enable_model_summary": true)", R"("log_every_n_steps": 50)",
                 R"("num_sanity_val_steps": -1)", R"("fast_dev_run": true)", R"("fast_dev_run": 2)",
                 R"("detect_anomaly": true)"}) {
            const auto text = QByteArray(said);
            QTest::addRow("barebones beside %s", said) << "{\"barebones\": true, " + text
                    + "}" << "/trainer/" + text.mid(1, text.indexOf("\":") - 1);
        }
        row("barebones beside what it does itself",
            R"({"barebones": true, "enable_checkpointing": false, "logger": false,
                "enable_progress_bar": false, "enable_model_summary": false, "log_every_n_steps": 0,
                "num_sanity_val_steps": 0, "fast_dev_run": 0, "detect_anomaly": false})",
            "");
        row("barebones beside a bar", R"({"barebones": true, "callbacks": "TQDMProgressBar"})",
            "/trainer/barebones");
        row("barebones beside a checkpoint",
            R"({"barebones": true, "callbacks": "ModelCheckpoint"})", "/trainer/barebones");
        for (const char* devices : {"-1", "\"-1\"", "[0]", "\"0,\""})
            QTest::addRow("devices = %s on a CPU", devices)
                << QByteArray(R"({"accelerator": "cpu", "devices": )") + devices + "}"
                << QByteArray("/trainer/devices");
        row("a number of processes on a CPU", R"({"accelerator": "cpu", "devices": "1"})", "");
    }

    void findsClashes()
    {
        QFETCH(const QByteArray, trainer);
        QFETCH(const QByteArray, pointer);
        const auto parsed
            = parse_run_config(config_with("/trainer", trainer.toStdString()), m_registry, {});
        if (pointer.isEmpty()) {
            QCOMPARE(QByteArray::fromStdString(problem_lines(parsed.problems, "")), QByteArray());
            return;
        }
        QCOMPARE(parsed.problems.size(), std::size_t(1));
        QCOMPARE(QByteArray::fromStdString(parsed.problems[0].pointer), pointer);
    }

private:
    Registry m_registry;
};

LEYDEN_TEST(TestTrainerOptions)
} // namespace tst_trainer_options

#include "tst_trainer_options.moc"
