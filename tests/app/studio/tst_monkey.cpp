// SPDX-License-Identifier: GPL-3.0-or-later
// LEYDEN_MONKEY_SEED and LEYDEN_MONKEY_EVENTS choose another walk or a longer one.
#include "studio_window.h"

#include "app/studio/window/studio_actions.h"
#include "tests/support/widget_test.h"
#include "widgets/config/config_document.h"

#include <QApplication>
#include <QDesktopServices>
#include <QEventLoop>
#include <QFileDialog>
#include <QRandomGenerator>
#include <QTimer>

#include <execinfo.h>

namespace tst_monkey {
using namespace leyden;
using namespace leyden::app;
using leyden::app::test::StudioWindow;

namespace {

QStringList complaints;
QString lastDeed;

void hear(QtMsgType type, const QMessageLogContext&, const QString& text)
{
    // The platform without a screen has no window manager to ask.
    if (type == QtDebugMsg || type == QtInfoMsg
        || text.startsWith(QLatin1String("This plugin does not support"))
        || text.contains(QLatin1String("XDG_RUNTIME_DIR")))
        return;
    complaints += text + QStringLiteral(" after: ") + lastDeed;
    std::fprintf(stderr, "%s\n", qUtf8Printable(complaints.last()));
    void* frames[60];
    backtrace_symbols_fd(frames, backtrace(frames, 60), fileno(stderr));
}

int numberFrom(const char* variable, int otherwise)
{
    bool isNumber = false;
    const int value = qEnvironmentVariableIntValue(variable, &isNumber);
    return isNumber ? value : otherwise;
}

/// Does one thing after another to whatever is on the screen. Each deed arms the next before it
/// begins, so that it goes on inside menus and dialogs with an event loop of their own.
class Monkey final : public QObject
{
public:
    Monkey(StudioWindow& studio, quint32 seed, int events)
        : m_studio(studio), m_random(seed), m_left(events)
    {
    }

    void run()
    {
        arm();
        m_loop.exec();
    }
    int runsStarted() const { return m_runsStarted; }

private:
    int pick(int count) { return int(m_random.bounded(quint32(count))); }

    void arm()
    {
        QTimer::singleShot(0, this, [this] { act(); });
    }

    void act()
    {
        if (m_left-- <= 0) {
            for (auto* popup = QApplication::activePopupWidget(); popup;
                popup = QApplication::activePopupWidget())
                popup->close();
            if (auto* dialog = qobject_cast<QDialog*>(QApplication::activeModalWidget()))
                dialog->reject();
            m_loop.quit();
            return;
        }
        arm();
        if (auto* dialog = qobject_cast<QFileDialog*>(QApplication::activeModalWidget())) {
            dialog->reject(); // it could delete what is not the test's
            return;
        }
        auto* window = m_studio.window.get();
        if (!window->isVisible())
            window->show();
        if (m_left % 250 == 0)
            beginAfresh();
        auto* top = QApplication::activePopupWidget();
        if (!top)
            top = QApplication::activeModalWidget();
        if (!top)
            top = window;
        const int deed = pick(100);
        if (deed < 3)
            resizeWindow();
        else if (deed < 15)
            trigger();
        else if (deed < 60)
            click(*top);
        else if (deed < 70)
            turnWheel(*top);
        else
            press(*top);
    }

    /// A config that can run, whatever was typed into the last one; and a run.
    void beginAfresh()
    {
        auto* window = m_studio.window.get();
        if (m_studio.controller().phase() == RunPhase::Paused)
            m_studio.controller().resume();
        if (!m_studio.isIdle())
            return;
        window->openPreset(
            m_left % 500 == 0 ? QStringLiteral("digits-mlp") : QStringLiteral("penguins-mlp"));
        window->session().document().setValue(QStringLiteral("/trainer/max_epochs"), 1000);
        window->startRun();
        m_runsStarted += m_studio.isIdle() ? 0 : 1;
    }

    void resizeWindow()
    {
        lastDeed = QStringLiteral("a resize");
        m_studio.window->resize(600 + pick(1400), 400 + pick(800));
    }

    void trigger()
    {
        const auto actions = m_studio.window->findChildren<QAction*>();
        auto* action = actions.at(pick(int(actions.size())));
        lastDeed = QStringLiteral("the action ") + action->objectName() + action->text();
        if (action->isEnabled())
            action->trigger();
    }

    QWidget* anyone(QWidget& top)
    {
        QList<QWidget*> shown{&top};
        for (auto* each : top.findChildren<QWidget*>())
            if (each->isVisible() && each->isEnabled() && !each->visibleRegion().isEmpty())
                shown += each;
        auto* chosen = shown.at(pick(int(shown.size())));
        lastDeed
            = QStringLiteral("%1 %2 of %3")
                  .arg(QLatin1String(chosen->metaObject()->className()), chosen->objectName(),
                      chosen->parentWidget() ? chosen->parentWidget()->objectName() : QString());
        return chosen;
    }

    void click(QWidget& top)
    {
        auto* widget = anyone(top);
        const QPoint at(pick(std::max(1, widget->width())), pick(std::max(1, widget->height())));
        const auto button = pick(6) == 0 ? Qt::RightButton : Qt::LeftButton;
        const auto keys = pick(8) == 0 ? Qt::ControlModifier : Qt::NoModifier;
        const QPointer<QWidget> alive(widget);
        // Sent by hand, for QTest warns of a press that nobody wants.
        const auto send = [&](QEvent::Type type, const QPoint& place) {
            if (!alive)
                return;
            const bool isHeld = type != QEvent::MouseButtonRelease;
            QMouseEvent event(type, place, widget->mapToGlobal(place),
                type == QEvent::MouseMove ? Qt::NoButton : button, isHeld ? button : Qt::NoButton,
                keys);
            QApplication::sendEvent(widget, &event);
        };
        send(QEvent::MouseButtonPress, at);
        if (pick(6) == 0) // a drag
            for (int i = 0; i < 3; ++i)
                send(QEvent::MouseMove, at + QPoint(pick(160) - 80, pick(160) - 80));
        send(QEvent::MouseButtonRelease, at);
        if (pick(10) == 0) {
            send(QEvent::MouseButtonDblClick, at);
            send(QEvent::MouseButtonRelease, at);
        }
        if (alive && button == Qt::RightButton) {
            QContextMenuEvent event(QContextMenuEvent::Mouse, at, widget->mapToGlobal(at));
            QApplication::sendEvent(widget, &event);
        }
    }

    void turnWheel(QWidget& top)
    {
        auto* widget = anyone(top);
        const QPointF at(widget->rect().center());
        QWheelEvent event(at, widget->mapToGlobal(at), {}, {0, pick(2) == 0 ? 120 : -120},
            Qt::NoButton, pick(4) == 0 ? Qt::ControlModifier : Qt::NoModifier, Qt::NoScrollPhase,
            false);
        QApplication::sendEvent(widget, &event);
    }

    void press(QWidget& top)
    {
        static const QList<int> keys{Qt::Key_Tab, Qt::Key_Backtab, Qt::Key_Return, Qt::Key_Escape,
            Qt::Key_Delete, Qt::Key_Backspace, Qt::Key_Up, Qt::Key_Down, Qt::Key_Left,
            Qt::Key_Right, Qt::Key_Home, Qt::Key_End, Qt::Key_PageUp, Qt::Key_PageDown,
            Qt::Key_Space, Qt::Key_F, Qt::Key_L, Qt::Key_Z, Qt::Key_A, Qt::Key_0, Qt::Key_1,
            Qt::Key_Period, Qt::Key_Minus, Qt::Key_E, Qt::Key_BracketLeft, Qt::Key_QuoteDbl,
            Qt::Key_Comma, Qt::Key_Slash, Qt::Key_F1, Qt::Key_F6, Qt::Key_F7, Qt::Key_F8};
        static const QList<Qt::KeyboardModifiers> modifiers{Qt::NoModifier, Qt::NoModifier,
            Qt::NoModifier, Qt::ShiftModifier, Qt::ControlModifier, Qt::AltModifier};
        auto* focused = top.focusWidget();
        const auto key = Qt::Key(keys.at(pick(int(keys.size()))));
        const auto with = modifiers.at(pick(int(modifiers.size())));
        lastDeed = QStringLiteral("key %1 with %2").arg(int(key)).arg(int(with));
        const auto text = key < 0x100 && with != Qt::ControlModifier && with != Qt::AltModifier
            ? QString(QChar(key)).toLower()
            : QString();
        const QPointer<QWidget> target(focused && focused->isVisible() ? focused : &top);
        for (const auto type : {QEvent::ShortcutOverride, QEvent::KeyPress, QEvent::KeyRelease}) {
            if (!target)
                return;
            QKeyEvent event(type, key, with, text);
            if (type == QEvent::ShortcutOverride) {
                event.ignore();
                QApplication::sendEvent(target, &event);
                if (!event.isAccepted() && triggerShortcut(QKeySequence(int(with) | int(key))))
                    return;
            } else {
                QApplication::sendEvent(target, &event);
            }
        }
    }

    /// As the platform would; only what the main window offers, and only while nothing is in front.
    bool triggerShortcut(const QKeySequence& keys)
    {
        if (QApplication::activePopupWidget() || QApplication::activeModalWidget())
            return false;
        for (auto* action : m_studio.window->actions().findChildren<QAction*>()) {
            if (!action->isEnabled() || action->shortcut() != keys)
                continue;
            action->trigger();
            return true;
        }
        return false;
    }

    StudioWindow& m_studio;
    QRandomGenerator m_random;
    int m_left;
    int m_runsStarted = 0;
    QEventLoop m_loop;
};

} // namespace

/// Takes what would open a file manager.
class Swallow final : public QObject
{
    Q_OBJECT
public Q_SLOTS:
    void open(const QUrl&) { }
};

class TestMonkey final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void survivesRandomEventsWhileTraining()
    {
        Swallow swallow;
        QDesktopServices::setUrlHandler(QStringLiteral("file"), &swallow, "open");
        QApplication::setQuitOnLastWindowClosed(false);
        const auto seed = quint32(numberFrom("LEYDEN_MONKEY_SEED", 1));
        const int events = numberFrom("LEYDEN_MONKEY_EVENTS", 5000);
        qInfo("seed %u, %d events", seed, events);
        StudioWindow studio;
        QDir::setCurrent(studio.folder.path());
        qInstallMessageHandler(hear);
        Monkey monkey(studio, seed, events);
        monkey.run();
        if (!studio.isIdle()) {
            studio.controller().resume();
            studio.controller().stop(StopVerb::AfterStep);
        }
        const bool hasEnded = QTest::qWaitFor([&] { return studio.isIdle(); }, 120000);
        qInstallMessageHandler(nullptr);
        QDesktopServices::unsetUrlHandler(QStringLiteral("file"));
        QVERIFY(hasEnded);
        QVERIFY2(complaints.isEmpty(), qPrintable(complaints.join(QLatin1Char('\n'))));
        qInfo("%d runs were started", monkey.runsStarted());
        QVERIFY(monkey.runsStarted() > 0);

        // The window still does its work.
        studio.window->show();
        QVERIFY(studio.window->openPreset(QStringLiteral("iris-linear")));
        studio.start();
        QTRY_VERIFY_WITH_TIMEOUT(studio.isIdle()
                && studio.runJson().value(QLatin1String("state")) == QLatin1String("finished"),
            60000);
    }
};

LEYDEN_WIDGET_TEST(TestMonkey)
} // namespace tst_monkey

#include "tst_monkey.moc"
