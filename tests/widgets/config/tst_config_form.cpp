// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/widget_test.h"
#include "tests/widgets/config/sample_schema.h"
#include "widgets/common/theme.h"
#include "widgets/config/config_document.h"
#include "widgets/config/config_form.h"
#include "widgets/config/field_row.h"
#include "widgets/config/form_pages.h"
#include "widgets/config/json_pointer.h"

#include <QAbstractItemModelTester>
#include <QAbstractItemView>
#include <QApplication>
#include <QCheckBox>
#include <QComboBox>
#include <QCompleter>
#include <QElapsedTimer>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QLocale>
#include <QMenu>
#include <QPushButton>
#include <QScrollArea>
#include <QScrollBar>
#include <QTest>
#include <QToolButton>
#include <QWheelEvent>
#include <QtTest/qtestspontaneevent.h>

#include <algorithm>

namespace tst_config_form {
using namespace leyden::ui;

namespace {

QString everyKind(const char* name)
{
    return QStringLiteral("/model/init_args/") + QString::fromLatin1(name);
}

void choose(QComboBox* box, const QString& text)
{
    const auto idx = box->findText(text);
    QVERIFY2(idx >= 0, qPrintable(text));
    box->setCurrentIndex(idx);
    Q_EMIT box->activated(idx); // as a click in the list does
}

} // namespace

class TestConfigForm final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { QLocale::setDefault(QLocale(QLocale::German)); }

    void init() { open(sampleConfig()); }

    void cleanup()
    {
        m_form.reset();
        m_document.reset();
        QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
    }

    void everyOptionHasAnEditor()
    {
        open(everyKindConfig());
        m_form->setShowsAll(true);
        m_form->setSearch(QStringLiteral("a")); // builds all pages
        m_form->setSearch({});
        QStringList missing;
        const auto check = [&](const std::vector<OptionSchema>& options, const QString& above) {
            for (const auto& [option, pointer] : placed(options, above)) {
                if (option->section.empty() && !m_form->findChild<QWidget*>(fieldName(pointer)))
                    missing += pointer;
            }
        };
        const auto& schema = m_document->schema();
        check(schema.options(), QString());
        for (const auto& option : schema.options())
            check(option.section, QLatin1Char('/') + option.name);
        const auto kind = QStringLiteral("callback");
        check(schema.component(kind, QStringLiteral("EarlyStopping"))->initArgs,
            QStringLiteral("/trainer/callbacks/0/init_args"));
        check(schema.component(QStringLiteral("model"), QStringLiteral("EveryKind"))->initArgs,
            QStringLiteral("/model/init_args"));
        QCOMPARE(missing, QStringList());
    }

    void typedValuesArriveInTheConfig_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("json");
        const auto row = [](const char* option, const char* text, const char* json) {
            QTest::newRow(option) << QString::fromLatin1(text) << QString::fromLatin1(json);
        };
        row("count", "7", "7");
        row("maybe_count", "12", "12");
        row("null_means_something", "null", "null");
        row("rate", "1e-5", "1e-5");
        row("text", "some text", R"("some text")");
        row("maybe_text", "x", R"("x")");
        row("file", "data/digits.csv", R"("data/digits.csv")");
        row("integers", "32, 16", "[32, 16]");
        row("floats", "0.8, 0.99", "[0.8, 0.99]");
        row("names", "a, b", R"(["a", "b"])");
        row("weights", "cat: 2, dog: 0.5", R"({"cat": 2, "dog": 0.5})");
        row("share", "0.5", "0.5");
        row("interval", "00:01:00:00", R"("00:01:00:00")");
        row("devices", "2", "2");
        row("needed", "y", R"("y")");
    }

    void typedValuesArriveInTheConfig()
    {
        QFETCH(const QString, text);
        QFETCH(const QString, json);
        open(everyKindConfig());
        const auto pointer = everyKind(QTest::currentDataTag());
        auto* line = input<QLineEdit>(pointer);
        QVERIFY(line);
        const auto shownBefore = line->text();
        line->setFocus();
        line->selectAll();
        QTest::keyClicks(line, text);
        QCOMPARE(line->text(), text);
        const auto value = m_document->value(pointer);
        QVERIFY(value);
        QVERIFY2(sameJson(*value, Json::parse(json.toStdString())), value->dump().c_str());

        line->clearFocus(); // ends the step
        m_document->undoStack()->undo();
        QCOMPARE(line->text(), shownBefore);
        m_document->undoStack()->redo();
        QCOMPARE(line->text(), text);
        QTest::mouseClick(
            m_form->findChild<QToolButton*>(QStringLiteral("reset:") + pointer), Qt::LeftButton);
        QCOMPARE(m_document->config().dump(), everyKindConfig().dump());
    }

    void chosenValuesArriveInTheConfig()
    {
        open(everyKindConfig());
        auto* flag = input<QCheckBox>(everyKind("flag"));
        QTest::mouseClick(flag, Qt::LeftButton, {}, QPoint(8, flag->height() / 2));
        QVERIFY(*m_document->value(everyKind("flag")) == true);
        auto* maybe = input<QComboBox>(everyKind("maybe_flag"));
        QCOMPARE(maybe->currentText(), QStringLiteral("unset: true"));
        choose(maybe, QStringLiteral("false"));
        QVERIFY(*m_document->value(everyKind("maybe_flag")) == false);
        choose(maybe, QStringLiteral("unset: true"));
        QVERIFY(!m_document->value(everyKind("maybe_flag")));
        choose(input<QComboBox>(everyKind("choice")), QStringLiteral("c"));
        QVERIFY(*m_document->value(everyKind("choice")) == "c");
        choose(input<QComboBox>(everyKind("number_choice")), QStringLiteral("64"));
        QVERIFY(*m_document->value(everyKind("number_choice")) == 64);
        QCOMPARE(m_document->undoStack()->count(), 5); // a step for each choice
    }

    void anEmptyFieldIsUnset()
    {
        auto* line = input<QLineEdit>(epochs);
        QCOMPARE(line->text(), QStringLiteral("10"));
        line->setFocus();
        line->selectAll();
        QTest::keyClick(line, Qt::Key_Delete);
        QVERIFY(!m_document->value(epochs));
        QCOMPARE(line->placeholderText(), QStringLiteral("unset: 1000"));
    }

    void wrongTextStaysAndShowsItsProblem()
    {
        auto* line = input<QLineEdit>(epochs);
        line->setFocus();
        line->selectAll();
        QTest::keyClicks(line, QStringLiteral("ten"));
        QVERIFY(*m_document->value(epochs) == "ten");
        m_document->setProblems({{epochs, QStringLiteral("found \"ten\", expected a number")}});
        auto* problem = m_form->findChild<QLabel*>(QStringLiteral("problem:") + epochs);
        QVERIFY(problem && problem->isVisible());
        QCOMPARE(problem->text(), QStringLiteral("found \"ten\", expected a number"));
        QCOMPARE(line->text(), QStringLiteral("ten"));
        QCOMPARE(line->accessibleDescription(), problem->text());
        m_document->setProblems({});
        QVERIFY(!problem->isVisible());
        QCOMPARE(line->text(), QStringLiteral("ten"));
    }

    void typingKeepsTheTextAsTyped()
    {
        const auto lr = QStringLiteral("/optimizer/init_args/lr");
        auto* line = input<QLineEdit>(lr);
        line->setFocus();
        line->selectAll();
        QTest::keyClicks(line, QStringLiteral("1e-3")); // the preset's 0.001
        QCOMPARE(line->text(), QStringLiteral("1e-3"));
        QVERIFY(!m_document->isChanged(lr));
    }

    void arrowKeysStepWithinTheRange()
    {
        open(everyKindConfig());
        auto* line = input<QLineEdit>(everyKind("count"));
        line->setFocus();
        for (int i = 0; i < 9; ++i)
            QTest::keyClick(line, Qt::Key_Up);
        QCOMPARE(line->text(), QStringLiteral("10")); // from 3, and the limit is 10
        QTest::keyClick(line, Qt::Key_Down);
        QVERIFY(*m_document->value(everyKind("count")) == 9);
    }

    void marksChangesAndTakesThemBack()
    {
        auto* row = rowOf(epochs);
        QVERIFY(!row->isChanged());
        QVERIFY(!m_form->findChild<QToolButton*>(QStringLiteral("reset:") + epochs));
        m_document->setValue(epochs, 99);
        auto* reset = m_form->findChild<QToolButton*>(QStringLiteral("reset:") + epochs);
        QVERIFY(row->isChanged() && reset->isVisible());
        QVERIFY(reset->toolTip().contains(QLatin1String("10")));
        QTest::mouseClick(reset, Qt::LeftButton);
        QCOMPARE(input<QLineEdit>(epochs)->text(), QStringLiteral("10"));
        QVERIFY(!row->isChanged() && !reset->isVisible());
    }

    void anotherClassBringsItsOptions()
    {
        auto* box = input<QComboBox>(QStringLiteral("/model"));
        m_document->setValue(QStringLiteral("/model/init_args/dropout"), 0.25);
        choose(box, QStringLiteral("CNN"));
        QVERIFY(input<QLineEdit>(QStringLiteral("/model/init_args/channels")));
        QVERIFY(!input<QLineEdit>(QStringLiteral("/model/init_args/hidden_sizes")));
        QVERIFY(*m_document->value(QStringLiteral("/model/class_path")) == "CNN");
        QVERIFY(!m_document->value(QStringLiteral("/model/init_args/hidden_sizes")));
        m_document->setValue(QStringLiteral("/model/init_args/kernel_size"), 5);

        choose(box, QStringLiteral("MLP")); // what was set before comes back
        QCOMPARE(input<QLineEdit>(QStringLiteral("/model/init_args/dropout"))->text(),
            QStringLiteral("0.25"));
        choose(box, QStringLiteral("CNN"));
        QCOMPARE(input<QLineEdit>(QStringLiteral("/model/init_args/kernel_size"))->text(),
            QStringLiteral("5"));
        m_document->undoStack()->undo();
        QCOMPARE(box->currentText(), QStringLiteral("MLP"));
        QVERIFY(input<QLineEdit>(QStringLiteral("/model/init_args/hidden_sizes")));
    }

    void aSlotMayBeEmptied()
    {
        auto* box = input<QComboBox>(QStringLiteral("/lr_scheduler"));
        choose(box, QStringLiteral("none"));
        QVERIFY(m_document->effectiveValue(QStringLiteral("/lr_scheduler")).is_null());
        QVERIFY(!input<QLineEdit>(QStringLiteral("/lr_scheduler/init_args/T_max")));
        choose(box, QStringLiteral("StepLR"));
        QVERIFY(input<QLineEdit>(QStringLiteral("/lr_scheduler/init_args/step_size")));
        QVERIFY(input<QComboBox>(QStringLiteral("/lr_scheduler/interval")));
    }

    void listsGrowMoveAndShrink()
    {
        m_form->showPage(QStringLiteral("callbacks"));
        auto* add = m_form->findChild<QPushButton*>(QStringLiteral("add:") + callbacks);
        QVERIFY(add);
        QStringList offered;
        for (auto* action : add->menu()->actions())
            offered += action->text();
        QCOMPARE(offered.join(QLatin1Char(' ')),
            QStringLiteral("EarlyStopping ModelCheckpoint LearningRateMonitor Timer"));
        add->menu()->actions().at(3)->trigger();
        QCOMPARE(names(), QStringLiteral("EarlyStopping ModelCheckpoint Timer"));
        QVERIFY(input<QLineEdit>(callbacks + QStringLiteral("/2/init_args/duration")));

        QTest::mouseClick(button("up", 2), Qt::LeftButton);
        QCOMPARE(names(), QStringLiteral("EarlyStopping Timer ModelCheckpoint"));
        QVERIFY(input<QLineEdit>(callbacks + QStringLiteral("/1/init_args/duration")));
        QVERIFY(!button("up", 0)->isEnabled());
        QVERIFY(!button("down", 2)->isEnabled());
        QTest::mouseClick(button("down", 0), Qt::LeftButton);
        QCOMPARE(names(), QStringLiteral("Timer EarlyStopping ModelCheckpoint"));
        QTest::mouseClick(button("remove", 0), Qt::LeftButton);
        QCOMPARE(names(), QStringLiteral("EarlyStopping ModelCheckpoint"));
        QVERIFY(!m_document->isChanged(callbacks));
        for (int i = 0; i < 4; ++i)
            m_document->undoStack()->undo();
        QCOMPARE(m_document->config().dump(), sampleConfig().dump());
    }

    void itemsFold()
    {
        m_form->showPage(QStringLiteral("callbacks"));
        auto* line = input<QLineEdit>(callbacks + QStringLiteral("/0/init_args/monitor"));
        QVERIFY(line->isVisible());
        QTest::mouseClick(button("fold", 0), Qt::LeftButton);
        QVERIFY(!line->isVisible());
        QTest::mouseClick(button("fold", 0), Qt::LeftButton);
        QVERIFY(line->isVisible());
    }

    void aListMayBeASwitch()
    {
        const auto logger = QStringLiteral("/trainer/logger");
        m_form->showPage(QStringLiteral("logging"));
        auto* mode = input<QComboBox>(logger);
        QCOMPARE(mode->currentText(), QStringLiteral("a list"));
        choose(mode, QStringLiteral("false"));
        QVERIFY(*m_document->value(logger) == false);
        QVERIFY(!input<QLineEdit>(logger + QStringLiteral("/0/init_args/save_dir")));
        m_form->findChild<QPushButton*>(QStringLiteral("add:") + logger)
            ->menu()
            ->actions()
            .at(1)
            ->trigger();
        QCOMPARE(mode->currentText(), QStringLiteral("a list"));
        QVERIFY(input<QLineEdit>(logger + QStringLiteral("/0/init_args/save_dir")));
    }

    void optionsWaitForWhatTheyDependOn()
    {
        open(everyKindConfig());
        auto* line = input<QLineEdit>(everyKind("needs_flag"));
        QVERIFY(!line->isEnabled());
        QVERIFY(rowOf(everyKind("needs_flag"))
                ->toolTip()
                .contains(QLatin1String("Only matters when flag is set.")));
        m_document->setValue(everyKind("flag"), true);
        QVERIFY(line->isEnabled());
        QVERIFY(!rowOf(everyKind("needs_flag"))->toolTip().contains(QLatin1String("Only matters")));

        auto* choice = input<QLineEdit>(everyKind("needs_choice"));
        QVERIFY(!choice->isEnabled()); // the default is b
        QVERIFY(rowOf(everyKind("needs_choice"))
                ->toolTip()
                .contains(QLatin1String("choice is a or c")));
        m_document->setValue(everyKind("choice"), "c");
        QVERIFY(choice->isEnabled());
        QVERIFY(!input<QCheckBox>(everyKind("later"))->isEnabled());
    }

    void toolTipsExplainEveryOption()
    {
        open(everyKindConfig());
        m_form->setShowsAll(true);
        for (const auto* row : m_form->findChildren<FieldRow*>()) {
            QVERIFY(row->toolTip().contains(row->option().name));
            QVERIFY(row->toolTip().contains(row->option().help.toHtmlEscaped()));
            QVERIFY(row->toolTip().contains(QLatin1String("Default:")) || row->option().isRequired);
        }
    }

    void basicHidesAdvancedOptions()
    {
        m_form->showPage(QStringLiteral("trainer"));
        auto* advanced = rowOf(QStringLiteral("/trainer/num_nodes"));
        QVERIFY(advanced->isHidden());
        QVERIFY(!rowOf(epochs)->isHidden());
        auto* more = m_form->findChild<QToolButton*>(QStringLiteral("more:trainer"));
        QVERIFY(more->isVisible());
        QTest::mouseClick(more, Qt::LeftButton);
        QVERIFY(m_form->showsAll());
        QVERIFY(!advanced->isHidden() && !more->isVisible());
        m_form->setShowsAll(false);
        QVERIFY(advanced->isHidden());
    }

    void basicShowsAdvancedOptionsThatMatter()
    {
        m_form->showPage(QStringLiteral("trainer"));
        auto* row = rowOf(QStringLiteral("/trainer/min_epochs"));
        QVERIFY(row->isHidden());
        m_document->setValue(row->pointer(), 3);
        QVERIFY(!row->isHidden());
        auto* other = rowOf(QStringLiteral("/trainer/devices"));
        QVERIFY(other->isHidden());
        m_document->setProblems({{other->pointer(), QStringLiteral("no")}});
        QVERIFY(!other->isHidden());
    }

    void searchFindsOnAllPages()
    {
        m_form->setSearch(QStringLiteral("monitor metric"));
        QVERIFY(m_form->matches() >= 2);
        QVERIFY(!rowOf(callbacks + QStringLiteral("/0/init_args/monitor"))->isHidden());
        QVERIFY(rowOf(callbacks + QStringLiteral("/0/init_args/patience"))->isHidden());
        QVERIFY(rowOf(epochs)->isHidden());
        m_form->setSearch(QStringLiteral("detect_anomaly")); // advanced, and found all the same
        QCOMPARE(m_form->matches(), 1);
        QCOMPARE(m_form->currentPage(), QStringLiteral("trainer"));
        m_form->setSearch(QStringLiteral("no such thing anywhere"));
        QCOMPARE(m_form->matches(), 0);
        m_form->setSearch({});
        QVERIFY(!rowOf(epochs)->isHidden());
        QVERIFY(!rowOf(callbacks + QStringLiteral("/0/init_args/patience"))->isHidden());
    }

    void revealsAPlace()
    {
        QVERIFY(m_form->reveal(callbacks + QStringLiteral("/1/init_args/save_top_k")));
        QCOMPARE(m_form->currentPage(), QStringLiteral("callbacks"));
        QVERIFY(
            input<QLineEdit>(callbacks + QStringLiteral("/1/init_args/save_top_k"))->hasFocus());
        QVERIFY(m_form->reveal(QStringLiteral("/trainer/num_sanity_val_steps"))); // advanced
        QVERIFY(rowOf(QStringLiteral("/trainer/num_sanity_val_steps"))->isVisible());
        QVERIFY(!m_form->reveal(QStringLiteral("/nonsense")));
    }

    void theWheelScrollsThePage()
    {
        m_form->resize(800, 300);
        m_form->showPage(QStringLiteral("trainer"));
        m_form->setShowsAll(true);
        QCoreApplication::processEvents();
        auto* box = input<QComboBox>(QStringLiteral("/trainer/accelerator"));
        auto* bar
            = m_form->findChild<QScrollArea*>(QStringLiteral("page:trainer"))->verticalScrollBar();
        QVERIFY(bar->maximum() > 0);
        box->clearFocus();
        const QPointF middle = box->rect().center();
        QWheelEvent turn(middle, box->mapToGlobal(middle), {}, {0, -120}, Qt::NoButton,
            Qt::NoModifier, Qt::NoScrollPhase, false);
        QSpontaneKeyEvent::setSpontaneous(&turn); // else it goes to no parent
        bar->setValue(0);
        qApp->notify(box, &turn); // sendEvent() would take the mark away
        QCOMPARE(box->currentText(), QStringLiteral("auto"));
        QVERIFY(bar->value() > 0);
    }

    void theKeyboardReachesEveryField()
    {
        open(everyKindConfig());
        m_form->showPage(QStringLiteral("model"));
        auto* first = input<QComboBox>(QStringLiteral("/model"));
        first->setFocus();
        QStringList reached;
        for (int i = 0; i < 100 && (i == 0 || QApplication::focusWidget() != first); ++i) {
            if (auto* focus = QApplication::focusWidget())
                reached += focus->objectName();
            QTest::keyClick(QApplication::focusWidget(), Qt::Key_Tab);
        }
        for (const auto* row : m_form->findChildren<FieldRow*>()) {
            auto* field = m_form->findChild<QWidget*>(fieldName(row->pointer()));
            if (field->isVisible() && field->isEnabled() && field->focusPolicy() != Qt::NoFocus)
                QVERIFY2(reached.contains(field->objectName()), qPrintable(field->objectName()));
            QCOMPARE(field->accessibleName(), row->option().name);
        }
    }

    void buildsTheWholeTrainerPage()
    {
        m_form->setShowsAll(true);
        QElapsedTimer timer;
        timer.start();
        m_form->showPage(QStringLiteral("trainer"));
        // a figure, no verdict: machines differ
        qInfo("the trainer page was built in %lld ms", timer.elapsed());
        const auto* page = m_form->findChild<QScrollArea*>(QStringLiteral("page:trainer"));
        QVERIFY(page->findChildren<FieldRow*>().size() >= 30);
    }

    void pagesKeepTheModelsContract()
    {
        FormPageModel model(formPages(m_document->schema()));
        QAbstractItemModelTester tester(&model);
        QCOMPARE(model.rowCount(), 7);
        model.setProblems(2, 1);
        model.setMatches(0, 4);
        QCOMPARE(model.index(2).data(FormPageModel::ProblemsRole).toInt(), 1);
        QCOMPARE(model.index(0).data().toString(), QStringLiteral("Model"));
    }

    void whatTheSchemaDoesNotKnowIsCountedOnItsPage()
    {
        m_document->setProblems({{QStringLiteral("/trainer/precison"), QStringLiteral("unknown")},
            {QStringLiteral("/trainer/precison/deeper"), QStringLiteral("unknown")},
            {QStringLiteral("/nothing"), QStringLiteral("unknown")}});
        const auto* pages = m_form->findChild<QListView*>(QStringLiteral("configPages"))->model();
        QStringList counted;
        for (int row = 0; row < pages->rowCount(); ++row)
            if (const int count = pages->index(row, 0).data(FormPageModel::ProblemsRole).toInt();
                count > 0)
                counted += QStringLiteral("%1 %2").arg(
                    pages->index(row, 0).data().toString(), QString::number(count));
        QCOMPARE(counted, QStringList{QStringLiteral("Trainer 2")});
    }

    void aMetricIsChosenFromThoseThereAre()
    {
        const auto monitor = callbacks + QStringLiteral("/0/init_args/monitor");
        auto* line = input<QLineEdit>(monitor);
        auto* list = line->parentWidget()->findChild<QToolButton*>(QStringLiteral("names:monitor"));
        QVERIFY(list && !list->isEnabled()); // nothing is known yet
        m_document->setKnownNames(QStringLiteral("columns"), {QStringLiteral("digit")});
        QVERIFY(!list->isEnabled());
        m_document->setKnownNames(QStringLiteral("metrics"),
            {QStringLiteral("val_loss"), QStringLiteral("val_acc"), QStringLiteral("train_loss")});
        QVERIFY(list->isEnabled());
        chooseName(line, list, 1);
        QVERIFY(*m_document->value(monitor) == "val_acc");
        QCOMPARE(line->text(), QStringLiteral("val_acc"));
        m_document->undoStack()->undo(); // a step of its own
        QCOMPARE(line->text(), QStringLiteral("val_loss"));

        m_document->load(everyKindConfig()); // of other data, which nobody has looked at yet
        QVERIFY(m_document->knownNames(QStringLiteral("metrics")).isEmpty());
    }

    void columnsAreAddedAndTakenAway()
    {
        const auto features = QStringLiteral("/data/init_args/features");
        m_document->setKnownNames(QStringLiteral("columns"),
            {QStringLiteral("pixel0"), QStringLiteral("a, b"), QStringLiteral("digit")});
        auto* line = input<QLineEdit>(features);
        auto* list
            = line->parentWidget()->findChild<QToolButton*>(QStringLiteral("names:features"));
        const auto value = [&] { return m_document->effectiveValue(features).dump(); };
        chooseName(line, list, 1);
        QCOMPARE(value(), std::string(R"(["a, b"])"));
        chooseName(line, list, 2);
        QCOMPARE(value(), std::string(R"(["a, b","digit"])"));
        QCOMPARE(line->text(), QStringLiteral("\"a, b\", digit"));
        chooseName(line, list, 1); // once more: it goes
        QCOMPARE(value(), std::string(R"(["digit"])"));

        line->setFocus();
        line->end(false);
        QTest::keyClicks(line, QStringLiteral(", PIX")); // what is typed of a name becomes the name
        auto* popup = line->completer()->popup();
        QTRY_VERIFY(popup->isVisible());
        QCOMPARE(popup->model()->rowCount(), 1);
        QTest::keyClick(popup, Qt::Key_Down);
        QTest::keyClick(popup, Qt::Key_Return);
        QCOMPARE(value(), std::string(R"(["digit","pixel0"])"));
    }

    void anUnknownOptionOfTheSchemaHasAPlace()
    {
        auto schema = sampleSchema();
        schema["properties"]["new_thing"] = {{"type", "integer"}, {"default", 1}};
        schema["properties"]["trainer"]["properties"]["other_thing"]
            = {{"type", "string"}, {"default", "x"}, {"x-group", "Brand new"}};
        m_form.reset();
        m_document = std::make_unique<ConfigDocument>(schema);
        m_document->load(sampleConfig());
        m_form = std::make_unique<ConfigForm>(*m_document);
        QVERIFY(m_form->reveal(QStringLiteral("/new_thing")));
        QVERIFY(m_form->reveal(QStringLiteral("/trainer/other_thing")));
    }

private:
    void open(const Json& config)
    {
        m_form.reset();
        m_document = std::make_unique<ConfigDocument>(sampleSchema());
        m_document->load(config);
        m_form = std::make_unique<ConfigForm>(*m_document);
        m_form->resize(900, 700);
        m_form->show();
        QVERIFY(QTest::qWaitForWindowActive(m_form.get()));
    }

    static QString fieldName(const QString& pointer) { return QStringLiteral("field:") + pointer; }

    /// The input of an option, on the page that shows it.
    template <class Widget> Widget* input(const QString& pointer)
    {
        m_form->reveal(pointer);
        return m_form->findChild<Widget*>(fieldName(pointer));
    }

    FieldRow* rowOf(const QString& pointer)
    {
        auto* row = m_form->findChild<FieldRow*>(QStringLiteral("row:") + pointer);
        if (!row)
            m_form->reveal(pointer);
        return row ? row : m_form->findChild<FieldRow*>(QStringLiteral("row:") + pointer);
    }

    /// From the list that the button opens, by keys.
    static void chooseName(const QLineEdit* line, QToolButton* list, int row)
    {
        QTest::mouseClick(list, Qt::LeftButton);
        auto* popup = line->completer()->popup();
        QTRY_VERIFY(popup->isVisible());
        QCOMPARE(popup->model()->rowCount(), 3);
        for (int i = 0; i <= row; ++i)
            QTest::keyClick(popup, Qt::Key_Down);
        QTest::keyClick(popup, Qt::Key_Return);
        QVERIFY(!popup->isVisible());
    }

    QToolButton* button(const char* action, int idx)
    {
        return m_form->findChild<QToolButton*>(
            QStringLiteral("%1:%2/%3").arg(QLatin1String(action), callbacks).arg(idx));
    }

    QString names() const
    {
        QStringList names;
        const auto list = m_document->effectiveValue(callbacks);
        for (const auto& item : list)
            names += classPathOf(&item);
        return names.join(QLatin1Char(' '));
    }

    const QString epochs = QStringLiteral("/trainer/max_epochs");
    const QString callbacks = QStringLiteral("/trainer/callbacks");
    std::unique_ptr<ConfigDocument> m_document;
    std::unique_ptr<ConfigForm> m_form;
};
LEYDEN_WIDGET_TEST(TestConfigForm)
} // namespace tst_config_form

#include "tst_config_form.moc"
