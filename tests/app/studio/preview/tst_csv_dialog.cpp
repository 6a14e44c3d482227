// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/preview/csv_dialog.h"
#include "app/studio/preview/csv_features_model.h"
#include "tests/app/studio/leased_file.h"
#include "tests/support/widget_test.h"

#include "widgets/data/state_page.h"

#include <QAbstractItemModelTester>
#include <QComboBox>
#include <QElapsedTimer>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QPushButton>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QTimer>

namespace tst_csv_dialog {
using namespace leyden;
using namespace leyden::app;

namespace {

QString penguins()
{
    return QStringLiteral(LEYDEN_SOURCE_DIR "/resources/datasets/penguins.csv");
}

} // namespace

class TestCsvDialog final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void fitsIntoASmallWindow()
    {
        QWidget window;
        window.resize(1024, 680);
        CsvDialog dialog(penguins(), &window);
        dialog.show();
        QVERIFY(dialog.width() < window.width());
        QVERIFY(dialog.height() < window.height());
    }

    void offersTheGuess()
    {
        CsvDialog dialog(penguins());
        QSignalSpy loaded(&dialog, &CsvDialog::loaded);
        QVERIFY(!accept(dialog)->isEnabled()); // it is still being read
        QVERIFY(dialog.configText().isEmpty());
        QVERIFY(loaded.wait());
        QCOMPARE(target(dialog)->currentText(), QStringLiteral("species"));
        QCOMPARE(task(dialog)->currentIndex(), 0);
        QVERIFY(accept(dialog)->isEnabled());
        // Return means it, and nothing else
        for (const auto* button : dialog.findChildren<QPushButton*>())
            QCOMPARE(button->isDefault() || button->autoDefault(), button == accept(dialog));
        QVERIFY(dialog.configText().contains(QStringLiteral("\"target\": \"species\"")));
    }

    void followsTheTarget()
    {
        CsvDialog dialog(penguins());
        QSignalSpy loaded(&dialog, &CsvDialog::loaded);
        QVERIFY(loaded.wait());
        choose(target(dialog), QStringLiteral("body_mass_g"));
        QCOMPARE(task(dialog)->currentIndex(), 1);
        QVERIFY(dialog.configText().contains(QStringLiteral("\"task\": \"regression\"")));
        auto* features = dialog.findChild<QListView*>(QStringLiteral("csvFeatures"))->model();
        const auto row = target(dialog)->findText(QStringLiteral("body_mass_g"));
        QVERIFY(!(features->index(row, 0).flags() & Qt::ItemIsEnabled));
    }

    void refusesWhatCannotWork()
    {
        CsvDialog dialog(penguins());
        QSignalSpy loaded(&dialog, &CsvDialog::loaded);
        QVERIFY(loaded.wait());
        choose(task(dialog), task(dialog)->itemText(1)); // a species is no number
        QVERIFY(!accept(dialog)->isEnabled());
        QVERIFY(dialog.configText().isEmpty());
        QVERIFY(dialog.findChild<QLabel*>(QStringLiteral("csvMessage"))
                ->text()
                .contains(QStringLiteral("as a class")));
        choose(task(dialog), task(dialog)->itemText(0));
        QVERIFY(accept(dialog)->isEnabled());
    }

    void leavesOutAFeature()
    {
        CsvDialog dialog(penguins());
        QSignalSpy loaded(&dialog, &CsvDialog::loaded);
        QVERIFY(loaded.wait());
        auto* features = dialog.findChild<QListView*>(QStringLiteral("csvFeatures"))->model();
        QAbstractItemModelTester tester(features);
        const auto row = target(dialog)->findText(QStringLiteral("island"));
        QVERIFY(features->setData(features->index(row, 0), Qt::Unchecked, Qt::CheckStateRole));
        QVERIFY(!dialog.configText().contains(QStringLiteral("island")));
        QVERIFY(dialog.configText().contains(QStringLiteral("bill_length_mm")));
        for (int i = 0; i < features->rowCount(); ++i)
            features->setData(features->index(i, 0), Qt::Unchecked, Qt::CheckStateRole);
        QVERIFY(!accept(dialog)->isEnabled());
    }

    void readsAnewAsAHandSays()
    {
        const QTemporaryDir folder;
        QFile table(folder.filePath(QStringLiteral("d.csv")));
        QVERIFY(table.open(QIODevice::WriteOnly));
        QByteArray text = "a;b|y\n";
        for (int i = 0; i < 40; ++i)
            text += QByteArray::number(i) + ",5;" + (i % 8 == 3 ? "none|" : "7,25|")
                + QByteArray::number(i % 2) + '\n';
        table.write(text);
        table.close();
        CsvDialog dialog(table.fileName());
        dialog.show();
        QSignalSpy loaded(&dialog, &CsvDialog::loaded);
        QVERIFY(loaded.wait());
        auto* separator = dialog.findChild<QComboBox*>(QStringLiteral("csvSeparator"));
        auto* decimal = dialog.findChild<QComboBox*>(QStringLiteral("csvDecimal"));
        auto* missing = dialog.findChild<QLineEdit*>(QStringLiteral("csvMissingWords"));
        QCOMPARE(separator->currentText(), QStringLiteral("semicolon"));
        choose(separator, QStringLiteral("vertical bar"));
        QVERIFY(!accept(dialog)->isEnabled());
        QVERIFY(loaded.wait());
        QCOMPARE(separator->currentText(), QStringLiteral("vertical bar"));
        QVERIFY(target(dialog)->findText(QStringLiteral("a;b")) >= 0);
        choose(separator, QStringLiteral("semicolon"));
        QVERIFY(loaded.wait());
        QCOMPARE(decimal->currentData().toString(), QStringLiteral(","));
        QVERIFY(dialog.findChild<QLabel*>(QStringLiteral("csvNotes"))
                ->text()
                .contains(QStringLiteral("0,5 is read as 0.5")));
        missing->setText(QStringLiteral(" none|0 "));
        Q_EMIT missing->editingFinished();
        QVERIFY(loaded.wait());
        QVERIFY2(dialog.configText().contains(QStringLiteral("\"none|0\"")),
            qPrintable(dialog.configText() + dialog.problem()));
        QVERIFY(dialog.configText().contains(QStringLiteral("\"sep\": \";\"")));
        QVERIFY(dialog.configText().contains(QStringLiteral("\"decimal\": \",\"")));
        const auto count = loaded.size();
        Q_EMIT missing->editingFinished(); // nothing was changed
        QVERIFY(accept(dialog)->isEnabled());
        QCOMPARE(loaded.size(), count);
    }

    void letsABadChoiceBeTakenBack()
    {
        CsvDialog dialog(penguins());
        dialog.show();
        QSignalSpy loaded(&dialog, &CsvDialog::loaded);
        QVERIFY(loaded.wait());
        auto* separator = dialog.findChild<QComboBox*>(QStringLiteral("csvSeparator"));
        choose(separator, QStringLiteral("tab"));
        QVERIFY(loaded.wait());
        QVERIFY(dialog.problem().contains(QStringLiteral("single column")));
        QVERIFY(separator->isEnabled());
        choose(separator, QStringLiteral("comma"));
        QVERIFY(loaded.wait());
        QVERIFY(accept(dialog)->isEnabled());
        QCOMPARE(target(dialog)->currentText(), QStringLiteral("species"));
    }

    void saysWhyItCannotBeRead()
    {
        CsvDialog dialog(QStringLiteral("/nowhere/a.csv"));
        dialog.show();
        QSignalSpy loaded(&dialog, &CsvDialog::loaded);
        QVERIFY(loaded.wait());
        QVERIFY(dialog.problem().contains(QStringLiteral("there is no such file")));
        QCOMPARE(dialog.findChild<ui::StatePage*>()->text(), dialog.problem());
        QVERIFY(!accept(dialog)->isEnabled());
        QVERIFY(dialog.configText().isEmpty());
    }

    void mayBeClosedWhileReading()
    {
        for (int i = 0; i < 5; ++i)
            CsvDialog dialog(penguins());
    }

    void nobodyWaitsForATableThatHangs()
    {
        const QTemporaryDir folder;
        const auto path = folder.filePath(QStringLiteral("hangs.csv"));
        leyden::app::test::LeasedFile lease(path);
        if (!lease.hangs())
            QSKIP("this file system gives no leases, with which the test makes a disk hang");
        QElapsedTimer since;
        {
            CsvDialog dialog(path);
            QTRY_VERIFY(lease.isWaitedFor());
            since.start();
        }
        QVERIFY(since.elapsed() < 1000);
        QTimer::singleShot(0, qApp, &QCoreApplication::quit);
        qApp->exec(); // ends as the program does
        QVERIFY2(since.elapsed() < 15'000, "nobody waits for the file");
    }

private:
    static QPushButton* accept(const CsvDialog& dialog)
    {
        return dialog.findChild<QPushButton*>(QStringLiteral("csvAccept"));
    }
    static QComboBox* target(const CsvDialog& dialog)
    {
        return dialog.findChild<QComboBox*>(QStringLiteral("csvTarget"));
    }
    static QComboBox* task(const CsvDialog& dialog)
    {
        return dialog.findChild<QComboBox*>(QStringLiteral("csvTask"));
    }
    /// As a hand does it: the box is told of by activated().
    static void choose(QComboBox* box, const QString& text)
    {
        box->setCurrentText(text);
        Q_EMIT box->activated(box->currentIndex());
    }
};
LEYDEN_WIDGET_TEST(TestCsvDialog)
} // namespace tst_csv_dialog

#include "tst_csv_dialog.moc"
