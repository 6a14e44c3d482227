// SPDX-License-Identifier: GPL-3.0-or-later
// What the window says of the CPU: that steps wait for it, and with how many threads they are
// fastest.
#include "app/studio/window/status_strip.h"
#include "app/studio/window/threads_dialog.h"
#include "programs.h"
#include "studio_window.h"
#include "tests/support/widget_test.h"

#include <QLabel>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>
#include <QTreeWidget>

namespace tst_cpu_wait {
using namespace leyden::app;
using namespace leyden::app::test;

class TestCpuWait final : public QObject
{
    Q_OBJECT

private:
    /// A command of ours that a search is made with.
    static QString script(const QTemporaryDir& folder, const QByteArray& lines)
    {
        QFile file(folder.filePath(QStringLiteral("leyden")));
        if (!file.open(QIODevice::WriteOnly) || file.write("#!/bin/sh\n" + lines) < 0)
            return {};
        file.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
        return file.fileName();
    }

private Q_SLOTS:
    void saysThatStepsWait_data()
    {
        QTest::addColumn<double>("share");
        QTest::addColumn<bool>("isShared");
        QTest::addColumn<bool>("isTraining");
        QTest::addColumn<QString>("text");
        const auto others
            = QStringLiteral("waits for the CPU 43 % of the time: other programs use it");
        QTest::newRow("others use it") << 0.43 << true << true << others;
        QTest::newRow("in a validation too") << 0.43 << true << false << others;
        QTest::newRow("its own threads use it")
            << 0.43 << false << true
            << QStringLiteral("waits for the CPU 43 % of the time: it has more threads than cores");
        QTest::newRow("hardly ever") << 0.19 << true << true << QString();
        QTest::newRow("not at all") << 0.0 << false << true << QString();
    }
    void saysThatStepsWait()
    {
        QFETCH(const double, share);
        QFETCH(const bool, isShared);
        QFETCH(const bool, isTraining);
        QFETCH(const QString, text);
        StatusStrip strip;
        strip.show();
        strip.showPhase(RunPhase::Running, QStringLiteral("a run"));
        RunProgress progress;
        progress.cpuWaitShare = share;
        progress.isCpuShared = isShared;
        progress.isTraining = isTraining;
        strip.showProgress(progress);
        const auto* label = strip.findChild<QLabel*>(QStringLiteral("statusCpuWait"));
        QVERIFY(label);
        QCOMPARE(label->isVisible(), !text.isEmpty());
        if (!text.isEmpty())
            QCOMPARE(label->text(), text);
        strip.showPhase(RunPhase::Paused, QStringLiteral("a run"));
        QVERIFY(!label->isVisible());
        strip.showProgress(progress); // told before the pause
        QVERIFY(!label->isVisible());
    }

    void forgetsItWithTheRun()
    {
        StatusStrip strip;
        strip.show();
        strip.showPhase(RunPhase::Running, QStringLiteral("a run"));
        RunProgress progress;
        progress.cpuWaitShare = 0.9;
        strip.showProgress(progress);
        const auto* label = strip.findChild<QLabel*>(QStringLiteral("statusCpuWait"));
        QVERIFY(label->isVisible());
        strip.showPhase(RunPhase::Idle, {});
        QVERIFY(!label->isVisible());
    }

    void findsThreadsAndTakesThem()
    {
        StudioWindow studio;
        QVERIFY(!studio.find<QAction>("findThreads")->isEnabled()); // no config
        QVERIFY(studio.window->openPreset(QStringLiteral("iris-linear")));
        QTRY_VERIFY(studio.find<QAction>("findThreads")->isEnabled());
        studio.window->showView(MainWindow::ConfigureView);
        QTest::mouseClick(studio.find<QWidget>("findThreadsButton"), Qt::LeftButton);
        auto* use = studio.find<QPushButton>("threadsUse");
        QTRY_VERIFY2_WITH_TIMEOUT(
            use->isEnabled(), qPrintable(studio.find<QLabel>("threadsText")->text()), 60000);
        QVERIFY(studio.find<QTreeWidget>("threadsTable")->topLevelItemCount() >= 1);
        const auto text = use->text();
        use->click();
        const auto value
            = studio.window->session().document().value(QStringLiteral("/num_threads"));
        QVERIFY(value);
        QCOMPARE(text, QStringLiteral("Use num_threads = %1").arg(value->get<int>()));
        QTRY_VERIFY(!studio.window->findChild<QDialog*>(QStringLiteral("threadsDialog")));
        QVERIFY(!QDir(studio.path(QStringLiteral("runs"))).exists()); // nothing is written
    }

    void cannotBeStartedBesideARun()
    {
        StudioWindow studio;
        openLong(studio);
        studio.start();
        QTRY_COMPARE_WITH_TIMEOUT(studio.controller().phase(), RunPhase::Running, 30000);
        QVERIFY(!studio.find<QAction>("findThreads")->isEnabled());
        studio.trigger("stopAfterStep");
        QTRY_VERIFY_WITH_TIMEOUT(studio.isIdle(), 60000);
        QTRY_VERIFY(studio.find<QAction>("findThreads")->isEnabled());
    }

    void saysWhatWentWrong_data()
    {
        QTest::addColumn<QByteArray>("lines");
        QTest::addColumn<QString>("text");
        QTest::newRow("an error of the command")
            << QByteArray("echo 'warning: so and so' >&2; echo 'error: no such table' >&2; exit 3")
            << QStringLiteral("No number of threads was found: no such table");
        QTest::newRow("a crash") << QByteArray("kill -9 $$")
                                 << QStringLiteral("ended unexpectedly");
        QTest::newRow("nothing was tried")
            << QByteArray("echo '{\"suggestion\": null, \"trials\": []}'")
            << QStringLiteral("nothing was tried");
        QTest::newRow("no answer at all")
            << QByteArray("exit 0") << QStringLiteral("nothing was tried");
    }
    void saysWhatWentWrong()
    {
        QFETCH(const QByteArray, lines);
        QFETCH(const QString, text);
        QTemporaryDir folder;
        QWidget window;
        auto* dialog = new ThreadsDialog("{}", script(folder, lines), &window);
        const auto* label = dialog->findChild<QLabel*>(QStringLiteral("threadsText"));
        QTRY_VERIFY2_WITH_TIMEOUT(label->text().contains(text), qPrintable(label->text()), 30000);
        QVERIFY(!dialog->findChild<QPushButton*>(QStringLiteral("threadsUse"))->isEnabled());
    }

    void saysWhereOthersWereInTheWay()
    {
        QTemporaryDir folder;
        QWidget window;
        auto* dialog = new ThreadsDialog("{}",
            script(folder,
                "echo '{\"suggestion\": 2, \"cpu_wait_share\": 0.3, \"trials\": [{\"threads\": 1, "
                "\"seconds_per_batch\": 0.002}, {\"threads\": 2, \"seconds_per_batch\": 0.001}]}'"),
            &window);
        const auto* label = dialog->findChild<QLabel*>(QStringLiteral("threadsText"));
        QTRY_VERIFY2_WITH_TIMEOUT(
            label->text().contains(QStringLiteral("2 threads are fastest. The trials waited for "
                                                  "the CPU 30 % of the time")),
            qPrintable(label->text()), 30000);
        QSignalSpy chosen(dialog, &ThreadsDialog::chosen);
        dialog->findChild<QPushButton*>(QStringLiteral("threadsUse"))->click();
        QCOMPARE(chosen.size(), 1);
        QCOMPARE(chosen.first().first().toInt(), 2);
    }

    void closingEndsTheSearch()
    {
        QTemporaryDir folder;
        QWidget window;
        auto* dialog = new ThreadsDialog("{}",
            script(folder, "echo $$ > '" + folder.path().toUtf8() + "/pid'; exec sleep 1000"),
            &window);
        const auto read = [&] {
            QFile file(folder.filePath(QStringLiteral("pid")));
            return file.open(QIODevice::ReadOnly) ? file.readAll().trimmed() : QByteArray();
        };
        QTRY_VERIFY_WITH_TIMEOUT(!read().isEmpty(), 30000);
        QVERIFY(QFile::exists(QStringLiteral("/proc/") + QString::fromLatin1(read())));
        delete dialog;
        QVERIFY(!QFile::exists(QStringLiteral("/proc/") + QString::fromLatin1(read())));
    }
};

LEYDEN_WIDGET_TEST(TestCpuWait)
} // namespace tst_cpu_wait

#include "tst_cpu_wait.moc"
