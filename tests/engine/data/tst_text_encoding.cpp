// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/errors.h"
#include "engine/data/text_encoding.h"
#include "tests/support/test_program.h"

#include <QTest>

#include <string>

namespace tst_text_encoding {
using namespace leyden;

namespace {

std::string converted(const std::string& bytes, const std::string& encoding)
{
    const auto text = to_utf8({bytes.begin(), bytes.end()}, encoding, "x.csv");
    return {text.begin(), text.end()};
}

} // namespace

class TestTextEncoding final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void findsTheEncoding_data()
    {
        QTest::addColumn<QByteArray>("start");
        QTest::addColumn<QByteArray>("encoding");
        const auto row = [](const char* name, const QByteArray& start, const char* encoding) {
            QTest::newRow(name) << start << QByteArray(encoding);
        };
        row("nothing", "", "utf-8");
        row("ASCII", "a,b\n1,2\n", "utf-8");
        row("UTF-8", "caf\xC3\xA9\n", "utf-8");
        row("UTF-8, cut within a character", "caf\xC3\xA9 \xE2\x82", "utf-8");
        row("UTF-8 with a mark",
            "\xEF\xBB\xBF"
            "a\n",
            "utf-8-sig");
        row("UTF-16 with a mark",
            QByteArray("\xFF\xFE"
                       "a\0\n\0",
                6),
            "utf-16");
        row("UTF-16, high byte first, with a mark", QByteArray("\xFE\xFF\0a\0\n", 6), "utf-16");
        row("UTF-16", QByteArray("a\0,\0b\0\n\0", 8), "utf-16-le");
        row("UTF-16, high byte first", QByteArray("\0a\0,\0b\0\n", 8), "utf-16-be");
        row("cp1252", "caf\xE9,5\x80\n", "cp1252");
        row("no cp1252 either", "caf\xE9\x81\n", "utf-8");
        row("UTF-8 with a bad byte", "caf\xC3\xA9 \xC3\xBC \xE9\n", "utf-8");
        row("a zero byte", QByteArray("a,b\n1\0,2\n", 9), "utf-8");
    }

    void findsTheEncoding()
    {
        QFETCH(const QByteArray, start);
        QFETCH(const QByteArray, encoding);
        QCOMPARE(QByteArray::fromStdString(find_encoding(start.toStdString())), encoding);
    }

    void converts_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QByteArray>("encoding");
        QTest::addColumn<QByteArray>("text");
        const auto row = [](const char* name, const QByteArray& bytes, const char* encoding,
                             const char* text) {
            QTest::newRow(name) << bytes << QByteArray(encoding) << QByteArray(text);
        };
        row("UTF-8", "caf\xC3\xA9", "utf-8", "caf\xC3\xA9");
        row("latin-1", "caf\xE9", "latin-1", "caf\xC3\xA9");
        row("cp1252", "5 \x80", "cp1252", "5 \xE2\x82\xAC"); // the euro's sign
        row("UTF-16",
            QByteArray("\xFF\xFE"
                       "a\0\xE9\0",
                6),
            "utf-16",
            "\xEF\xBB\xBF"
            "a\xC3\xA9");
        row("UTF-16, high byte first", QByteArray("\xFE\xFF\0a\0\xE9", 6), "utf-16",
            "\xEF\xBB\xBF"
            "a\xC3\xA9");
        row("UTF-16 without a mark", QByteArray("a\0", 2), "utf-16", "a");
        row("utf-16-be", QByteArray("\0a", 2), "utf-16-be", "a");
        row("a pair of UTF-16", QByteArray("\x3D\xD8\x27\xDC", 4), "utf-16-le",
            "\xF0\x9F\x90\xA7"); // a penguin
        row("nothing", "", "latin-1", "");
    }

    void converts()
    {
        QFETCH(const QByteArray, bytes);
        QFETCH(const QByteArray, encoding);
        QFETCH(const QByteArray, text);
        QCOMPARE(QByteArray::fromStdString(converted(bytes.toStdString(), encoding.toStdString())),
            text);
    }

    void convertsALongText()
    {
        std::string bytes;
        for (int i = 0; i < 100000; ++i)
            bytes += "\xE4\x80\n";
        const auto text = converted(bytes, "cp1252"); // more bytes than before
        QCOMPARE(text.size(), size_t(600000));
        QCOMPARE(text.substr(599994), std::string("\xC3\xA4\xE2\x82\xAC\n"));
    }

    void namesTheLineOfABadByte()
    {
        const auto problem = [](const std::string& bytes, const char* encoding) {
            try {
                converted(bytes, encoding);
            } catch (const DataError& error) {
                return std::string(error.what());
            }
            return std::string("no error");
        };
        QCOMPARE(problem("a\nb\n\x81\n", "cp1252"),
            std::string("x.csv, line 3: byte 129 is not cp1252 text, as encoding says; set "
                        "encoding to that of the file, or save it as UTF-8"));
        QCOMPARE(problem("\xEF\xBB\xBF"
                         "a\n",
                     "cp1252"),
            std::string("x.csv: begins with the byte order mark of utf-8, but encoding is "
                        "\"cp1252\"; set it to \"utf-8\" or \"auto\", or save the file alike"));
        QVERIFY(problem({"\xFF\xFE\x61\x00", 4}, "utf-8")
                .starts_with("x.csv: begins with the byte order mark of utf-16, but"));
        QVERIFY(problem({"a\0\n\0b", 5}, "utf-16-le").starts_with("x.csv, line 2: byte 98 is not"));
        QVERIFY(problem({"\x3D\xD8"
                         "a\0",
                            4},
            "utf-16-le")
                .starts_with("x.csv, line 1"));
    }
};
LEYDEN_TEST(TestTextEncoding)
} // namespace tst_text_encoding

#include "tst_text_encoding.moc"
