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
            "x.csv, line 2: 2 fields where the header has 1; its header is separated by "
            "semicolons, but columns are "
            "to be separated by commas");
        row("tabs", "a\tb\n1,5\t2\n",
            "x.csv, line 2: 2 fields where the header has 1; its header is separated by tabs, but "
            "columns are to be "
            "separated by commas");
        row("a semicolon in a name", "a;b,c\n1\n",
            "x.csv, line 2: 1 field where the header has 2 (nothing for column \"c\")");
        row("one field", "a,b\n1\n",
            "x.csv, line 2: 1 field where the header has 2 (nothing for column \"b\")");
        row("open quote", "a,b\n1,2\n\"3,4\n5,6\n",
            "x.csv, line 3: a quote is opened and never closed");
        row("text after a quote", "a,b\n\"1\"x,2\n",
            "x.csv, line 2: text follows a closing quote; write a quote within quotes twice");
        row("unnamed column", "a,,c\n1,2,3\n",
            "x.csv, line 1: column 2 has no name; name it or remove it");
        row("repeated name", "a,b,a\n1,2,3\n",
            "x.csv, line 1: two columns are called \"a\"; rename one");
        row("Latin-1", "a,b\n1,2\ncaf\xE9,4\n",
            "x.csv, line 3: byte 233 is not UTF-8 text; save the file as UTF-8");
        row("cut UTF-8", "a\n\xE2\x82",
            "x.csv, line 2: byte 226 is not UTF-8 text; save the file as UTF-8");
        row("overlong UTF-8", "a\n\xC0\xAF\n",
            "x.csv, line 2: byte 192 is not UTF-8 text; save the file as UTF-8");
        row("surrogate", "a\n\xED\xA0\x80\n",
            "x.csv, line 2: byte 237 is not UTF-8 text; save the file as UTF-8");
        row("zero byte",
            QByteArray("a,b\n1,2\n12345678901\0"
                       "23456789,1\n",
                31),
            "x.csv, line 3: byte 0 is not UTF-8 text; save the file as UTF-8");
        row("UTF-16",
            QByteArray("\xFF\xFE"
                       "a\0\n\0",
                6),
            "x.csv: is UTF-16 text; save it as UTF-8");
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
        for (const auto* name : {"plain.csv", "packed.csv.gz"}) {
            const auto table = CsvTable::read(folder / name);
            QCOMPARE(table.rows(), int64_t(200000));
            QCOMPARE(std::string(table.cell(199999, 0)), std::string("199999"));
        }
    }

    void refusesBadFiles()
    {
        const std::filesystem::path folder(folder_.path().toStdString());
        const auto problem
            = [&](const char* name, uint64_t max_bytes = CsvTable::default_max_bytes) {
                  return problem_of([&] {
                      CsvTable::read(folder / name, max_bytes);
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
