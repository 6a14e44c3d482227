// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/data/csv_spelling.h"
#include "engine/data/csv_words.h"
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
        row("12 kg", "12", "the unit \"kg\"");
        row("5km/h", "5", "the unit \"km/h\"");
        row("12,5 \xC2\xB0"
            "C",
            "12.5",
            "the unit \"\xC2\xB0"
            "C\" and a decimal comma");
        row("1,200 sq ft", "1200", "the unit \"sq ft\" and thousands commas");
        row("-3 m", "-3", "the unit \"m\"");
        row("7.5 m2", "7.5", "the unit \"m2\"");
        row("1 234 567", "1234567", "thousands spaces");
        row("030 123 124"); // a telephone number
        row("052.123.456");
        row("1\xE2\x80\xAF"
            "234",
            "1234", "thousands spaces"); // a narrow no-break space
        row("1\xE2\x80\x99"
            "234.5",
            "1234.5", "thousands apostrophes"); // a typographic apostrophe
        row("1_234_567", "1234567", "thousands underscores");
        row("+1,234", "1234", "thousands commas");
        row("+ 5", "5", "a space behind the sign");
        row("1.234,56-", "-1234.56",
            "the minus sign at its end, thousands points and a decimal comma");
        row("$ (1,234.00)", "-1234.00",
            "a currency sign, parentheses for a minus sign and thousands commas");
        row("(5.2%)", "-5.2", "parentheses for a minus sign and a percent sign");
        row("3\xE2\x80\xB0", "3", "a per mille sign");
        row("'0.5", "0.5", "quotes");
        row("=\"12\"", "12", "quotes");
        row("5'11\"", "71", "feet and inches");
        row("5\xE2\x80\xB2 11\xE2\x80\xB3", "71", "feet and inches");
        row("<0.5", "0.5", "\"<\" before it");
        row(">= 10", "10", "\">=\" before it");
        row("~5 kg", "5", "\"~\" before it and the unit \"kg\"");
        row("80+", "80", "\"+\" behind it");
        row("0.04*", "0.04", "\"*\" behind it");
        row("\xEF\xBC\x91\xEF\xBC\x92", "12", "typographic spaces or digits"); // full width
        for (const auto* text : {"", "5", "+5", "-1.5e3", "$", "%", "-", "x", "kg", "<", "1-2",
                 "1,2,3", "1.2.3", "12:30", "1,23,4", "1,234.5.6", "10.0.0.1", "2024-01-05", "A1",
                 "5 apples", "5A", "1st", "4 doors", "18-25", "()", "'", "=", "(a)", "5 kg of 3"})
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

    void readsMonthsWeeksAndTimes()
    {
        for (const auto* date : {"2024-03", "2024/11", "03/2024", "2024-W05", "2024W5", "2024Q1",
                 "Q1 2024", "2024-Q3", "Mar 2024", "March 2024", "Jan-24", "20240305T1230"})
            QVERIFY2(reads_like_date(date), date);
        for (const auto* text : {"2024-13", "24-03", "2024-1a", "20243", "Q5 2024", "2024-W60",
                 "0500-20", "1-2", "march on", "99990305T1230", "20241332T1230"})
            QVERIFY2(!reads_like_date(text), text);
        for (const auto* time : {"12:30", "9:05", "12:30:05", "1:02:03.25", "12:30 pm", "9:05AM",
                 "125:00:00", "1h 30m", "2 days 3 hours", "1h30m5s"})
            QVERIFY2(reads_like_time(time), time);
        for (const auto* text : {"", "12", "12:", "1h", "h m", "1h 30", "1h 30x", ":30", "12:7",
                 "12:60", "12:30:", "12:30x", "a:30", "2024-01-05 12:30", "am"})
            QVERIFY2(!reads_like_time(text), text);
    }

    void readsNumbersWithTexts()
    {
        QCOMPARE(std::string(number_with_text("4 doors")->text), std::string("doors"));
        QCOMPARE(std::string(number_with_text("4.5/5")->number), std::string("4.5"));
        QCOMPARE(std::string(number_with_text("-1.2M")->text), std::string("M"));
        for (const auto* text :
            {"", "4", "doors", "1-2", "12:30", "1 2", "1.2.3", ".5x", "5.", "4 5 6"})
            QVERIFY2(!number_with_text(text), text);
    }

    void readsWordsForBooleans()
    {
        QVERIFY(boolean_word("Yes")->value);
        QVERIFY(!boolean_word(" OFF ")->value);
        QCOMPARE(boolean_word("true")->pair, boolean_word("FALSE")->pair);
        QVERIFY(boolean_word("y")->pair != boolean_word("yes")->pair);
        for (const auto* text : {"", "1", "yep", "maybe not"})
            QVERIFY2(!boolean_word(text), text);
    }

    void knowsMarksOfMissingValues()
    {
        for (const auto* mark : {"N/A", "null", "NULL", " ? ", "#DIV/0!", "<NA>", "na", "k.A."}) {
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
