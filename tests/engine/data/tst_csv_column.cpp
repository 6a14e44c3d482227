// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/data/csv_column.h"
#include "tests/support/test_program.h"

#include <QTest>

#include <string>

namespace tst_csv_column {
using namespace leyden;

class TestCsvColumn final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void readsCells_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<int>("kind");
        QTest::addColumn<double>("number");
        const auto row = [](const char* text, CsvCell kind, double number = 0.0) {
            QTest::newRow(*text ? text : "nothing")
                << QString::fromUtf8(text) << int(kind) << number;
        };
        row("1", CsvCell::Number, 1.0);
        row(" -2.5 ", CsvCell::Number, -2.5);
        row("+3", CsvCell::Number, 3.0);
        row("1e3", CsvCell::Number, 1000.0);
        row(".5", CsvCell::Number, 0.5);
        row("1e-400", CsvCell::Number, 0.0);
        row("1e400", CsvCell::Infinite);
        row("inf", CsvCell::Infinite);
        row("-Infinity", CsvCell::Infinite);
        row("", CsvCell::Missing);
        row("  ", CsvCell::Missing);
        row("NA", CsvCell::Missing);
        row("NaN", CsvCell::Missing);
        row("nan", CsvCell::Missing);
        row("na", CsvCell::Text);
        row("1,5", CsvCell::Text);
        row("1 2", CsvCell::Text);
        row("+-1", CsvCell::Text);
        row("+", CsvCell::Text);
        row("0x10", CsvCell::Text);
        row("male", CsvCell::Text);
    }

    void readsCells()
    {
        QFETCH(const QString, text);
        QFETCH(const int, kind);
        QFETCH(const double, number);
        auto found = 0.0;
        QCOMPARE(int(read_cell(text.toStdString(), found)), kind);
        if (CsvCell(kind) == CsvCell::Number)
            QCOMPARE(found, number);
    }

    void infersTypes_data()
    {
        QTest::addColumn<QString>("cells");
        QTest::addColumn<int>("type");
        QTest::addColumn<int>("missing");
        QTest::addColumn<int>("firstBad");
        QTest::addColumn<bool>("isWhole");
        using Type = CsvColumn::Type;
        const auto row = [](const char* name, const char* cells, Type type, int missing,
                             int firstBad, bool isWhole) {
            QTest::newRow(name) << QString::fromUtf8(cells) << int(type) << missing << firstBad
                                << isWhole;
        };
        row("whole numbers", "1 2 3", Type::Number, 0, -1, true);
        row("numbers", "1 2.5 NA", Type::Number, 1, -1, false);
        row("text", "a b NA", Type::Text, 1, 0, false);
        row("as many texts as numbers", "1 a 2 b", Type::Text, 0, 1, false);
        row("mostly numbers", "1 2 x", Type::Mixed, 0, 2, false);
        row("infinite", "1 2 inf", Type::Number, 0, 2, false);
        row("nothing", "NA NA", Type::Number, 2, -1, false);
    }

    void infersTypes()
    {
        QFETCH(const QString, cells);
        QFETCH(const int, type);
        QFETCH(const int, missing);
        QFETCH(const int, firstBad);
        QFETCH(const bool, isWhole);
        const auto text = "a\n" + QString(cells).replace(u' ', u'\n').toStdString();
        const auto column = read_column(CsvTable::parse(text, "x.csv"), 0);
        QCOMPARE(int(column.type), type);
        QCOMPARE(int(column.missing), missing);
        QCOMPARE(int(column.first_bad), firstBad);
        QCOMPARE(column.is_whole, isWhole);
    }

    void writesNumbersShort()
    {
        QCOMPARE(shortest_text(3.0), std::string("3"));
        QCOMPARE(shortest_text(-0.0), std::string("0"));
        QCOMPARE(shortest_text(0.1), std::string("0.1"));
        QCOMPARE(shortest_text(1e300), std::string("1e+300"));
    }
};
LEYDEN_TEST(TestCsvColumn)
} // namespace tst_csv_column

#include "tst_csv_column.moc"
