// SPDX-License-Identifier: GPL-3.0-or-later
// Names that others gave, and disks that do not answer: neither bends the window.
#include "leased_file.h"
#include "studio_window.h"
#include "tests/support/widget_test.h"

#include "app/studio/inspector/early_stopping_panel.h"
#include "app/studio/window/notice_bar.h"
#include "app/studio/window/status_strip.h"
#include "widgets/runs/checkpoint_panel.h"
#include "widgets/runs/runs_panel.h"
#include "widgets/start/recent_configs_view.h"

#include <QElapsedTimer>
#include <QJsonArray>
#include <QLabel>
#include <QMenu>
#include <QMessageBox>
#include <QProgressBar>
#include <QPushButton>
#include <QSettings>
#include <QSysInfo>

namespace tst_files_and_names {
using namespace leyden;
using namespace leyden::app;
using leyden::app::test::LeasedFile;
using leyden::app::test::StudioWindow;

namespace {

void write(const QString& path, const QByteArray& text)
{
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    QCOMPARE(file.write(text), text.size());
}

QByteArray irisConfig()
{
    QFile file(QStringLiteral(LEYDEN_SOURCE_DIR "/presets/iris-linear.json"));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

/// As kill -9 leaves a run: running, by a process that is no more.
void writeCrashedRun(const StudioWindow& studio)
{
    const auto folder = studio.path(QStringLiteral("runs/runs/lost/version_0"));
    QVERIFY(QDir().mkpath(folder));
    const QJsonObject run{{QStringLiteral("state"), QStringLiteral("running")},
        {QStringLiteral("pid"), 999999999}, {QStringLiteral("host"), QSysInfo::machineHostName()},
        {QStringLiteral("global_step"), 5}};
    write(folder + QStringLiteral("/run.json"), QJsonDocument(run).toJson());
}

QString notice(const StudioWindow& studio)
{
    return studio.find<QLabel>("noticeText")->text();
}

/// Those that are shown, from the top.
QStringList notices(const StudioWindow& studio)
{
    QStringList texts;
    for (const auto* label :
        studio.find<QWidget>("noticeBar")->findChildren<QLabel*>(QStringLiteral("noticeText")))
        if (label->isVisible())
            texts += label->text();
    return texts;
}

} // namespace

class TestFilesAndNames final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void aLongNameWidensNothing()
    {
        StudioWindow studio;
        const QString name(300, QLatin1Char('n'));
        const auto narrowest = [&] {
            QCoreApplication::processEvents();
            return studio.window->minimumSizeHint().width();
        };
        const auto file = studio.path(QStringLiteral("a.json"));
        write(file, irisConfig());
        QVERIFY(
            studio.window->session().openText(irisConfig(), name, studio.folder.path()).isEmpty());
        for (const int view :
            {MainWindow::StartView, MainWindow::ConfigureView, MainWindow::MonitorView}) {
            studio.window->showView(view);
            QVERIFY2(narrowest() < 1280, qPrintable(QString::number(view)));
        }
        studio.find<StatusStrip>("statusStrip")->showPhase(RunPhase::Running, name);
        QVERIFY(narrowest() < 1280);
        studio.find<NoticeBar>("noticeBar")
            ->add({ui::IconTone::Error, name + QStringLiteral(" failed: ") + name, {}, {}});
        QVERIFY(narrowest() < 1280);
        // all of it is there
        QVERIFY(studio.find<QLabel>("noticeText")->toolTip().count(QLatin1Char('n')) >= 600);
    }

    void whatLooksLikeHtmlIsShownAsItStands()
    {
        StudioWindow studio;
        const auto name = QStringLiteral("<b>bold<i> 100%2.json");
        write(studio.path(QStringLiteral("first.json")), "[");
        write(studio.path(name), "{\n  broken");
        studio.window->openFile(studio.path(QStringLiteral("first.json")));
        QTRY_VERIFY(notice(studio).contains(QStringLiteral("first.json")));
        studio.find<NoticeBar>("noticeBar")
            ->add({ui::IconTone::Warning, QStringLiteral("below"), {}, {}});
        studio.window->openFile(studio.path(name));
        QTRY_VERIFY(notice(studio).startsWith(
            name + QStringLiteral(" is not valid JSON; line 2, column ")));
        QCOMPARE(notices(studio).value(1), QStringLiteral("below"));
        QCOMPARE(studio.find<QLabel>("noticeText")->textFormat(), Qt::PlainText);
        Q_EMIT studio.window->findChild<ui::RunsPanel*>()->deleteRequested(
            {QStringLiteral("/runs/<b>a/v")});
        const auto* question = studio.find<QMessageBox>("deleteRunsQuestion");
        QCOMPARE(question->textFormat(), Qt::PlainText);
        QVERIFY(question->text().contains(QStringLiteral("<b>a")));
    }

    void whatCanBeSteeredHasTheNamesOfTheConfig()
    {
        StudioWindow studio;
        for (const auto* option :
            {"lr", "gradient_clip_val", "log_every_n_steps", "patience", "max_epochs"}) {
            const auto* label = studio.find<QLabel>((QByteArray("option:") + option).constData());
            QCOMPARE(label->text(), QLatin1String(option));
            QVERIFY(!label->toolTip().isEmpty());
            QCOMPARE(label->buddy()->objectName(), QLatin1String("steer:") + QLatin1String(option));
        }
    }

    void aPatienceOfAnySizeAndAMetricOfAnyNameAreShown()
    {
        EarlyStoppingPanel panel;
        EarlyStoppingState state{true,
            {QStringLiteral("<b>") + QString(300, QLatin1Char('m')), 0.1, 0.2, 250'000'000'000,
                1'000'000'000'000},
            {}};
        panel.showState(state, true, true);
        const auto* bar = panel.findChild<QProgressBar*>(QStringLiteral("patienceLeft"));
        QCOMPARE(bar->value() * 4, bar->maximum() * 3);
        QCOMPARE(bar->text(), QStringLiteral("750000000000 of 1000000000000 checks left"));
        QVERIFY(panel.minimumSizeHint().width() < 290); // that of the inspector
        QVERIFY(panel.findChild<QLabel*>(QStringLiteral("earlyStoppingValues"))
                ->text()
                .startsWith(QStringLiteral("<b>m")));
        state.news.patience = 250'000'000'000;
        panel.showState(state, true, true);
        QCOMPARE(bar->value(), 0);
    }

    void opensYamlOfLightningCli()
    {
        StudioWindow studio;
        const auto file = studio.path(QStringLiteral("lit.yaml"));
        QVERIFY(QFile::copy(
            QStringLiteral(LEYDEN_SOURCE_DIR "/tests/data/cli_yaml/class_paths.yaml"), file));
        studio.window->openFile(file);
        auto& session = studio.window->session();
        QTRY_COMPARE(session.file(), file);
        QVERIFY(session.isYaml() && session.isValid() && !session.isModified());
        const auto& config = session.document().config();
        QVERIFY(config["trainer"]["callbacks"][0]["class_path"] == "EarlyStopping");
        QVERIFY(config["optimizer"]["class_path"] == "AdamW");
        QCOMPARE(config["optimizer"]["init_args"]["lr"].get<double>(), 0.003);

        const auto json = studio.path(QStringLiteral("cli.json"));
        write(json, R"({"fit": {"optimizer": "torch.optim.SGD"}})");
        studio.window->openFile(json);
        QTRY_COMPARE(session.file(), json);
        QVERIFY(!session.isYaml());
        QVERIFY(session.document().config()["optimizer"] == "SGD");

        write(studio.path(QStringLiteral("twice.yaml")), "a: 1\na: 2\n");
        studio.window->openFile(studio.path(QStringLiteral("twice.yaml")));
        QTRY_VERIFY(notice(studio).contains(QStringLiteral("twice.yaml: line 2, column 1: ")));
        QCOMPARE(session.file(), json); // stays as it was
    }

    void anErrorStaysAboveAnOffer()
    {
        StudioWindow studio;
        write(studio.path(QStringLiteral("broken.json")), "{");
        studio.window->openFile(studio.path(QStringLiteral("broken.json")));
        QTRY_VERIFY(notice(studio).contains(QStringLiteral("is not valid JSON")));
        writeCrashedRun(studio);
        QTRY_COMPARE_WITH_TIMEOUT(notices(studio).size(), 2, 10000);
        QVERIFY2(notices(studio).at(0).contains(QStringLiteral("is not valid JSON")),
            qPrintable(notices(studio).at(0)));
        QVERIFY(notices(studio).at(1).contains(QStringLiteral("unexpectedly")));
        studio.find<QWidget>("noticeClose")->setFocus();
        QTest::mouseClick(studio.find<QWidget>("noticeClose"), Qt::LeftButton);
        // it is offered all the same
        QVERIFY(notice(studio).contains(QStringLiteral("unexpectedly")));
    }

    void aConfigOnADiskThatHangsHoldsNothingUp()
    {
        StudioWindow studio;
        const auto file = studio.path(QStringLiteral("slow.json"));
        write(file, irisConfig());
        LeasedFile lease(file);
        if (!lease.hangs())
            QSKIP("this file system gives no leases, with which the test makes a disk hang");
        QElapsedTimer since;
        since.start();
        studio.window->openFile(file);
        QVERIFY2(since.elapsed() < 5000, "it comes back at once");
        QTRY_VERIFY(notice(studio).contains(QStringLiteral("Reading")));
        QVERIFY(lease.isWaitedFor());
        studio.trigger("viewMonitor"); // and answers
        QVERIFY(!studio.window->session().isOpen());
        lease.release();
        QTRY_COMPARE(studio.window->session().file(), file);
        QVERIFY(!studio.find<QWidget>("noticeBar")->isVisible());
        QVERIFY(studio.find<QAction>("viewConfigure")->isChecked());
    }

    void anotherConfigTakesThePlaceOfOneThatHangs()
    {
        StudioWindow studio;
        const auto file = studio.path(QStringLiteral("slow.json"));
        write(file, irisConfig());
        LeasedFile lease(file);
        if (!lease.hangs())
            QSKIP("this file system gives no leases, with which the test makes a disk hang");
        QElapsedTimer since;
        since.start();
        studio.window->openFile(file);
        QVERIFY(studio.window->openPreset(QStringLiteral("digits-mlp")));
        QVERIFY2(since.elapsed() < 5000, "it comes back at once");
        lease.release();
        QTest::qWait(500);
        QCOMPARE(studio.window->session().preset(), QStringLiteral("digits-mlp"));
        QVERIFY(!studio.find<QWidget>("noticeBar")->isVisible());
    }

    void theWindowClosesThoughTheLastConfigHangs()
    {
        StudioWindow studio;
        const auto file = studio.path(QStringLiteral("slow.json"));
        write(file, irisConfig());
        studio.window->openFile(file);
        QTRY_COMPARE(studio.window->session().file(), file);
        QVERIFY(studio.window->close());
        {
            LeasedFile lease(file);
            if (!lease.hangs())
                QSKIP("this file system gives no leases, with which the test makes a disk hang");
            studio.open();
            QElapsedTimer since;
            since.start();
            studio.window->restoreLastConfig();
            QTRY_VERIFY(lease.isWaitedFor());
            QVERIFY(studio.window->close());
            studio.window.reset();
            QVERIFY2(since.elapsed() < 10'000, "nobody waits for the file");
        }
        studio.open(); // it is still what was open last
        studio.window->restoreLastConfig();
        QTRY_COMPARE(studio.window->session().file(), file);
        QVERIFY(studio.find<QAction>("viewStart")->isChecked());
    }

    void anExportOffersToCopyTheData()
    {
        StudioWindow studio;
        QVERIFY(QDir().mkpath(studio.path(QStringLiteral("data")))
            && QDir().mkpath(studio.path(QStringLiteral("out"))));
        QVERIFY(QFile::copy(QStringLiteral(LEYDEN_SOURCE_DIR "/resources/datasets/iris.csv"),
            studio.path(QStringLiteral("data/flowers.csv"))));
        auto json = irisConfig();
        json.replace("datasets/iris.csv", "flowers.csv");
        QVERIFY(studio.window->session()
                .openText(json, QStringLiteral("flowers"), studio.path(QStringLiteral("data")))
                .isEmpty());
        const auto out = studio.path(QStringLiteral("out/flowers.json"));
        studio.window->exportWithData(out);
        QVERIFY(!QFile::exists(out)); // it asks first
        studio.find<QPushButton>("copyData")->click();
        QTRY_VERIFY(QFile::exists(out));
        QVERIFY(QFile::exists(studio.path(QStringLiteral("out/flowers.csv"))));
        const auto pathOf = [&] {
            return studio.window->session()
                .document()
                .value(QStringLiteral("/data/init_args/path"))
                .value_or(Json());
        };
        QVERIFY(pathOf() == Json("flowers.csv"));
        QVERIFY(studio.window->session().isValid());
        QFile file(out);
        QVERIFY(file.open(QIODevice::ReadOnly));
        QVERIFY(Json::parse(file.readAll().toStdString())["data"]["init_args"]["path"]
            == "flowers.csv");
        // Where it lies beside the config, nothing is asked.
        studio.window->exportWithData(studio.path(QStringLiteral("out/again.json")));
        QVERIFY(QFile::exists(studio.path(QStringLiteral("out/again.json"))));
    }

    void aDeletedCheckpointIsGone()
    {
        StudioWindow studio;
        QVERIFY(studio.window->openPreset(QStringLiteral("iris-linear")));
        studio.start();
        QTRY_VERIFY_WITH_TIMEOUT(studio.controller().isActive(), 30000);
        QTRY_VERIFY_WITH_TIMEOUT(studio.isIdle(), 60000);
        const auto files = studio.checkpoints();
        QVERIFY(!files.isEmpty());
        const auto* list = studio.find<QAbstractItemView>("checkpointView")->model();
        QTRY_COMPARE(list->rowCount(), int(files.size()));
        const auto path
            = studio.controller().folder() + QStringLiteral("/checkpoints/") + files.first();
        Q_EMIT studio.window->findChild<ui::CheckpointPanel*>()->removeRequested(path);
        QVERIFY(QFile::exists(path)); // it asks first
        studio.find<QPushButton>("delete")->click();
        QTRY_VERIFY(!QFile::exists(path));
        QTRY_COMPARE(list->rowCount(), int(files.size()) - 1);
    }

    void aRecentConfigThatIsGoneIsGrey()
    {
        StudioWindow studio;
        const auto file = studio.path(QStringLiteral("gone.json"));
        write(file, irisConfig());
        studio.window->openFile(file);
        auto* recent = studio.find<ui::RecentConfigsView>("recentConfigs");
        QTRY_COMPARE(recent->model()->rowCount(), 1);
        QVERIFY(recent->model()->index(0, 0).flags() & Qt::ItemIsEnabled);
        QVERIFY(QFile::remove(file));
        studio.open();
        recent = studio.find<ui::RecentConfigsView>("recentConfigs");
        QTRY_VERIFY(!(recent->model()->index(0, 0).flags() & Qt::ItemIsEnabled));
        auto* menu = studio.find<QMenu>("recentMenu");
        Q_EMIT menu->aboutToShow();
        QCOMPARE(menu->actions().size(), 1);
        QVERIFY(!menu->actions().first()->isEnabled());
    }
};
LEYDEN_WIDGET_TEST(TestFilesAndNames)
} // namespace tst_files_and_names

#include "tst_files_and_names.moc"
