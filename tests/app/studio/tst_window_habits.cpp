// SPDX-License-Identifier: GPL-3.0-or-later
#include "programs.h"

#include "app/studio/window/studio_actions.h"
#include "tests/support/widget_test.h"

#include <QAbstractButton>
#include <QAbstractItemView>
#include <QAbstractSpinBox>
#include <QAction>
#include <QApplication>
#include <QComboBox>
#include <QFile>
#include <QFileDialog>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QSlider>
#include <QTimer>
#include <QWheelEvent>

#include <type_traits>

namespace tst_window_habits {
using namespace leyden;
using namespace leyden::app;
using leyden::app::test::openLong;
using leyden::app::test::StudioWindow;

/// What a hand meets everywhere in the window: keys, names to read, the wheel.
class TestWindowHabits final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void item20_isDrivenByTheKeyboardAlone()
    {
        StudioWindow studio;
        openLong(studio);
        auto* window = studio.window.get();
        window->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(window));
        QTest::keyClick(window, Qt::Key_1, Qt::ControlModifier);
        QVERIFY(studio.find<QAction>("viewStart")->isChecked());
        QTRY_VERIFY(studio.find<QAction>("startRun")->isEnabled()); // once the config is checked
        QTest::keyClick(window, Qt::Key_F5);
        QTRY_COMPARE_WITH_TIMEOUT(studio.controller().phase(), RunPhase::Running, 30000);
        QVERIFY(studio.find<QAction>("viewMonitor")->isChecked());
        QTest::keyClick(window, Qt::Key_F6);
        QTRY_COMPARE(studio.controller().phase(), RunPhase::Paused);
        QTest::keyClick(window, Qt::Key_F6);
        QTRY_COMPARE(studio.controller().phase(), RunPhase::Running);
        QTest::keyClick(window, Qt::Key_4, Qt::ControlModifier | Qt::AltModifier);
        QTRY_VERIFY_WITH_TIMEOUT(studio.isIdle(), 60000);
        QVERIFY(studio.checkpoints().contains(QStringLiteral("stopped.ckpt")));

        const auto exported = studio.path(QStringLiteral("by keys.json"));
        bool isTyped = false;
        QTimer::singleShot(0, window, [&] { // the dialog has an event loop of its own
            const auto dialog
                = [] { return qobject_cast<QFileDialog*>(QApplication::activeModalWidget()); };
            auto* name = QTest::qWaitFor(dialog, 10000)
                ? dialog()->findChild<QLineEdit*>(QStringLiteral("fileNameEdit"))
                : nullptr;
            if (name && QTest::qWaitFor([name] { return name->hasFocus(); }, 10000)) {
                QTest::keyClick(name, Qt::Key_A, Qt::ControlModifier);
                QTest::keyClicks(name, exported);
                QTest::keyClick(name, Qt::Key_Return);
                isTyped = !dialog();
            }
            if (dialog())
                dialog()->reject();
        });
        QTest::keyClick(window, Qt::Key_S, Qt::ControlModifier | Qt::ShiftModifier);
        QVERIFY(isTyped);
        QFile file(exported);
        QVERIFY(file.open(QIODevice::ReadOnly));
        const auto config = QJsonDocument::fromJson(file.readAll()).object();
        QCOMPARE(config.value(QStringLiteral("data"))
                     .toObject()
                     .value(QStringLiteral("init_args"))
                     .toObject()
                     .value(QStringLiteral("batch_size"))
                     .toInt(),
            4);
    }

    void everyActionHasAShortcutOfItsOwn()
    {
        StudioWindow studio;
        QHash<QKeySequence, QString> taken;
        for (const auto* action : studio.window->actions().findChildren<QAction*>()) {
            if (action->objectName() == QLatin1String("about"))
                continue; // once in a while, by the menu
            QVERIFY2(!action->shortcut().isEmpty(), qPrintable(action->objectName()));
            QVERIFY2(!taken.contains(action->shortcut()),
                qPrintable(action->objectName() + QStringLiteral(" and ")
                    + taken.value(action->shortcut())));
            taken.insert(action->shortcut(), action->objectName());
        }
        QVERIFY(taken.size() >= 20);
    }

    void noKeyBesideThatOfStartStopsARun()
    {
        StudioWindow studio;
        const auto start = studio.find<QAction>("startRun")->shortcut()[0].key();
        for (const auto* stop : studio.window->actions().stops)
            QVERIFY2(stop->shortcut()[0].key() != start, qPrintable(stop->objectName()));
    }

    void everythingAHandTouchesHasANameToRead()
    {
        StudioWindow studio;
        QVERIFY(studio.window->openPreset(QStringLiteral("digits-mlp")));
        QStringList nameless;
        for (auto* each : studio.window->findChildren<QAbstractButton*>()) {
            const bool isOfQt = each->objectName().startsWith(QStringLiteral("qt_"))
                || qobject_cast<QLineEdit*>(each->parent());
            if (!isOfQt && each->focusPolicy() != Qt::NoFocus && each->accessibleName().isEmpty()
                && each->text().isEmpty() && each->toolTip().isEmpty())
                nameless += QLatin1String(each->metaObject()->className()) + each->objectName()
                    + QStringLiteral(" in ") + each->parent()->objectName()
                    + QLatin1String(each->parent()->metaObject()->className());
        }
        const auto ofType = [&](auto* type) {
            using Type = std::remove_pointer_t<decltype(type)>;
            for (auto* each : studio.window->findChildren<Type*>()) {
                const bool isPartOfOne = qobject_cast<QAbstractScrollArea*>(each->parent())
                    || qobject_cast<QAbstractItemView*>(each->parent())
                    || qobject_cast<QComboBox*>(each->parent())
                    || each->parent()->objectName().startsWith(QStringLiteral("qt_"))
                    || each->objectName().startsWith(QStringLiteral("qt_"))
                    || QLatin1String(each->metaObject()->className())
                        == QLatin1String("QComboBoxListView");
                if (!isPartOfOne
                    && (each->accessibleName().isEmpty() || each->objectName().isEmpty()))
                    nameless += QLatin1String(each->metaObject()->className()) + QLatin1Char(' ')
                        + each->objectName() + QStringLiteral(" in ")
                        + each->parent()->objectName();
            }
        };
        ofType(static_cast<QLineEdit*>(nullptr));
        ofType(static_cast<QComboBox*>(nullptr));
        ofType(static_cast<QSlider*>(nullptr));
        ofType(static_cast<QAbstractItemView*>(nullptr));
        ofType(static_cast<QPlainTextEdit*>(nullptr));
        QVERIFY2(nameless.isEmpty(), qPrintable(nameless.join(QLatin1Char('\n'))));
    }

    void theWheelChangesNoBoxWithoutFocus()
    {
        StudioWindow studio;
        QVERIFY(studio.window->openPreset(QStringLiteral("digits-mlp")));
        studio.field("/trainer/precision");
        int boxes = 0;
        const auto roll = [](QWidget* widget, int delta) {
            const auto at = widget->rect().center();
            QWheelEvent wheel(at, widget->mapToGlobal(at), {}, QPoint(0, delta), Qt::NoButton,
                Qt::NoModifier, Qt::NoScrollPhase, false);
            QCoreApplication::sendEvent(widget, &wheel);
        };
        const auto check = [&](QWidget* widget, const auto& value) {
            widget->clearFocus();
            const auto before = value();
            for (const int delta : {-120, 120, 120})
                roll(widget, delta);
            QVERIFY2(value() == before, qPrintable(widget->objectName()));
            ++boxes;
        };
        for (auto* box : studio.window->findChildren<QComboBox*>())
            check(box, [box] { return box->currentIndex(); });
        for (auto* slider : studio.window->findChildren<QSlider*>())
            check(slider, [slider] { return slider->value(); });
        for (auto* box : studio.window->findChildren<QAbstractSpinBox*>())
            check(box, [box] { return box->text(); });
        QVERIFY(boxes > 8);
        QVERIFY(!studio.window->session().isModified());
    }
};

LEYDEN_WIDGET_TEST(TestWindowHabits)
} // namespace tst_window_habits

#include "tst_window_habits.moc"
