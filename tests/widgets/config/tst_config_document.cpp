// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/test_program.h"
#include "tests/widgets/config/sample_schema.h"
#include "widgets/config/config_document.h"

#include <QSignalSpy>
#include <QTest>

namespace tst_config_document {
using namespace leyden::ui;

class TestConfigDocument final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        m_document = std::make_unique<ConfigDocument>(sampleSchema());
        m_document->load(sampleConfig());
    }

    void setsAndTakesBack()
    {
        QSignalSpy changed(m_document.get(), &ConfigDocument::changed);
        m_document->setValue(epochs, 20);
        QVERIFY(*m_document->value(epochs) == 20);
        QCOMPARE(changed.size(), 1);
        QCOMPARE(changed[0][0].toString(), epochs);
        m_document->undoStack()->undo();
        QCOMPARE(m_document->config().dump(), sampleConfig().dump());
        m_document->undoStack()->redo();
        QVERIFY(*m_document->value(epochs) == 20);
    }

    void typingIsOneStep()
    {
        m_document->setValue(epochs, 2);
        m_document->setValue(epochs, 20);
        m_document->setValue(epochs, 200);
        QCOMPARE(m_document->undoStack()->count(), 1);
        m_document->finishEdit();
        m_document->setValue(epochs, 7);
        QCOMPARE(m_document->undoStack()->count(), 2);
        m_document->undoStack()->undo();
        QVERIFY(*m_document->value(epochs) == 200);
    }

    void typingBackLeavesNoStep()
    {
        m_document->setValue(epochs, 1);
        m_document->setValue(epochs, 10);
        QCOMPARE(m_document->undoStack()->count(), 0);
        QVERIFY(m_document->changes().empty());
    }

    void anUndoneStepTakesNoMoreTyping()
    {
        m_document->setValue(epochs, 20);
        m_document->finishEdit();
        m_document->setValue(epochs, 30);
        m_document->undoStack()->undo();
        m_document->setValue(epochs, 40);
        m_document->undoStack()->undo();
        QVERIFY(*m_document->value(epochs) == 20);
    }

    void newKeysStandInTheSchemasOrder()
    {
        m_document->setValue(QStringLiteral("/trainer/max_steps"), 500);
        m_document->setValue(QStringLiteral("/num_threads"), 2);
        m_document->setValue(QStringLiteral("/model/init_args/dropout"), 0.1);
        m_document->setValue(QStringLiteral("/lr_scheduler/frequency"), 2);
        QCOMPARE(keysOf(m_document->config()),
            QStringLiteral(
                "seed_everything num_threads model data optimizer lr_scheduler trainer"));
        QCOMPARE(keysOf(m_document->config()["trainer"]),
            QStringLiteral(
                "max_epochs max_steps gradient_clip_val val_check_interval logger callbacks"));
        QCOMPARE(keysOf(m_document->config()["lr_scheduler"]),
            QStringLiteral("class_path init_args interval frequency"));
    }

    void makesWhatIsMissingAboveInOrder()
    {
        m_document->load(Json::parse(R"({"model": "MLP", "ckpt_path": "last"})"));
        m_document->setValue(epochs, 3);
        m_document->setValue(QStringLiteral("/model/init_args/dropout"), 0.5);
        QCOMPARE(m_document->config().dump(),
            Json::parse(R"({"model": {"class_path": "MLP", "init_args": {"dropout": 0.5}},
                            "trainer": {"max_epochs": 3}, "ckpt_path": "last"})")
                .dump());
        m_document->reset(epochs);
        QVERIFY2(!m_document->config().contains("trainer"), "no empty object stays behind");
    }

    void resetRestoresThePresetOrTheDefault()
    {
        const auto lr = QStringLiteral("/optimizer/init_args/lr");
        const auto eps = QStringLiteral("/optimizer/init_args/eps");
        m_document->setValue(lr, 0.1);
        m_document->setValue(eps, 1.0);
        QVERIFY(m_document->isChanged(lr) && m_document->isChanged(eps));
        QCOMPARE(m_document->baselineText(lr), QStringLiteral("0.001"));
        QCOMPARE(m_document->baselineText(eps), QStringLiteral("1e-8"));
        m_document->reset(lr);
        m_document->reset(eps);
        QCOMPARE(m_document->config().dump(), sampleConfig().dump());
    }

    void aChangedClassComparesWithDefaults()
    {
        m_document->setValue(QStringLiteral("/optimizer"),
            Json::parse(R"({"class_path": "SGD", "init_args": {"lr": 0.001}})"));
        QVERIFY(m_document->isChanged(QStringLiteral("/optimizer")));
        QVERIFY(!m_document->isChanged(QStringLiteral("/optimizer/init_args/lr")));
        QVERIFY(!m_document->isChanged(QStringLiteral("/optimizer/init_args/weight_decay")));
        QCOMPARE(m_document->baselineText(QStringLiteral("/optimizer")), QStringLiteral("AdamW"));
        QCOMPARE(m_document->changes().size(), 1u);
    }

    void writingTheDefaultOutIsNoChange()
    {
        auto config = sampleConfig();
        config["model"]["init_args"]["dropout"] = 0; // the default is 0.0
        m_document->load(config, sampleConfig());
        QVERIFY(!m_document->isChanged(QStringLiteral("/model/init_args/dropout")));
        QVERIFY(m_document->changes().empty());
        config["trainer"]["limit_train_batches"] = 1;
        auto preset = config;
        preset["trainer"]["limit_train_batches"] = 1.0;
        m_document->load(config, preset);
        QVERIFY(m_document->isChanged(QStringLiteral("/trainer/limit_train_batches")));
    }

    void resetAllIsOneStep()
    {
        m_document->setValue(epochs, 1);
        m_document->setValue(QStringLiteral("/seed_everything"), 1);
        m_document->resetAll();
        QCOMPARE(m_document->config().dump(), sampleConfig().dump());
        m_document->undoStack()->undo();
        QCOMPARE(m_document->changes().size(), 2u);
    }

    void problemsStandAtTheNearestField()
    {
        m_document->setProblems({{epochs, QStringLiteral("A")},
            {QStringLiteral("/model/init_args/hidden_sizes/0"), QStringLiteral("B")},
            {QStringLiteral("/model/init_args/widht"), QStringLiteral("C")}});
        QCOMPARE(m_document->problemsAt(epochs), QStringList{QStringLiteral("A")});
        QCOMPARE(m_document->problemsAt(QStringLiteral("/model/init_args/hidden_sizes")),
            QStringList{QStringLiteral("B")});
        QCOMPARE(
            m_document->problemsAt(QStringLiteral("/model")), QStringList{QStringLiteral("C")});
    }

    void settlesAfterTheLastChange()
    {
        QSignalSpy settled(m_document.get(), &ConfigDocument::settled);
        m_document->setValue(epochs, 1);
        m_document->setValue(epochs, 12);
        QCOMPARE(settled.size(), 0);
        QVERIFY(settled.wait(2000));
        QCOMPARE(settled.size(), 1);
    }

private:
    static QString keysOf(const Json& object)
    {
        QStringList keys;
        for (const auto& [key, value] : object.items())
            keys += toQString(key);
        return keys.join(QLatin1Char(' '));
    }

    const QString epochs = QStringLiteral("/trainer/max_epochs");
    std::unique_ptr<ConfigDocument> m_document;
};
LEYDEN_TEST(TestConfigDocument)
} // namespace tst_config_document

#include "tst_config_document.moc"
