// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/errors.h"
#include "engine/data/csv_table.h"
#include "tests/support/test_program.h"

#include <QTemporaryDir>
#include <QTest>

#include <zlib.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

#include <sys/stat.h>
#include <unistd.h>

namespace tst_csv_table {
using leyden::CsvReaderOptions;
using leyden::CsvTable;
using leyden::DataError;

namespace {

QString joined(const CsvTable& table)
{
    QString text;
    for (int64_t row = 0; row < table.rows(); ++row)
        for (size_t column = 0; column < table.columns().size(); ++column)
            text += QString::fromUtf8(
                        table.cell(row, column).data(), qsizetype(table.cell(row, column).size()))
                + QLatin1Char(column + 1 == table.columns().size() ? ';' : '|');
    return text;
}

template <class Read> QString problem_of(Read read)
{
    try {
        read();
    } catch (const DataError& error) {
        return QString::fromUtf8(error.what());
    }
    return QStringLiteral("no error");
}

void write(const std::filesystem::path& file, const std::string& bytes)
{
    std::ofstream(file, std::ios::binary) << bytes;
}

void write_gzip(const std::filesystem::path& file, const std::string& bytes)
{
    auto* const stream = gzopen(file.c_str(), "wb");
    gzwrite(stream, bytes.data(), unsigned(bytes.size()));
    gzclose(stream);
}

} // namespace

class TestCsvTable final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void readsCells_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QString>("cells");
        const auto row = [](const char* name, const QByteArray& text, const char* cells) {
            QTest::newRow(name) << text << QString::fromUtf8(cells);
        };
        row("plain", "a,b\n1,2\n3,4\n", "1|2;3|4;");
        row("no line break at the end", "a,b\n1,2", "1|2;");
        row("CRLF", "a,b\r\n1,2\r\n3,4\r\n", "1|2;3|4;");
        row("CR", "a,b\r1,2\r3,4", "1|2;3|4;");
        row("byte order mark",
            "\xEF\xBB\xBF"
            "a,b\n1,2\n",
            "1|2;");
        row("empty lines", "\n\na,b\n\n1,2\r\n\r\n3,4\n\n", "1|2;3|4;");
        row("lines of spaces", "  \na,b\n \t \n1,2\n  \r\n3,4\n\t\n   ", "1|2;3|4;");
        row("lines of other spaces", "a,b\n1,2\n\xC2\xA0 \xC2\xA0\n\f\n3,4\n", "1|2;3|4;");
        row("Ctrl-Z at the end", "a,b\n1,2\n\x1A", "1|2;");
        row("Ctrl-Z elsewhere", "a\n\x1A\n1\n", "\x1A;1;");
        row("a field of spaces", "a,b\n ,2\n", " |2;");
        row("spaces in quotes", "a\n\"  \"\n1\n", "  ;1;");
        row("empty fields", "a,b,c\n,,\n1,,\n", "||;1||;");
        row("empty field at the very end", "a,b\n1,", "1|;");
        row("comma in quotes", "a,b\n\"1,5\",2\n", "1,5|2;");
        row("quote in quotes", "a,b\n\"say \"\"hi\"\"\",2\n", "say \"hi\"|2;");
        row("line breaks in quotes", "a,b\n\"x\ny\r\nz\",2\n", "x\ny\r\nz|2;");
        row("empty quotes", "a,b\n\"\",\"\"\n", "|;");
        row("quotes at the end of the text", "a,b\n1,\"2\"", "1|2;");
        row("quote within a plain field", "a,b\n5\" pipe,2\n", "5\" pipe|2;");
        row("spaces stay", "a,b\n x , y\n", " x | y;");
        row("UTF-8", "a,b\n\xC3\xA9\xE2\x82\xAC\xF0\x9F\x90\xA7,2\n",
            "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x90\xA7|2;");
        row("one column", "a\n1\n2\n", "1;2;");
        row("Excel's note of a comma", "sep=,\na,b\n1,2\n", "1|2;");
        row("Excel's note and CRLF", "sep=,\r\na,b\r\n1,2\r\n", "1|2;");
        row("a name like Excel's note", "sep=,b\n1,2\n", "1|2;");
        row("shorter than the word that is read at once", "a\n1", "1;");
    }

    void readsCells()
    {
        QFETCH(const QByteArray, text);
        QFETCH(const QString, cells);
        QCOMPARE(joined(CsvTable::parse(text.toStdString(), "x.csv")), cells);
    }

    void trimsColumnNames()
    {
        const auto table = CsvTable::parse(" a ,\"b c\"\n1,2\n", "x.csv");
        QVERIFY(table.columns() == (std::vector<std::string>{"a", "b c"}));
        QVERIFY(table.find("b c") == std::optional<size_t>(1));
        QVERIFY(!table.find("c"));
    }

    void tellsWhichColumnsHaveANameOfTheirOwn()
    {
        const auto table = CsvTable::parse("\n,a, b ,c,b\n0,1,2,3,4\n", "x.csv");
        QCOMPARE(table.columns().size(), size_t(5));
        QCOMPARE(problem_of([&] { table.check_name(0); }),
            QStringLiteral("x.csv, line 2: column 1 has no name; name it or remove it, or list the "
                           "columns to use in `features`"));
        for (const size_t repeated : {2, 4})
            QCOMPARE(problem_of([&] { table.check_name(repeated); }),
                QStringLiteral("x.csv, line 2: two columns are called \"b\"; rename one, or list "
                               "the columns to use in `features`"));
        table.check_name(1);
        table.check_name(3);
    }

    void namesTheLineWhereARowStarts()
    {
        const auto table = CsvTable::parse("a,b\n\n\"x\ny\",1\n2,3\n", "x.csv");
        QCOMPARE(table.line(0), int64_t(3));
        QCOMPARE(table.line(1), int64_t(5));
        QCOMPARE(table.place(1, 1), std::string("x.csv, line 5, column \"b\""));
    }

    void staysWholeWhenMoved()
    {
        auto table = CsvTable::parse("a\n1", "x.csv"); // short enough for a string's own buffer
        const auto moved = std::move(table);
        QCOMPARE(joined(moved), QStringLiteral("1;"));
    }

    void refusesBadText_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QString>("problem");
        const auto row = [](const char* name, const QByteArray& text, const char* problem) {
            QTest::newRow(name) << text << QString::fromUtf8(problem);
        };
        const auto* const empty
            = "x.csv: is empty; expected a line of column names and rows below it";
        row("nothing", "", empty);
        row("only a byte order mark", "\xEF\xBB\xBF", empty);
        row("only line breaks", "\n\r\n", empty);
        row("header only", "a,b\n", "x.csv: has no rows, only a line of column names");
        row("too few fields", "a,b,c\n1,2,3\n1,2\n",
            "x.csv, line 3: 2 fields where the header has 3 (nothing for column \"c\")");
        row("too many fields", "a,b\n1,2\n\n1,2,3\n",
            "x.csv, line 4: 3 fields where the header has 2");
        row("semicolons", "a;b\n1,5;2\n",
            "x.csv, line 2: 2 fields where the header has 1; its header holds semicolons, but sep "
            "is "
            "\",\"; set it to the sign between the columns, or to \"auto\"");
        row("tabs", "a\tb\n1,5\t2\n",
            "x.csv, line 2: 2 fields where the header has 1; its header holds tabs, but sep is "
            "\",\"; set it to the sign between the columns, or to \"auto\"");
        row("a semicolon in a name", "a;b,c\n1\n",
            "x.csv, line 2: 1 field where the header has 2 (nothing for column \"c\")");
        row("one field", "a,b\n1\n",
            "x.csv, line 2: 1 field where the header has 2 (nothing for column \"b\")");
        row("open quote", "a,b\n1,2\n\"3,4\n5,6\n",
            "x.csv, line 3: a quote is opened and never closed");
        row("text after a quote", "a,b\n\"1\"x,2\n",
            "x.csv, line 2: text follows a closing quote; write a quote within quotes twice");
        row("vertical bars", "a|b\n1,5|2\n",
            "x.csv, line 2: 2 fields where the header has 1; its header holds vertical bars, but "
            "sep "
            "is \",\"; set it to the sign between the columns, or to \"auto\"");
        row("a comment above", "# of 2024\na,b\n1,2\n",
            "x.csv, line 2: 2 fields where the header has 1; if the line above is a comment, "
            "remove "
            "it");
        row("a comment below", "a,b\n1,2\n# 2024\n",
            "x.csv, line 3: 1 field where the header has 2 (nothing for column \"b\"); if the line "
            "is a comment, remove it");
        row("Excel's note", "sep=;\na;b\n1;2\n",
            "x.csv, line 1: says that columns are separated by \";\", but sep is \",\"; set sep "
            "alike, or remove the line");
        row("Latin-1", "a,b\n1,2\ncaf\xE9,4\n",
            "x.csv, line 3: byte 233 is not UTF-8 text; set encoding to that of the file, or save "
            "it as UTF-8");
        row("cut UTF-8", "a\n\xE2\x82",
            "x.csv, line 2: byte 226 is not UTF-8 text; set encoding to that of the file, or save "
            "it as UTF-8");
        row("overlong UTF-8", "a\n\xC0\xAF\n",
            "x.csv, line 2: byte 192 is not UTF-8 text; set encoding to that of the file, or save "
            "it as UTF-8");
        row("surrogate", "a\n\xED\xA0\x80\n",
            "x.csv, line 2: byte 237 is not UTF-8 text; set encoding to that of the file, or save "
            "it as UTF-8");
        row("zero byte",
            QByteArray("a,b\n1,2\n12345678901\0"
                       "23456789,1\n",
                31),
            "x.csv, line 3: byte 0 is not UTF-8 text; set encoding to that of the file, or save it "
            "as UTF-8");
        row("UTF-16",
            QByteArray("\xFF\xFE"
                       "a\0\n\0",
                6),
            "x.csv: is UTF-16 text; set encoding = \"utf-16\", or save it as UTF-8");
    }

    void refusesBadText()
    {
        QFETCH(const QByteArray, text);
        QFETCH(const QString, problem);
        QCOMPARE(problem_of([&] { CsvTable::parse(text.toStdString(), "x.csv"); }), problem);
    }

    void readsFilesPackedOrNot()
    {
        const std::filesystem::path folder(folder_.path().toStdString());
        std::string text = "a,b\n";
        for (int i = 0; i < 200000; ++i) // more than one read's worth
            text += std::to_string(i) + ",x\n";
        write(folder / "plain.csv", text);
        write_gzip(folder / "packed.csv.gz", text);
        for (const auto* name : {"packed.csv", "packed.CSV.GZ", "packed"}) // known by its content
            std::filesystem::copy_file(folder / "packed.csv.gz", folder / name);
        write(folder / "plain.csv.gz", text);
        for (const auto* name : {"plain.csv", "plain.csv.gz", "packed.csv.gz", "packed.csv",
                 "packed.CSV.GZ", "packed"}) {
            const auto table = CsvTable::read(folder / name);
            QCOMPARE(table.rows(), int64_t(200000));
            QCOMPARE(std::string(table.cell(199999, 0)), std::string("199999"));
        }
    }

    void refusesBadFiles()
    {
        const std::filesystem::path folder(folder_.path().toStdString());
        const auto problem
            = [&](const char* name, uint64_t max_bytes = CsvReaderOptions().max_bytes) {
                  return problem_of([&] {
                      CsvTable::read(folder / name, {.max_bytes = max_bytes});
                  }).remove(folder_.path());
              };
        QCOMPARE(problem("absent.csv"), QStringLiteral("/absent.csv: there is no such file"));
        std::filesystem::create_directory(folder / "folder.csv");
        QCOMPARE(
            problem("folder.csv"), QStringLiteral("/folder.csv: is a folder; expected a CSV file"));
        QCOMPARE(::mkfifo((folder / "pipe.csv").c_str(), 0600), 0);
        // and does not wait
        QVERIFY(problem("pipe.csv").startsWith(QStringLiteral("/pipe.csv: is a pipe or a device")));

        std::string text = "a,b\n";
        for (int i = 0; i < 20000; ++i)
            text += "1,2\n";
        write_gzip(folder / "bomb.csv.gz", text);
        QVERIFY(std::filesystem::file_size(folder / "bomb.csv.gz") < 1000);
        QCOMPARE(problem("bomb.csv.gz", 1000),
            QStringLiteral("/bomb.csv.gz: holds more than 1000 bytes of text; split it or keep "
                           "fewer columns"));
        write(folder / "large.csv", text);
        QCOMPARE(problem("large.csv", 1000),
            QStringLiteral(
                "/large.csv: holds more than 1000 bytes of text; split it or keep fewer columns"));

        std::filesystem::resize_file(folder / "bomb.csv.gz", 60);
        QCOMPARE(problem("bomb.csv.gz"),
            QStringLiteral(
                "/bomb.csv.gz: cannot be unpacked: it is damaged or cut off; fetch it again"));
    }

    void saysWhatAFileIsThatIsNoTable_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("problem");
        const auto row = [](const char* name, const QByteArray& bytes, const char* problem) {
            QTest::newRow(name) << bytes << QString::fromUtf8(problem);
        };
        const QByteArray zip("PK\3\4\x14\0\0\0", 8);
        const auto* const sheet = "open it and save the sheet as CSV (UTF-8)";
        const auto* const archive = "unpack it, and name the CSV file in it";
        const auto* const repack = "unpack it, or pack it with gzip";
        const auto* const table = "write its table as CSV, as pandas' to_csv does";
        const auto is = [&](const char* what, const char* advice) {
            return QByteArray("is ") + what + ", not a CSV file; " + advice;
        };
        row("workbook", zip + "[Content_Types].xml..xl/workbook.xml",
            is("an Excel workbook", sheet));
        row("spreadsheet", zip + "mimetypeapplication/vnd.oasis.opendocument.spreadsheet",
            is("an OpenDocument spreadsheet", sheet));
        row("document", zip + "[Content_Types].xml..word/document.xml",
            is("an office document", "save its table as CSV (UTF-8)"));
        row("zip", zip + "d.csv", is("a zip archive", archive));
        row("old workbook", QByteArray("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", 8),
            is("an old Excel workbook (.xls)", sheet));
        row("bzip2", QByteArray("BZh91AY&SY\0\1", 12), is("packed with bzip2", repack));
        row("xz",
            QByteArray("\xFD"
                       "7zXZ\0\0",
                7),
            is("packed with xz", repack));
        row("zstd", QByteArray("\x28\xB5\x2F\xFD\4", 5), is("packed with zstd", repack));
        row("7-Zip", QByteArray("7z\xBC\xAF\x27\x1C\0", 7), is("a 7-Zip archive", archive));
        row("Parquet", QByteArray("PAR1\x15\4", 6), is("a Parquet file", table));
        row("HDF5", QByteArray("\x89HDF\r\n\x1A\n", 8), is("an HDF5 file", table));
        row("tar", QByteArray("d.csv") + QByteArray(252, '\0') + "ustar" + QByteArray(8, '\0'),
            is("a tar archive", archive));
        row("web page", " \n<!DOCTYPE HTML>\n<title>404</title>\n",
            is("a web page (HTML)", "fetch the table itself"));
        const auto line
            = [&](const char* what) { return QByteArray("line ") + what + ", not CSV; " + table; };
        row("JSON", "{\"a\": [1, 2],\n \"b\": [3, 4]}\n", line("1 is JSON"));
        row("JSON records", "\n[\n  {\"a\": 1, \"b\": \"x\"},\n  {\"a\": 2}\n]\n",
            line("2 is JSON"));
        row("JSON rows", "[[1,2],\n[3,4]]\n", line("1 is JSON"));
        row("JSON lines", "{\"a\\\"b\":1}\n{\"a\\\"b\":2}\n", line("1 is JSON Lines"));
        row("JSON with a mark", "\xEF\xBB\xBF{ \"a\" : 1 }", line("1 is JSON"));
        row("XML", "<?xml version=\"1.0\"?>\n<rows/>\n", line("1 is XML"));
        row("ARFF", "% Iris\n%\n@RELATION iris\n@ATTRIBUTE a NUMERIC\n@DATA\n1\n",
            line("3 is ARFF (Weka)"));
    }

    void saysWhatAFileIsThatIsNoTable()
    {
        QFETCH(const QByteArray, bytes);
        QFETCH(const QString, problem);
        const std::filesystem::path folder(folder_.path().toStdString());
        write(folder / "d.csv", bytes.toStdString());
        write_gzip(folder / "d.csv.gz", bytes.toStdString());
        for (const auto* name : {"d.csv", "d.csv.gz"}) // packed or not
            QCOMPARE(problem_of([&] { CsvTable::read(folder / name); }),
                QString::fromStdString((folder / name).string()) + QStringLiteral(": ") + problem);
    }

    void takesATableThatBeginsLikeAnotherFormat()
    {
        const std::filesystem::path folder(folder_.path().toStdString());
        for (const auto* header : {"PAR1,b", "BZh,b", "ORC,b", "PK,b", "{a},b", "[a],b", "%,b",
                 "\"{\"\"a\"\":1}\",b", "[{a}],b", "@relations/b,b"}) {
            write(folder / "d.csv", std::string(header) + "\n1,2\n");
            QCOMPARE(joined(CsvTable::read(folder / "d.csv")), QStringLiteral("1|2;"));
        }
    }

    void saysWhyAFileCannotBeOpened()
    {
        const auto folder = std::filesystem::path(folder_.path().toStdString());
        std::filesystem::create_symlink(folder / "loop.csv", folder / "loop.csv");
        QVERIFY(problem_of([&] {
            CsvTable::read(folder / "loop.csv");
        }).endsWith(QStringLiteral("cannot be opened (Too many levels of symbolic links)")));
    }

    void saysThatAPermissionIsMissing()
    {
        const auto folder = std::filesystem::path(folder_.path().toStdString());
        const auto file = folder / "locked.csv";
        write(file, "a\n1\n");
        std::filesystem::permissions(file, std::filesystem::perms::none);
        constexpr uid_t nobody = 65534;
        const bool is_root = geteuid() == 0; // who may open every file, and so is somebody else for
                                             // a while
        if (is_root)
            QCOMPARE(seteuid(nobody), 0);
        const auto problem = problem_of([&] { CsvTable::read(file); });
        if (is_root)
            QCOMPARE(seteuid(0), 0);
        QVERIFY2(problem.endsWith(QStringLiteral("cannot be opened (Permission denied)")),
            qPrintable(problem));
    }

private:
    QTemporaryDir folder_;
};
LEYDEN_TEST(TestCsvTable)
} // namespace tst_csv_table

#include "tst_csv_table.moc"
