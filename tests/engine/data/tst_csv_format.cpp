// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/errors.h"
#include "engine/data/csv_auto_format.h"
#include "tests/support/test_program.h"

#include <QTemporaryDir>
#include <QTest>

#include <filesystem>
#include <fstream>
#include <string>

namespace tst_csv_format {
using namespace leyden;

class TestCsvFormat final : public QObject
{
    Q_OBJECT

    CSVDataOptions file_with(const std::string& text)
    {
        CSVDataOptions options;
        options.path = (std::filesystem::path(folder_.path().toStdString()) / "x.csv").string();
        std::ofstream(options.path, std::ios::binary) << text;
        return options;
    }

    /// "; , . utf-8": separator, decimal, thousands ("-": none) and encoding.
    static QByteArray signs(const CsvFormat& format)
    {
        const auto sign = [](char c) {
            return c == '\0' ? QByteArray("-") : c == '\t' ? QByteArray("tab") : QByteArray(1, c);
        };
        return sign(format.separator) + ' ' + sign(format.decimal) + ' ' + sign(format.thousands)
            + ' ' + QByteArray::fromStdString(format.encoding);
    }

    QByteArray problem_of(const CSVDataOptions& options)
    {
        try {
            read_csv(options);
        } catch (const DataError& error) {
            return QByteArray(error.what()).replace(folder_.path().toUtf8() + '/', "");
        }
        return "no error";
    }

private Q_SLOTS:
    void readsCellsAsTheFormatSays_data()
    {
        QTest::addColumn<QByteArray>("cell");
        QTest::addColumn<QByteArray>("signs"); // decimal, thousands
        QTest::addColumn<int>("kind");
        QTest::addColumn<double>("number");
        const auto row = [](const char* cell, const char* signs, CsvCell kind, double number = 0) {
            QTest::addRow("%s as %s", cell, signs)
                << QByteArray(cell) << QByteArray(signs) << int(kind) << number;
        };
        row("3,14", ",", CsvCell::Number, 3.14);
        row(" -0,5 ", ",", CsvCell::Number, -0.5);
        row("1,5e-3", ",", CsvCell::Number, 0.0015);
        row(",5", ",", CsvCell::Number, 0.5);
        row("+2", ",", CsvCell::Number, 2);
        row("3.14", ",", CsvCell::Text);
        row("1.234", ",", CsvCell::Text);
        row("1,2,3", ",", CsvCell::Text);
        row("1.234,5", ",.", CsvCell::Number, 1234.5);
        row("1.234", ",.", CsvCell::Number, 1234);
        row("1234", ",.", CsvCell::Number, 1234);
        row("1.234.567,25", ",.", CsvCell::Number, 1234567.25);
        row("1.23", ",.", CsvCell::Text);
        row("12.34.567", ",.", CsvCell::Text);
        row("1234.567", ",.", CsvCell::Text);
        row("1.2345", ",.", CsvCell::Text);
        row(".123", ",.", CsvCell::Text);
        row("1,234.5", ".,", CsvCell::Number, 1234.5);
        row("-12,345", ".,", CsvCell::Number, -12345);
        row("12,34,567", ".,", CsvCell::Number, 1234567); // as in India
        row("1,2", ".,", CsvCell::Text);
        row("1,234,5", ".,", CsvCell::Text);
        row("1 234,5", ", ", CsvCell::Number, 1234.5);
        row("1\xC2\xA0"
            "234",
            ". ", CsvCell::Number, 1234); // a no-break space
        row("1'234.5", ".'", CsvCell::Number, 1234.5);
        row("1_000", "._", CsvCell::Number, 1000);
        row("inf", ",.", CsvCell::Infinite);
        row("NaN", ",.", CsvCell::Missing);
        row("NA", ",", CsvCell::Missing);
        row("x", ",.", CsvCell::Text);
    }

    void readsCellsAsTheFormatSays()
    {
        QFETCH(const QByteArray, cell);
        QFETCH(const QByteArray, signs);
        QFETCH(const int, kind);
        QFETCH(const double, number);
        CsvFormat format;
        format.decimal = signs[0];
        format.thousands = signs.size() > 1 ? signs[1] : '\0';
        auto found = 0.0;
        QCOMPARE(int(CsvCellReader(format).read(cell.toStdString(), found)), kind);
        if (CsvCell(kind) == CsvCell::Number)
            QCOMPARE(found, number);
    }

    void takesOnlyTheListedWordsForMissing()
    {
        CsvFormat format;
        format.na_values = {"k.A.", "-1"};
        const CsvCellReader reader(format);
        auto number = 0.0;
        QCOMPARE(int(reader.read(" k.A. ", number)), int(CsvCell::Missing));
        QCOMPARE(int(reader.read("-1", number)), int(CsvCell::Missing)); // also a number
        QCOMPARE(int(reader.read("-1.0", number)), int(CsvCell::Number));
        for (const auto* text : {"", "NA", "NaN", "nan", "k.a."})
            QCOMPARE(int(reader.read(text, number)), int(CsvCell::Text));
        const CsvCellReader usual;
        for (const auto* text : {"", " ", "NA", "NaN", "nan", "-nan"})
            QCOMPARE(int(usual.read(text, number)), int(CsvCell::Missing));
    }

    void findsTheFormat_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("format");
        const auto row = [](const char* name, const QByteArray& text, const char* format) {
            QTest::newRow(name) << text << QByteArray(format);
        };
        row("as usual", "a,b\n1,2.5\n3,4\n", ", . - utf-8");
        row("semicolons", "a;b\n1;2\n3;4\n", "; . - utf-8");
        row("tabs", "a\tb\n1\t2\n", "tab . - utf-8");
        row("vertical bars", "a|b\n1|2\n", "| . - utf-8");
        row("Excel's note", "sep=;\na;b\n1;2\n", "; . - utf-8");
        row("decimal commas", "a;b\n1,5;2\n3;4,25\n", "; , - utf-8");
        row("decimal commas in quotes", "a,b\n\"44,19\",2\n\"1,5\",3\n", ", , - utf-8");
        row("commas in the header too", "Area, m2;Price\n12,5;3\n7,25;4\n", "; , - utf-8");
        row("a semicolon in some names", "a,b;c\n1,x;y\n2,z\n", ", . - utf-8");
        row("separators in quotes", "a;b\n\"x,y;z\";1\n\"u;;v\";2\n", "; . - utf-8");
        row("German numbers", "a;b\n1.234,5;2\n12.000;3\n", "; , . utf-8");
        row("thousands points alone", "a;b\n1.234.567;2\n1.000;3\n", "; , . utf-8");
        row("may be decimal points", "a;b\n1.234;2\n1.500;3\n", "; . - utf-8");
        row("thousands commas", "a,b\n\"1,234.5\",2\n\"1,107\",3\n", ", . , utf-8");
        row("thousands beside decimal points", "a,b\n\"1,234\",2.5\n\"1,107\",3\n", ", . , utf-8");
        row("thousands commas or decimal commas", "a,b\n\"1,234\",2\n\"1,107\",3\n", ", . - utf-8");
        row("both signs", "a;b\n1,5;2.25\n3,25;4.5\n", "; . - utf-8");
        row("thousands spaces", "a;b\n1 234,5;2\n12 000;3\n", ";  ,   utf-8");
        row("thousands apostrophes", "a;b\n1'234.5;2\n", "; . ' utf-8");
        row("numbers with signs of other kinds", "a;b\n5,5 %;2\n6,5 %;3\n", "; , - utf-8");
        row("texts with commas", "a;b\nx, y;2\n\"3,14\";3\nz;4\n", "; . - utf-8");
        row("quotes over several lines", "a;b\n\"x\n;;;\ny\";1\n\"z\";2\n", "; . - utf-8");
        row("one column", "a\n1\n2\n", ", . - utf-8");
        row("ragged", "a;b;c\n1;2;3\n1;2\n1;2;3\n", "; . - utf-8");
        row("cp1252",
            "Stra\xDF"
            "e;b\nx;1,5\n",
            "; , - cp1252");
        row("a mark",
            "\xEF\xBB\xBF"
            "a;b\n1;2\n",
            "; . - utf-8-sig");
        row("UTF-16",
            QByteArray("\xFF\xFE"
                       "a\0;\0b\0\n\0"
                       "1\0;\0"
                       "2\0\n\0",
                18),
            "; . - utf-16");
    }

    void findsTheFormat()
    {
        QFETCH(const QByteArray, text);
        QFETCH(QByteArray, format);
        const auto options = file_with(text.toStdString());
        if (QByteArray(QTest::currentDataTag()) == "ragged") {
            QCOMPARE(problem_of(options),
                QByteArray(
                    "x.csv, line 3: 2 fields where the header has 3 (nothing for column \"c\")"));
            return;
        }
        if (format.startsWith(";  ,"))
            format = "; ,   utf-8"; // the third sign is a space
        QCOMPARE(signs(read_csv(options).format()), format);
    }

    void takesWhatTheOptionsSay()
    {
        auto options = file_with("a;b\n1.234;x,y\n1.500;z,u\n");
        options.sep = ";";
        options.decimal = ",";
        QCOMPARE(signs(read_csv(options).format()), QByteArray("; , . utf-8"));
        options.thousands = std::nullopt;
        QCOMPARE(signs(read_csv(options).format()), QByteArray("; , - utf-8"));
        options.decimal = "auto";
        options.thousands = ".";
        QCOMPARE(signs(read_csv(options).format()), QByteArray("; , . utf-8"));
        options = file_with("a\tb\n1\t2\n");
        for (const auto* tab : {"\t", "\\t", "tab"}) {
            options.sep = tab;
            QCOMPARE(int(read_csv(options).columns().size()), 2);
        }
    }

    void readsNumbersOfATrainedModelAsTrained()
    {
        const auto options = file_with("a;b\n1.234;2\n1.500;3\n"); // which alone could be either
        CsvFormat trained;
        trained.decimal = ',';
        trained.thousands = '.';
        QCOMPARE(signs(read_csv(options, &trained).format()), QByteArray("; , . utf-8"));
    }

    void looksAtTheFirst64KiBOnly()
    {
        std::string text = "a;b\n";
        while (text.size() < size_t(64) << 10)
            text += "12;x\n";
        auto options = file_with(text + "1,5;x\n");
        QCOMPARE(signs(read_csv(options).format()), QByteArray("; . - utf-8"));
        options = file_with(text + "1;2;3\n");
        QVERIFY(problem_of(options).contains(": 3 fields where the header has 2"));
        options = file_with(text + "caf\xE9;x\n");
        QVERIFY(problem_of(options).contains(
            "byte 233 is not UTF-8 text; set encoding to that of the file, or save it as UTF-8"));
        std::string quoted = "a;b\n"; // whose 64 KiB end within quotes
        while (quoted.size() < size_t(70) << 10)
            quoted += "1,5;\"a line\nand; another\"\n";
        QCOMPARE(signs(read_csv(file_with(quoted)).format()), QByteArray("; , - utf-8"));
    }

    void saysWhichSeparatorsDisagree()
    {
        auto options = file_with("sep=;\na;b\n1;2\n");
        options.sep = ",";
        QCOMPARE(problem_of(options),
            QByteArray("x.csv, line 1: says that columns are separated by \";\", but sep is \",\"; "
                       "set sep alike, or remove the line"));
        options = file_with("a;b\n1,5;2\n");
        options.sep = ",";
        QCOMPARE(problem_of(options),
            QByteArray(
                "x.csv, line 2: 2 fields where the header has 1; its header holds semicolons, "
                "but sep is \",\"; set it to the sign between the columns, or to \"auto\""));
        options = file_with("a,b\n1,\xE9\nx"); // of an odd length
        options.encoding = "utf-16-le";
        QVERIFY(problem_of(options).contains("is not utf-16-le text, as encoding says"));
    }

private:
    QTemporaryDir folder_;
};
LEYDEN_TEST(TestCsvFormat)
} // namespace tst_csv_format

#include "tst_csv_format.moc"
