// SPDX-License-Identifier: GPL-3.0-or-later
// Checkpoints of fits with callbacks, opened and gone on with by PyTorch Lightning: its end is that
// of our fit, bit for bit. Needs LEYDEN_REFERENCE_PYTHON.
#include "tests/support/callback_case.h"
#include "tests/support/reference_python.h"
#include "tests/support/test_program.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

namespace tst_callbacks_in_lightning {
using leyden::Json;
using leyden::Trainer;
using namespace leyden::test;

namespace {

Json read(const QString& path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? Json::parse(file.readAll().toStdString()) : Json();
}

/// A recorded case, with its rows in order: Lightning does not restore a shuffle.
Json unshuffled(const QString& callback, const std::string& name)
{
    const auto document
        = read(QStringLiteral(LEYDEN_SOURCE_DIR "/tests/data/callbacks/%1.json").arg(callback));
    for (auto recorded : document.at("cases")) {
        if (recorded.at("name") != name)
            continue;
        recorded["data"]["shuffle"] = false;
        recorded.erase("epochs");
        recorded.erase("traced");
        return recorded;
    }
    qFatal("there is no case '%s' of %s", name.c_str(), qPrintable(callback));
}

} // namespace

class TestCallbacksInLightning final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        if (referencePython().isEmpty())
            QSKIP("LEYDEN_REFERENCE_PYTHON is not set");
        for (const auto& [label, callback, name, epoch] : cases()) {
            const auto recorded = unshuffled(callback, name);
            const auto stem = m_folder.filePath(label);
            CaseOptions options;
            options.folder = stem.toStdString();
            options.at_save_point = [&, last = epoch](Trainer& trainer) {
                if (trainer.phase == leyden::LoopPhase::EpochEnd && trainer.current_epoch() == last)
                    trainer.save_checkpoint(stem.toStdString() + ".ckpt");
            };
            m_runs[label] = run_case(recorded, std::move(options));
            QFile file(stem + QStringLiteral(".json"));
            QVERIFY(file.open(QIODevice::WriteOnly));
            file.write(QByteArray::fromStdString(recorded.dump()));
        }
        const auto python = runReferencePython(
            QStringLiteral(LEYDEN_SOURCE_DIR "/tests/lightning/resume_callbacks.py"),
            {m_folder.path()});
        QVERIFY2(python.exitCode == 0, python.errors.constData());
        m_results = read(m_folder.filePath(QStringLiteral("results.json")));
    }

    void goesOnInLightning_data()
    {
        QTest::addColumn<QString>("label");
        for (const auto& [label, callback, name, epoch] : cases())
            QTest::newRow(qPrintable(label)) << label;
    }

    void goesOnInLightning()
    {
        if (referencePython().isEmpty())
            QSKIP("LEYDEN_REFERENCE_PYTHON is not set");
        QFETCH(const QString, label);
        const auto& ours = m_runs.at(label);
        QCOMPARE(ours.error, std::string());
        const auto& theirs = m_results.at(label.toStdString());
        QVERIFY2(!theirs.contains("error"), theirs.dump().substr(0, 500).c_str());
        QCOMPARE(theirs.at("counters").at("global_step").get<int64_t>(), ours.global_step);
        QCOMPARE(theirs.at("counters").at("current_epoch").get<int64_t>(), ours.current_epoch);
        for (const auto& [key, value] : theirs.at("weights").items())
            QVERIFY2(ours.weights.at(key) == value, key.c_str());
    }

private:
    struct Case
    {
        QString label;
        QString callback;
        std::string name;
        int64_t epoch; ///< at whose end the checkpoint is taken
    };
    static std::vector<Case> cases()
    {
        const auto text = [](const char* value) { return QString::fromLatin1(value); };
        return {{text("early_stopping"), text("early_stopping"), "patience 3", 2},
            {text("rates"), text("learning_rate_monitor"), "named groups", 0},
            {text("swa"), text("stochastic_weight_averaging"), "share", 3},
            {text("swa_before"), text("stochastic_weight_averaging"), "plain", 1},
            {text("swa_norms"), text("stochastic_weight_averaging"), "batch norm", 2},
            {text("mean"), text("weight_averaging"), "batch norm", 1},
            {text("ema"), text("ema_weight_averaging"), "batch norm", 1},
            {text("ema_epochs"), text("ema_weight_averaging"), "by steps and epochs", 2},
            {text("backbone"), text("backbone_finetuning"), "plain", 0},
            {text("timer"), text("timer"), "measures", 1}};
    }

    QTemporaryDir m_folder;
    std::map<QString, CaseRun> m_runs;
    Json m_results;
};
LEYDEN_TEST(TestCallbacksInLightning)
} // namespace tst_callbacks_in_lightning

#include "tst_callbacks_in_lightning.moc"
