// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/data/csv_spelling.h"
#include "tests/support/test_program.h"

#include <QTest>

#include <string>

namespace tst_csv_spelling {
using namespace leyden;

class TestCsvSpelling final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void readsNumbersThatAreSpelledOut_data()
    {
        QTest::addColumn<QByteArray>("cell");
        QTest::addColumn<QByteArray>("plain"); // empty: none, or a plain number
        QTest::addColumn<QByteArray>("style");
        const auto row = [](const char* cell, const char* plain = "", const char* style = "") {
            QTest::newRow(cell) << QByteArray(cell) << QByteArray(plain) << QByteArray(style);
        };
        row("1,107", "1107", "thousands commas");
        row("1,234,567.89", "1234567.89", "thousands commas");
        row("1,23,456", "123456", "thousands commas"); // as in India
        row("3,14", "3.14", "a decimal comma");
        row("0,439", "0.439", "a decimal comma");
        row("-1234,567", "-1234.567", "a decimal comma");
        row(",5", "0.5", "a decimal comma");
        row("3,14e5", "3.14e5", "a decimal comma");
        row("1.234,56", "1234.56", "thousands points and a decimal comma");
        row("1.234.567", "1234567", "thousands points");
        row("1 234", "1234", "thousands spaces");
        row("1\xC2\xA0"
            "234,5",
            "1234.5", "thousands spaces and a decimal comma");
        row("1'234.5", "1234.5", "thousands apostrophes");
        row("$1,234.00", "1234.00", "a currency sign and thousands commas");
        row("-$5", "-5", "a currency sign");
        row("$-5", "-5", "a currency sign");
        row("5 \xE2\x82\xAC", "5", "a currency sign");
        row("USD 12", "12", "a currency sign");
        row("$2.5K", "2.5e3", "a currency sign");
        row("5.2%", "5.2", "a percent sign");
        row("12 %", "12", "a percent sign");
        row("(1,200)", "-1200", "parentheses for a minus sign and thousands commas");
        row("\xE2\x88\x92"
            "5",
            "-5", "a typographic minus sign");
        for (const auto* text :
            {"", "5", "-1.5e3", "$", "%", "-", "x", "12 kg", "1-2", "1,2,3", "1.2.3", "12:30",
                "1,23,4", "1,234.5.6", "10.0.0.1", "2024-01-05", "A1", "5 apples"})
            row(text);
    }

    void readsNumbersThatAreSpelledOut()
    {
        QFETCH(const QByteArray, cell);
        QFETCH(const QByteArray, plain);
        QFETCH(const QByteArray, style);
        const auto number = spelled_number(cell.toStdString());
        QCOMPARE(QByteArray::fromStdString(number ? number->plain : ""), plain);
        QCOMPARE(QByteArray::fromStdString(number ? number->style : ""), style);
    }

    void knowsWhereACommaMayMeanEither()
    {
        QVERIFY(spelled_number("1,234")->is_ambiguous);
        QVERIFY(!spelled_number("0,234")->is_ambiguous);
        QVERIFY(spelled_number("0,234")->has_decimal_comma);
        QVERIFY(!spelled_number("1,234.5")->is_ambiguous);
    }

    void readsDates()
    {
        for (const auto* date : {"2024-01-05", "2024/1/5", "5.1.2024", "31-12-2020", "01/05/24",
                 "01/05/24 12:30", "2024-01-05T12:30:00Z", "2024-01-05 00:00:00+00:00",
                 "Jan 5, 2024", "5 January 2024", "5th Jan 2024", "05-Jan-24", "Mon 5 Jan 2024"})
            QVERIFY2(reads_like_date(date), date);
        for (const auto* text : {"", "2024", "13/13/2020", "1.2.3", "10.0.0.1", "12:30",
                 "maybe 3 4", "a-b-c", "555-12-3456", "may"})
            QVERIFY2(!reads_like_date(text), text);
    }

    void knowsMarksOfMissingValues()
    {
        for (const auto* mark : {"N/A", "null", "NULL", " ? ", "#DIV/0!", "<NA>", "na"}) {
            QVERIFY2(is_missing_mark(mark), mark);
            QVERIFY2(is_missing_mark(mark, true), mark);
        }
        for (const auto* mark : {"None", "-", "unknown"}) { // which may be texts of their own
            QVERIFY2(is_missing_mark(mark), mark);
            QVERIFY2(!is_missing_mark(mark, true), mark);
        }
        for (const auto* text : {"", "a", "no", "nothing"})
            QVERIFY2(!is_missing_mark(text), text);
    }
};
LEYDEN_TEST(TestCsvSpelling)
} // namespace tst_csv_spelling

#include "tst_csv_spelling.moc"
