// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/errors.h"
#include "engine/data/csv_preview.h"
#include "tests/support/test_program.h"

#include <QTemporaryDir>
#include <QTest>

#include <filesystem>
#include <fstream>
#include <string>

namespace tst_csv_preview {
using namespace leyden;

class TestCsvPreview final : public QObject
{
    Q_OBJECT

    CsvPreview preview_of(const std::string& text, int64_t rows = 3)
    {
        const auto file = std::filesystem::path(folder_.path().toStdString()) / "x.csv";
        std::ofstream(file) << text;
        return csv_preview(file, rows);
    }

private Q_SLOTS:
    void describesPenguins()
    {
        const auto preview = csv_preview(LEYDEN_SOURCE_DIR "/resources/datasets/penguins.csv", 5);
        QCOMPARE(preview.row_count, int64_t(344));
        QCOMPARE(preview.rows.size(), size_t(5));
        QVERIFY(preview.rows[3]
            == (std::vector<std::string>{
                "Adelie", "Torgersen", "NA", "NA", "NA", "NA", "NA", "2007"}));
        QCOMPARE(preview.columns.size(), size_t(8));

        const auto& species = preview.columns[0];
        QCOMPARE(int(species.type), int(CsvColumnPreview::Type::Text));
        QVERIFY(species.class_counts
            == (std::vector<std::pair<std::string, int64_t>>{
                {"Adelie", 152}, {"Chinstrap", 68}, {"Gentoo", 124}}));
        const auto& bill = preview.columns[2];
        QCOMPARE(int(bill.type), int(CsvColumnPreview::Type::Number));
        QCOMPARE(bill.missing, int64_t(2));
        QCOMPARE(bill.min, 32.1);
        QCOMPARE(bill.max, 59.6);
        QVERIFY(bill.class_counts.empty());
        QCOMPARE(
            preview.columns[7].class_counts.size(), size_t(3)); // years: whole numbers, and few
        QCOMPARE(preview.columns[7].class_counts[0].first, std::string("2007"));
        QCOMPARE(preview.columns[7].class_counts[0].second, int64_t(110));
    }

    void namesMixedAndEmptyColumns()
    {
        const auto preview = preview_of("a,b\n1,NA\n2,\nx,\n", 10);
        QCOMPARE(int(preview.columns[0].type), int(CsvColumnPreview::Type::Mixed));
        QCOMPARE(int(preview.columns[1].type), int(CsvColumnPreview::Type::Empty));
        QCOMPARE(preview.rows.size(), size_t(3));
    }

    void tellsColumnsThatCannotBeUsed()
    {
        const auto preview = preview_of(",a,b,b\n0,1 kg,x,1\n1,2 kg,y,2\n");
        QVERIFY(!preview.columns[0].name_problem.empty());
        QVERIFY(preview.columns[1].name_problem.empty());
        QCOMPARE(int(preview.columns[1].type), int(CsvColumnPreview::Type::Mixed)); // as text
        QCOMPARE(preview.columns[1].spelled, std::string("1 kg"));
        QVERIFY(!preview.columns[2].name_problem.empty());
        QVERIFY(!preview.columns[3].name_problem.empty());
        QCOMPARE(guess_target(preview).target, std::string("a"));
    }

    void tellsIdentifiersAndDates()
    {
        const auto preview
            = preview_of("a,b,c,d\n5,1,2024-01-05,9007199254740993\n6,2,2024-01-06,1\n"
                         "7,4,2024-01-07,2\n");
        QVERIFY(preview.columns[0].counts_up);
        QVERIFY(!preview.columns[1].counts_up);
        QVERIFY(preview.columns[2].is_date);
        QVERIFY(!preview.columns[1].is_date);
        QVERIFY(preview.columns[3].is_huge);
        QVERIFY(!preview.columns[0].is_huge);
    }

    void readsTheFileAsTheOptionsSay()
    {
        preview_of("a;b\n1,5;k.A.\n2,5;3\n");
        CSVDataOptions options;
        options.path = folder_.path().toStdString() + "/x.csv";
        options.na_values = {"k.A."};
        const auto preview = csv_preview(options, 1);
        QCOMPARE(preview.columns.size(), size_t(2));
        QCOMPARE(preview.columns[0].max, 2.5);
        QCOMPARE(preview.columns[1].missing, int64_t(1));
    }

    void countsClassesAsCsvDataDoes()
    {
        const auto preview = preview_of(
            "a,b,c\n007,True,9007199254740993\n042,true,9007199254740992\n007,FALSE,1\n");
        using Counts = std::vector<std::pair<std::string, int64_t>>;
        QVERIFY(preview.columns[0].class_counts == (Counts{{"007", 2}, {"042", 1}}));
        QVERIFY(preview.columns[1].class_counts == (Counts{{"False", 1}, {"True", 2}}));
        QCOMPARE(preview.columns[2].distinct, int64_t(3));
    }

    void guessesTheTarget_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("target");
        QTest::addColumn<QByteArray>("task");
        const auto row
            = [](const char* name, const char* text, const char* target, const char* task) {
                  QTest::newRow(name) << QByteArray(text) << QByteArray(target) << QByteArray(task);
              };
        row("last column", "a,b\n1,0.5\n", "b", "regression");
        row("text", "a,b\n1,x\n", "b", "classification");
        row("few whole numbers", "a,b\n1,0\n", "b", "classification");
        row("by name", "a,Species,b\n1,x,0.5\n", "Species", "classification");
        row("target before label", "label,target,b\nx,0.5,1\n", "target", "regression");
        row("y in front", "y,a\n0.5,1\n", "y", "regression");
        row("y is one of three sizes", "x,y,z\n0.5,1,2.5\n", "z", "regression");
    }

    void guessesTheTarget()
    {
        QFETCH(const QByteArray, text);
        QFETCH(const QByteArray, target);
        QFETCH(const QByteArray, task);
        const auto guess = guess_target(preview_of(text.toStdString()));
        QCOMPARE(QByteArray::fromStdString(guess.target), target);
        QCOMPARE(QByteArray::fromStdString(guess.task), task);
    }

    void passesOnTheReadersErrors() { QVERIFY_EXCEPTION_THROWN(preview_of("a,b\n1\n"), DataError); }

private:
    QTemporaryDir folder_;
};
LEYDEN_TEST(TestCsvPreview)
} // namespace tst_csv_preview

#include "tst_csv_preview.moc"
