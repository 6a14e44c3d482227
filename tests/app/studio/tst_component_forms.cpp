// SPDX-License-Identifier: GPL-3.0-or-later
// Every callback and precision by the form that its options alone make.
#include "studio_window.h"
#include "tests/support/widget_test.h"

#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QMap>
#include <QMenu>
#include <QPushButton>
#include <QToolButton>

#include <algorithm>

namespace tst_component_forms {
using namespace leyden;
using namespace leyden::app;
using leyden::app::test::StudioWindow;
using leyden::app::test::type;

namespace {

const QString callbacks = QStringLiteral("/trainer/callbacks");

/// What the required options are set to, and what a run needs on an iris.
QMap<QString, QString> answers(const QString& callback)
{
    const QMap<QString, QMap<QString, QString>> all{
        {QStringLiteral("EarlyStopping"),
            {{QStringLiteral("monitor"), QStringLiteral("val_loss")}}},
        {QStringLiteral("OnExceptionCheckpoint"),
            {{QStringLiteral("dirpath"), QStringLiteral("saved")}}},
        {QStringLiteral("PredictionWriter"),
            {{QStringLiteral("output_dir"), QStringLiteral("predicted")}}},
        {QStringLiteral("GradientAccumulationScheduler"),
            {{QStringLiteral("scheduling"), QStringLiteral("{\"0\": 1, \"1\": 2}")}}},
        {QStringLiteral("StochasticWeightAveraging"),
            {{QStringLiteral("swa_lrs"), QStringLiteral("0.05")}}},
        {QStringLiteral("ModelPruning"),
            {{QStringLiteral("pruning_fn"), QStringLiteral("l1_unstructured")}}},
        {QStringLiteral("SpikeDetection"), {{QStringLiteral("atol"), QStringLiteral("1e9")}}},
    };
    return all.value(callback);
}

void answer(QWidget* field, const QString& text)
{
    if (auto* box = qobject_cast<QComboBox*>(field)) {
        box->setFocus();
        for (int i = 0; i < box->count() && box->currentText() != text; ++i)
            QTest::keyClick(box, Qt::Key_Down);
        QCOMPARE(box->currentText(), text);
    } else {
        type(field, text);
    }
}

void addComponent(const StudioWindow& studio, const QString& name)
{
    studio.field("/trainer/callbacks");
    const auto actions = studio.find<QPushButton>("add:/trainer/callbacks")->menu()->actions();
    const auto found = std::find_if(actions.begin(), actions.end(),
        [&](const QAction* action) { return action->text() == name; });
    QVERIFY(found != actions.end());
    QVERIFY(!(*found)->toolTip().isEmpty());
    (*found)->trigger();
}

/// A value just beyond a bound that the option's only kind of number has; "": it has none.
QString outOfRange(const Option& option)
{
    if (option.types.empty() || !option.types[0].choices.empty()
        || (option.types[0].type != ValueType::Int && option.types[0].type != ValueType::Float)
        || (option.types.size() > 1 && option.types[1].type != ValueType::Null))
        return {};
    const auto& rule = option.types[0];
    if (rule.minimum)
        return QString::number(*rule.minimum - 1.0);
    if (rule.exclusive_minimum)
        return QString::number(*rule.exclusive_minimum);
    return rule.maximum ? QString::number(*rule.maximum + 1.0) : QString();
}

} // namespace

class TestComponentForms final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void everyCallbackIsAddedFilledInAndTrainedWith_data()
    {
        QTest::addColumn<QString>("name");
        const auto registry = builtin_registry();
        const auto all = registry.all(ComponentKind::Callback);
        QVERIFY(all.size() >= 18);
        for (const auto& each : all)
            QTest::newRow(each->name.c_str()) << QString::fromStdString(each->name);
    }

    void everyCallbackIsAddedFilledInAndTrainedWith()
    {
        QFETCH(const QString, name);
        StudioWindow studio;
        QVERIFY(studio.window->openPreset(QStringLiteral("iris-linear")));
        auto& document = studio.window->session().document();
        document.setValue(QStringLiteral("/trainer/max_epochs"), 2);
        document.setValue(callbacks, Json::array());
        addComponent(studio, name);
        const auto item = callbacks + QStringLiteral("/0");
        QVERIFY(document.value(item + QStringLiteral("/class_path")) == Json(name.toStdString()));

        const auto* info = studio.registry.find(ComponentKind::Callback, name.toStdString());
        QVERIFY(info);
        const auto given = answers(name);
        int bounded = 0;
        for (const auto& option : info->options) {
            const auto optionName = QString::fromStdString(option.name);
            const auto pointer = (item + QStringLiteral("/init_args/") + optionName).toUtf8();
            auto* field = studio.field(pointer.constData());
            QVERIFY2(field->isVisible(), pointer.constData());
            QCOMPARE(field->accessibleName(), optionName);
            const auto help = QString::fromStdString(option.help);
            QVERIFY2(help.size() > 10 && help[0].isUpper() && !help.endsWith(QLatin1Char('.')),
                pointer.constData());
            const auto tip = studio.find<QWidget>(("row:" + pointer).constData())->toolTip();
            QVERIFY2(tip.contains(help.toHtmlEscaped()) || tip.contains(help), qPrintable(tip));
            if (!field->isEnabled()) { // it matters only where another one is set
                QVERIFY2(!option.depends.empty(), pointer.constData());
                continue;
            }
            if (given.contains(optionName)) {
                answer(field, given.value(optionName));
                QVERIFY(document.value(QString::fromUtf8(pointer)).has_value());
            } else if (const auto wrong = outOfRange(option); !wrong.isEmpty()) {
                ++bounded;
                type(field, wrong);
                const QLabel* problem = nullptr; // made when it is needed
                QTRY_VERIFY2((problem = studio.window->findChild<QLabel*>(
                                  QString::fromUtf8("problem:" + pointer))),
                    pointer.constData());
                QTRY_VERIFY2(problem->isVisible(), pointer.constData());
                QVERIFY2(problem->text().contains(wrong), qPrintable(problem->text()));
                studio.find<QToolButton>(("reset:" + pointer).constData())->click();
                QTRY_VERIFY2(!problem->isVisible(), pointer.constData());
            }
        }
        qInfo("%d options, %d with bounds", int(info->options.size()), bounded);
        if (name == QStringLiteral("BackboneFinetuning")) { // a linear model has none
            const auto said = [&] {
                return document.problems().size() == 1
                    && document.problems().first().message.contains(QStringLiteral("net.0"));
            };
            QTRY_VERIFY_WITH_TIMEOUT(said(), 30000);
            QCOMPARE(
                document.problems().first().pointer, item + QStringLiteral("/init_args/backbone"));
            return;
        }
        studio.start();
        QTRY_VERIFY_WITH_TIMEOUT(
            studio.controller().isActive() || !studio.controller().folder().isEmpty(), 30000);
        QTRY_VERIFY_WITH_TIMEOUT(studio.isIdle(), 60000);
        const auto run = studio.runJson();
        const auto failure = run.value(QStringLiteral("failure")).toString();
        QVERIFY2(
            run.value(QStringLiteral("state")) == QStringLiteral("finished"), qPrintable(failure));
    }

    void everyPrecisionCanBeChosenAndTrains_data()
    {
        QTest::addColumn<QString>("precision");
        for (const auto* each :
            {"32-true", "64-true", "16-mixed", "bf16-mixed", "16-true", "bf16-true"})
            QTest::newRow(each) << QString::fromLatin1(each);
    }

    void everyPrecisionCanBeChosenAndTrains()
    {
        QFETCH(const QString, precision);
        StudioWindow studio;
        QVERIFY(studio.window->openPreset(QStringLiteral("iris-linear")));
        studio.window->session().document().setValue(QStringLiteral("/trainer/max_epochs"), 1);
        auto* box = qobject_cast<QComboBox*>(studio.field("/trainer/precision"));
        QVERIFY(box);
        answer(box, precision);
        studio.start();
        QTRY_VERIFY_WITH_TIMEOUT(
            studio.controller().isActive() || !studio.controller().folder().isEmpty(), 30000);
        QTRY_VERIFY_WITH_TIMEOUT(studio.isIdle(), 60000);
        QCOMPARE(
            studio.runJson().value(QStringLiteral("state")).toString(), QStringLiteral("finished"));
        const auto config
            = QJsonDocument::fromJson(studio.read(QStringLiteral("config.json"))).object();
        QCOMPARE(config.value(QStringLiteral("trainer"))
                     .toObject()
                     .value(QStringLiteral("precision"))
                     .toString(),
            precision);
    }
};

LEYDEN_WIDGET_TEST(TestComponentForms)
} // namespace tst_component_forms

#include "tst_component_forms.moc"
