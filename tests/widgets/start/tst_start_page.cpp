// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/widget_test.h"
#include "widgets/start/drop_zone.h"
#include "widgets/start/dropped_file.h"
#include "widgets/start/preset_grid.h"
#include "widgets/start/start_page.h"

#include <QAbstractItemModelTester>
#include <QDragEnterEvent>
#include <QDropEvent>
#include <QFile>
#include <QFileDialog>
#include <QLabel>
#include <QMimeData>
#include <QPushButton>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

namespace tst_start_page {
using namespace leyden::ui;

namespace {

QList<PresetCard> presets()
{
    return {{QStringLiteral("digits-mlp"), QStringLiteral("Digits"),
                QStringLiteral("Reads digits."), QStringLiteral("1,797 rows"), 5},
        {QStringLiteral("iris-linear"), QStringLiteral("Iris"), QStringLiteral("Tells flowers."),
            QStringLiteral("150 rows"), 120}};
}

QMimeData* dragged(const QStringList& paths)
{
    auto* data = new QMimeData; // the caller parents or deletes it
    QList<QUrl> urls;
    for (const auto& path : paths)
        urls += QUrl::fromLocalFile(path);
    data->setUrls(urls);
    return data;
}

/// As a file manager does it: enter, move, drop. Gives back whether the drop was taken.
bool drop(QWidget& page, const QMimeData& data)
{
    QDragEnterEvent enter({5, 5}, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QCoreApplication::sendEvent(&page, &enter);
    if (!enter.isAccepted())
        return false;
    QDropEvent dropped({5, 5}, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QCoreApplication::sendEvent(&page, &dropped);
    return dropped.isAccepted();
}

} // namespace

class TestStartPage final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void choosesAPresetByMouseAndKeys()
    {
        StartPage page;
        page.setPresets(presets());
        page.resize(1000, 700);
        page.show();
        QVERIFY(QTest::qWaitForWindowExposed(&page));
        QSignalSpy chosen(&page, &StartPage::presetChosen);
        auto* digits = page.findChild<PresetButton*>(QStringLiteral("preset-digits-mlp"));
        auto* iris = page.findChild<PresetButton*>(QStringLiteral("preset-iris-linear"));
        QTest::mouseClick(digits, Qt::LeftButton);
        iris->setFocus();
        QTest::keyClick(iris, Qt::Key_Return);
        QTest::keyClick(iris, Qt::Key_Space);
        QCOMPARE(chosen.size(), 3);
        QCOMPARE(chosen[0][0].toString(), QStringLiteral("digits-mlp"));
        QCOMPARE(chosen[1][0].toString(), QStringLiteral("iris-linear"));
    }

    void aCardSaysHowLongItRanAndWhatToTry_data()
    {
        QTest::addColumn<double>("seconds");
        QTest::addColumn<QString>("text");
        QTest::newRow("a blink") << 0.25 << QStringLiteral("under 1 s");
        QTest::newRow("seconds") << 2.4 << QStringLiteral("about 2 s");
        QTest::newRow("a minute") << 75.0 << QStringLiteral("about 75 s");
        QTest::newRow("minutes") << 130.0 << QStringLiteral("about 2 min");
        QTest::newRow("hours") << 7300.0 << QStringLiteral("about 2 h");
    }

    void aCardSaysHowLongItRanAndWhatToTry()
    {
        QFETCH(const double, seconds);
        QFETCH(const QString, text);
        PresetCard card{QStringLiteral("x"), QStringLiteral("X"), QStringLiteral("Trains."),
            QStringLiteral("5 rows"), seconds};
        const PresetButton plain(card);
        QCOMPARE(plain.findChild<QLabel*>(QStringLiteral("presetTime"))->text(), text);
        QVERIFY(!plain.findChild<QLabel*>(QStringLiteral("presetHint")));
        card.hint = QStringLiteral("Try pausing it.");
        const PresetButton inviting(card);
        QCOMPARE(inviting.findChild<QLabel*>(QStringLiteral("presetHint"))->text(), card.hint);
        QVERIFY(inviting.accessibleDescription().contains(card.hint));
    }

    void aClickOnACardsTextCounts()
    {
        StartPage page;
        page.setPresets(presets());
        page.resize(1000, 700);
        page.show();
        QSignalSpy chosen(&page, &StartPage::presetChosen);
        auto* digits = page.findChild<PresetButton*>(QStringLiteral("preset-digits-mlp"));
        auto* text = digits->findChild<QWidget*>();
        const auto place = text->mapTo(&page, text->rect().center());
        auto* hit = page.childAt(place);
        QCOMPARE(hit, static_cast<QWidget*>(digits));
    }

    void everythingIsReachedByTab()
    {
        StartPage page;
        page.setPresets(presets());
        page.setRecentConfigs({{QStringLiteral("/a/b.json"), {}}});
        page.resize(1000, 700);
        page.show();
        page.activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&page));
        page.findChild<PresetButton*>(QStringLiteral("preset-digits-mlp"))->setFocus();
        QStringList names;
        for (int i = 0; i < 5; ++i) {
            names += page.focusWidget()->objectName();
            QTest::keyClick(page.focusWidget(), Qt::Key_Tab);
        }
        const QStringList expected{QStringLiteral("preset-digits-mlp"),
            QStringLiteral("preset-iris-linear"), QStringLiteral("openConfigButton"),
            QStringLiteral("openCsvButton"), QStringLiteral("recentConfigs")};
        QCOMPARE(names, expected);
    }

    void opensARecentConfigOnce()
    {
        StartPage page;
        page.setRecentConfigs({{QStringLiteral("/a/gone.json"), QStringLiteral("the file is gone")},
            {QStringLiteral("/a/good.json"), {}}});
        page.resize(1000, 700);
        page.show();
        QSignalSpy chosen(&page, &StartPage::configChosen);
        auto* view = page.findChild<RecentConfigsView*>();
        QAbstractItemModelTester tester(view->model());
        const auto gone = view->model()->index(0, 0);
        const auto good = view->model()->index(1, 0);
        QCOMPARE(gone.data(RecentConfigsModel::DetailRole).toString(),
            QStringLiteral("the file is gone"));
        QTest::mouseClick(view->viewport(), Qt::LeftButton, {}, view->visualRect(gone).center());
        QCOMPARE(chosen.size(), 0);
        const auto place = view->visualRect(good).center();
        QTest::mouseClick(view->viewport(), Qt::LeftButton, {}, place);
        QCOMPARE(chosen.size(), 1);
        QCOMPARE(chosen[0][0].toString(), QStringLiteral("/a/good.json"));
        view->setCurrentIndex(good);
        QTest::keyClick(view, Qt::Key_Return);
        QCOMPARE(chosen.size(), 2);
    }

    void forgetsARecentConfig()
    {
        StartPage page;
        page.setRecentConfigs({{QStringLiteral("/a/good.json"), {}}});
        QSignalSpy forgotten(&page, &StartPage::forgetRecentRequested);
        auto* view = page.findChild<RecentConfigsView*>();
        view->setCurrentIndex(view->model()->index(0, 0));
        QTest::keyClick(view, Qt::Key_Delete);
        QCOMPARE(forgotten.size(), 1);
    }

    void takesDrops_data()
    {
        QTest::addColumn<QString>("file");
        QTest::addColumn<QString>("what"); // config, csv, or what the refusal says
        QTest::newRow("config") << "run.json"
                                << "config";
        QTest::newRow("YAML") << "config.yaml"
                              << "config";
        QTest::newRow("YAML in short") << "config.YML"
                                       << "config";
        QTest::newRow("table") << "penguins.csv"
                               << "csv";
        QTest::newRow("packed table") << "penguins.CSV.GZ"
                                      << "csv";
        QTest::newRow("text") << "notes.txt"
                              << "neither a config";
        QTest::newRow("no suffix") << "json"
                                   << "neither a config";
        QTest::newRow("folder") << ""
                                << "is a folder";
    }

    void takesDrops()
    {
        QFETCH(const QString, file);
        QFETCH(const QString, what);
        QTemporaryDir folder;
        const auto path = folder.filePath(file);
        StartPage page;
        QSignalSpy config(&page, &StartPage::configChosen);
        QSignalSpy csv(&page, &StartPage::csvChosen);
        const QScopedPointer<QMimeData> data(dragged({path}));
        const auto isTaken = drop(page, *data);
        QCOMPARE(isTaken, what == QLatin1String("config") || what == QLatin1String("csv"));
        QCOMPARE(config.size(), what == QLatin1String("config") ? 1 : 0);
        QCOMPARE(csv.size(), what == QLatin1String("csv") ? 1 : 0);
        if (isTaken)
            QCOMPARE((config.isEmpty() ? csv : config)[0][0].toString(), path);
        else
            QVERIFY2(page.findChild<DropZone*>()->text().contains(what),
                qPrintable(page.findChild<DropZone*>()->text()));
    }

    void refusesTwoFilesAndPlainText()
    {
        StartPage page;
        const QScopedPointer<QMimeData> two(
            dragged({QStringLiteral("/a.json"), QStringLiteral("/b.json")}));
        QVERIFY(!drop(page, *two));
        QVERIFY(page.findChild<DropZone*>()->text().contains(QStringLiteral("one file")));
        QMimeData text;
        text.setText(QStringLiteral("hello"));
        QVERIFY(!drop(page, text));
        QVERIFY(droppedFile(&text).problem.isEmpty());
        QVERIFY(droppedFile(nullptr).problem.isEmpty());
    }

    void noPartOfThePageKeepsADropFromIt()
    {
        StartPage page;
        page.setPresets(presets());
        QVERIFY(page.acceptDrops());
        for (const auto* child : page.findChildren<QWidget*>())
            QVERIFY2(!child->acceptDrops(), qPrintable(child->objectName()));
    }

    void invitesAgainWhenADragLeaves()
    {
        StartPage page;
        auto* zone = page.findChild<DropZone*>();
        const auto invitation = zone->text();
        const QScopedPointer<QMimeData> data(dragged({QStringLiteral("/run.json")}));
        QDragEnterEvent enter({5, 5}, Qt::CopyAction, data.data(), Qt::LeftButton, Qt::NoModifier);
        QCoreApplication::sendEvent(&page, &enter);
        QVERIFY(zone->text() != invitation);
        QDragLeaveEvent leave;
        QCoreApplication::sendEvent(&page, &leave);
        QCOMPARE(zone->text(), invitation);
    }

    void asksForAFile()
    {
        QTemporaryDir folder;
        QFile file(folder.filePath(QStringLiteral("run.json")));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.close();
        StartPage page;
        page.setFolder(folder.path());
        page.show();
        QSignalSpy chosen(&page, &StartPage::configChosen);
        QTest::mouseClick(
            page.findChild<QPushButton*>(QStringLiteral("openConfigButton")), Qt::LeftButton);
        auto* dialog = page.findChild<QFileDialog*>(QStringLiteral("openConfigDialog"));
        QVERIFY(dialog);
        dialog->selectFile(file.fileName());
        QMetaObject::invokeMethod(dialog, "accept");
        QTRY_COMPARE(chosen.size(), 1);
        QCOMPARE(chosen[0][0].toString(), file.fileName());
    }

    void arrangesCardsByWidth_data()
    {
        QTest::addColumn<int>("cards");
        QTest::addColumn<int>("width");
        QTest::addColumn<int>("columns");
        QTest::newRow("narrow") << 6 << 300 << 1;
        QTest::newRow("room for two") << 6 << 600 << 2;
        QTest::newRow("room for many") << 6 << 2000 << 3;
        QTest::newRow("four, two by two") << 4 << 2000 << 2;
        QTest::newRow("fewer than fit") << 1 << 2000 << 1;
        QTest::newRow("none") << 0 << 2000 << 1;
    }

    void arrangesCardsByWidth()
    {
        QFETCH(const int, cards);
        QFETCH(const int, width);
        QFETCH(const int, columns);
        PresetGrid grid;
        grid.setPresets(QList<PresetCard>(cards, presets().first()));
        grid.show();
        grid.resize(width, 500);
        QCOMPARE(grid.columns(), columns);
        if (columns > 1)
            QCOMPARE(grid.buttons()[0]->height(), grid.buttons()[1]->height());
    }

    void fitsANarrowWindow()
    {
        StartPage page;
        page.setPresets(presets() + presets());
        page.show();
        page.resize(1200, 700);
        page.resize(420, 700);
        for (const auto* button : page.findChildren<PresetButton*>()) {
            const auto right = button->mapTo(&page, button->rect().topRight()).x();
            QVERIFY2(right < page.width(), qPrintable(QString::number(right)));
        }
    }

    void replacesItsPresets()
    {
        StartPage page;
        page.setPresets(presets());
        page.setPresets({presets().first()});
        QCOMPARE(page.findChildren<PresetButton*>().size(), 1);
        page.setPresets({});
        QCOMPARE(page.findChildren<PresetButton*>().size(), 0);
    }
};
LEYDEN_WIDGET_TEST(TestStartPage)
} // namespace tst_start_page

#include "tst_start_page.moc"
