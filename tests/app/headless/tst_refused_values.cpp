// SPDX-License-Identifier: GPL-3.0-or-later
// Every value of a Trainer argument that Lightning refuses (specification 1.2), or that fails there
// only
// later: `leyden fit` ends with exit code 2 before the first batch, and says which argument and
//        value.
#include "tests/app/headless/leyden_program.h"
#include "tests/support/test_program.h"

#include <QTemporaryDir>
#include <QTest>

namespace tst_refused_values {
using leyden::test::LeydenProgram;

class TestRefusedValues final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY(m_folder.isValid());
        m_leyden.folder = m_folder.path();
        QVERIFY(m_leyden.write(
            QStringLiteral("d.csv"), "a,y\n1,0\n2,1\n3,0\n4,1\n5,0\n6,1\n7,0\n8,1\n"));
    }

    void namesArgumentAndValue_data()
    {
        QTest::addColumn<QByteArray>("trainer");
        QTest::addColumn<QByteArrayList>("words");
        /// A value of one argument, with other arguments where they matter.
        const auto bad = [](const char* argument, std::initializer_list<const char*> values,
                             const char* beside = "") {
            for (const char* value : values) {
                const auto text
                    = QByteArray(value).isEmpty() ? QByteArray("\"\"") : QByteArray(value);
                QTest::addRow("%s = %s%s", argument, value,
                    *beside ? QByteArray(", " + QByteArray(beside)).constData() : "")
                    << "\"" + QByteArray(argument) + "\": " + text + (*beside ? ", " : "") + beside
                    << QByteArrayList{argument, text};
            }
        };
        bad("accelerator", {"\"npu\"", "null"});
        bad("accelerator", {"\"mps\"", "\"tpu\""});
        if (!QFile::exists(QStringLiteral("/dev/nvidiactl")))
            bad("accelerator", {"\"gpu\"", "\"cuda\""});
        bad("strategy", {"\"dp\"", "\"ddp_sharded\"", "\"fsdp\"", "\"deepspeed\""},
            "\"accelerator\": \"cpu\"");
        bad("strategy", {"\"ddp\""}, "\"accelerator\": \"mps\"");
        bad("strategy", {"\"DDP\""}); // taken by Lightning in any case; "not available yet", as in
                                      // small letters
        bad("devices", {"\"2\""}, "\"accelerator\": \"cpu\"");
        bad("devices", {"0", "\"0\"", "[]", "true", "false", "\"1,1\"", "[2,2]", "\"x\""});
        bad("devices", {"-1", "\"-1\"", "[0]", "null", "1.5", "\"0,\""},
            "\"accelerator\": \"cpu\"");
        bad("devices", {"[4711]", "4711"});
        bad("num_nodes", {"0", "-1", "\"x\"", "1.5"});
        bad("precision", {"8", "\"32-mixed\"", "\"fp16\"", "true", "\"transformer-engine\""});
        bad("precision", {"\"16-mixed\""}, "\"plugins\": [\"DoublePrecision\"]");
        bad("logger", {"1", "\"NoSuchLogger\""});
        bad("callbacks", {"1", "\"NoSuchCallback\""});
        bad("fast_dev_run", {"-1", "\"x\"", "1.5"});
        bad("max_epochs", {"-2", "1.5", "\"3\""});
        bad("max_steps", {"-2", "null", "2.5"});
        bad("max_time", {"\"1:2:3:4\"", "\"12:00:00\"", "\"00:00:00:00:00\"", "\"\"", "60"});
        for (const char* name : {"limit_train_batches", "limit_val_batches", "limit_test_batches",
                 "limit_predict_batches", "overfit_batches"})
            bad(name, {"-1", "-0.5", "1.5", "\"1\""});
        bad("val_check_interval", {"-1", "-0.5", "1.5", "\"10:00\"", "\"a:b:c:d\"", "0"});
        bad("val_check_interval", {"100"}); // more than there are
        bad("val_check_interval", {"0.5"}, "\"check_val_every_n_epoch\": null");
        bad("check_val_every_n_epoch", {"0", "1.0", "0.5"});
        bad("num_sanity_val_steps", {"1.5", "\"2\""});
        bad("log_every_n_steps", {"1.5", "\"2\""});
        bad("accumulate_grad_batches", {"0", "-1", "1.5", "{\"0\":2}"});
        bad("gradient_clip_val", {"\"1\"", "true"});
        bad("gradient_clip_algorithm", {"\"max\"", "1"});
        bad("deterministic", {"\"yes\"", "1"});
        bad("benchmark", {"\"yes\"", "1"});
        bad("profiler", {"\"nope\"", "1"});
        bad("reload_dataloaders_every_n_epochs", {"-1", "1.5", "\"1\""});
        bad("detect_anomaly", {"1", "\"yes\""});
        bad("barebones", {"1", "null"});
        bad("inference_mode", {"1", "null"});
        bad("enable_checkpointing", {"false"}, "\"callbacks\": \"ModelCheckpoint\"");
        for (const char* other : {"enable_checkpointing", "logger", "enable_progress_bar",
                 "enable_model_summary", "fast_dev_run", "detect_anomaly"})
            QTest::addRow("barebones beside %s", other) << "\"barebones\": true, \""
                    + QByteArray(other) + "\": true" << QByteArrayList{"barebones", other, "found"};
        for (const char* other : {"log_every_n_steps", "num_sanity_val_steps"})
            QTest::addRow("barebones beside %s", other) << "\"barebones\": true, \""
                    + QByteArray(other) + "\": 7" << QByteArrayList{"barebones", other, "7"};
        QTest::newRow("barebones beside a checkpoint")
            << QByteArray("\"barebones\": true, \"callbacks\": \"ModelCheckpoint\"")
            << QByteArrayList{"barebones", "callbacks", "ModelCheckpoint"};
        QTest::newRow("two callbacks with one state")
            << QByteArray("\"callbacks\": [\"ModelCheckpoint\", \"ModelCheckpoint\"]")
            << QByteArrayList{"callbacks", "ModelCheckpoint"};
        QTest::newRow("unknown name")
            << QByteArray("\"max_epoch\": 1") << QByteArrayList{"max_epoch", "max_epochs"};
    }

    void namesArgumentAndValue()
    {
        QFETCH(const QByteArray, trainer);
        QFETCH(const QByteArrayList, words);
        QByteArray text = "{'model': 'MLP', 'data': {'class_path': 'CSVData', 'init_args': "
                          "{'path': 'd.csv', 'target': 'y', "
                          "'batch_size': 2}}, 'optimizer': 'SGD', 'trainer': {TRAINER}}";
        text.replace('\'', '"').replace("TRAINER", trainer);
        QVERIFY(m_leyden.write(QStringLiteral("c.json"), text));
        const auto runDir = QStringLiteral("run%1").arg(++m_runs);
        const auto result = m_leyden.run({QStringLiteral("fit"), QStringLiteral("--config"),
            QStringLiteral("c.json"), QStringLiteral("--run_dir"), runDir});
        QVERIFY2(result.hasEnded && result.exitCode == 2, result.errors.constData());
        QVERIFY2(result.errors.contains("error: "), result.errors.constData());
        for (const auto& word : words) {
            auto shown = word;
            QVERIFY2(
                result.errors.contains(word) || result.errors.contains(shown.replace('"', '\'')),
                (word + " is not in: " + result.errors).constData());
        }
        QVERIFY2(!QFile::exists(m_folder.filePath(runDir + QStringLiteral("/checkpoints"))),
            "something was trained");
    }

private:
    QTemporaryDir m_folder;
    LeydenProgram m_leyden;
    int m_runs = 0;
};
LEYDEN_TEST(TestRefusedValues)
} // namespace tst_refused_values

#include "tst_refused_values.moc"
