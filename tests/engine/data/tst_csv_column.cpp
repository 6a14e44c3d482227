// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/data/csv_column.h"
#include "tests/support/test_program.h"

#include <QTest>

#include <numeric>
#include <string>
#include <vector>

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
        row("thousands", "1,107 1,114 999", Type::Mixed, 0, 0, false);
        row("mostly a mark", "null null null 5", Type::Mixed, 0, 0, false);
        row("marks alone", "? - ?", Type::Text, 0, 0, false);
        row("some texts like numbers", "5% a b c", Type::Text, 0, 0, false);
        row("as many texts as spelled numbers", "5% a", Type::Text, 0, 0, false);
        row("spelled numbers, a mark and a text", "5% 6% n/a a", Type::Mixed, 0, 0, false);
        row("units", "12kg 5kg 7kg", Type::Mixed, 0, 0, false);
        row("booleans as words and numbers", "1 True False 0", Type::Mixed, 0, 1, false);
        row("as many words", "True 1 no", Type::Mixed, 0, 0, false);
        row("words for booleans and a number", "yes no yes 1.0 null", Type::Mixed, 0, 0, false);
        row("words for booleans and another number", "yes no yes 2", Type::Text, 0, 0, false);
        row("words for booleans", "True False True", Type::Text, 0, 0, false);
        row("bounds as categories", "<18 18-25 >25", Type::Text, 0, 0, false);
        row("bounds among numbers", "<1 2 <3 4", Type::Mixed, 0, 0, false);
        row("two bounds", "<0.5 >=0.5 <0.5", Type::Text, 0, 0, false);
        row("few counts", "2doors 4doors 2doors", Type::Text, 0, 0, false);
        row("marks out of five", "4.5/5 3/5 2.5/5", Type::Mixed, 0, 0, false);
        row("thousands and millions", "1.2M 350K 20K", Type::Mixed, 0, 0, false);
    }

    void infersTypes()
    {
        QFETCH(const QString, cells);
        QFETCH(const int, type);
        QFETCH(const int, missing);
        QFETCH(const int, firstBad);
        QFETCH(const bool, isWhole);
        const auto text = "a\n\""
            + QString(cells).replace(QLatin1String(" "), QLatin1String("\"\n\"")).toStdString()
            + "\"\n";
        const auto column = read_column(CsvTable::parse(text, "x.csv"), 0);
        QCOMPARE(int(column.type), type);
        QCOMPARE(int(column.missing), missing);
        QCOMPARE(int(column.first_bad), firstBad);
        QCOMPARE(column.is_whole, isWhole);
    }

    void knowsDatesBooleansAndIdentifiers()
    {
        const auto read = [](const std::string& cells) {
            return read_column(CsvTable::parse("a\n" + cells, "x.csv"), 0);
        };
        QCOMPARE(read("n\n2024-01-05\n5.1.2024\n").first_date, int64_t(1));
        QCOMPARE(read("n\nm\n2024-01-05\n").first_date, int64_t(-1));
        QCOMPARE(read("2024-03\n2024-04\nn\n").first_date, int64_t(0));
        QCOMPARE(read("12:30\n9:05\n").first_date, int64_t(0));
        QCOMPARE(read("2 doors\n4 doors\n3 doors\nmany\n").first_counted, int64_t(0));
        QCOMPARE(read("2 doors\n4 doors\nmany\nfew\n").first_counted, int64_t(-1));
        std::string counted;
        for (int i = 0; i < 21; ++i)
            counted += std::to_string(i) + " apples\n";
        QCOMPARE(int(read(counted).type), int(CsvColumn::Type::Mixed)); // too many for names
        QVERIFY(read("True\ntrue\nFalse\n").is_mixed_boolean);
        QVERIFY(read("TRUE\n\nFALSE\nfalse\n").is_mixed_boolean);
        QVERIFY(!read("True\nTrue\nFALSE\n").is_mixed_boolean); // one spelling of each
        QVERIFY(!read("True\ntrue\nyes\n").is_mixed_boolean);
        QVERIFY(!read("True\ntrue\nyes\n1\n").is_mixed_boolean);
        QCOMPARE(read("1\n9007199254740992\n").first_huge, int64_t(-1)); // 2^53
        QCOMPARE(read("1\n-9007199254740994\n").first_huge, int64_t(1));
        QCOMPARE(read("1\n1e30\n").first_huge, int64_t(-1)); // a quantity
        QVERIFY(read("5%\n6%\n").is_spelled);
        QVERIFY(!read("5%\nnull\n").is_spelled);
        QVERIFY(read("5%\n6\n7\n").is_spelled);
        QVERIFY(read("5\n6\n<5\n7\n10+\n").is_spelled);
        QVERIFY(!read("5%\n6\n7\n8\nx\n").is_spelled);
    }

    void countsClasses_data()
    {
        QTest::addColumn<QString>("cells");
        QTest::addColumn<QString>("classes");
        const auto row = [](const char* name, const char* cells, const char* classes) {
            QTest::newRow(name) << QString::fromUtf8(cells) << QString::fromUtf8(classes);
        };
        row("text", "b a b NA", "a:1 b:2");
        row("whole numbers by value", "10 9 -1 10", "-1:1 9:1 10:2");
        row("as written", "1.0 2.0 1.0", "1.0:2 2.0:1");
        row("with leading zeros", "042 007 007", "007:2 042:1");
        row("written in several ways", "10 10.0 1e1 007 7", "7:2 10:3");
        row("identifiers",
            "1344900117571261999 1344900117571260418 1344900117571260417 1344900117571260418",
            "1344900117571260417:1 1344900117571260418:2 1344900117571261999:1");
        row("negative identifiers", "-9007199254740993 -9007199254740992 -9007199254740994",
            "-9007199254740994:1 -9007199254740993:1 -9007199254740992:1");
        row("long identifiers in several ways", "09007199254740993 9007199254740993 1",
            "1:1 9007199254740993:2");
        row("mixed booleans", "TRUE false true False", "False:2 True:2");
        row("booleans of one spelling", "TRUE FALSE TRUE", "FALSE:1 TRUE:2");
        row("fractions", "0.5 1.50 0.5", "0.5:2 1.50:1");
    }

    void countsClasses()
    {
        QFETCH(const QString, cells);
        QFETCH(const QString, classes);
        const auto text = "a\n" + QString(cells).replace(u' ', u'\n').toStdString();
        const auto table = CsvTable::parse(text, "x.csv");
        std::vector<int64_t> rows(size_t(table.rows()));
        std::iota(rows.begin(), rows.end(), 0);
        QStringList found;
        for (const auto& one : count_classes(table, 0, read_column(table, 0), rows))
            found += QStringLiteral("%1:%2").arg(QString::fromStdString(one.name)).arg(one.rows);
        QCOMPARE(found.join(u' '), classes);
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
