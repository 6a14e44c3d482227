// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/test_program.h"
#include "tests/widgets/config/sample_schema.h"
#include "widgets/config/config_schema.h"
#include "widgets/config/value_text.h"

#include <QLocale>
#include <QTest>

#include <algorithm>
#include <clocale>

namespace tst_value_text {
using namespace leyden::ui;

class TestValueText final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        QLocale::setDefault(QLocale(QLocale::German)); // commas must not creep in
        std::setlocale(LC_NUMERIC, "de_DE.UTF-8");     // where the machine has it
    }

    void readsWhatPeopleType_data()
    {
        QTest::addColumn<QString>("option");
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("json"); // "": no value
        // ' stands for " in JSON: moc stumbles over raw strings with quotes
        const auto row = [](const char* option, const char* text, const char* json) {
            QTest::addRow("%s: %s", option, text)
                << QString::fromLatin1(option) << QString::fromLatin1(text)
                << QString::fromLatin1(json).replace(QLatin1Char('\''), QLatin1Char('"'));
        };
        row("count", "7", "7");
        row("count", " 7 ", "7");
        row("count", "", "");
        row("count", "1.5", "1.5"); // for the check to report
        row("count", "seven", "'seven'");
        row("count", "1,5", "'1,5'");
        row("count", "99999999999999999999", "1e20");
        row("rate", "1e-3", "0.001");
        row("rate", "1E-3", "0.001");
        row("rate", ".5", "0.5");
        row("rate", "1.", "1.0");
        row("rate", "3", "3");
        row("rate", "inf", "'inf'");
        row("rate", "Infinity", "'Infinity'");
        row("rate", "1e999", "'1e999'");
        row("rate", "0x10", "'0x10'");
        row("text", "1", "'1'");
        row("text", "true", "'true'");
        row("text", "a, b", "'a, b'");
        row("text", "\"\"", "''");
        row("text", "\"quoted\"", "'\\'quoted\\''");
        row("integers", "128, 64", "[128, 64]");
        row("integers", "128,64,", "[128, 64]");
        row("integers", "128", "[128]");
        row("integers", "[]", "[]");
        row("integers", "128, x", "[128, 'x']");
        row("floats", "0.9, 1e-3", "[0.9, 0.001]");
        row("names", "a b, \"c, d\"", "['a b', 'c, d']");
        row("names", "1", "['1']");
        row("weights", "cat: 1, dog: 0.5", "{'cat': 1, 'dog': 0.5}");
        row("weights", "{\"cat\": 1}", "{'cat': 1}");
        row("weights", "cat", "'cat'");
        row("share", "1", "1");
        row("share", "1.0", "1.0");
        row("interval", "0.25", "0.25");
        row("interval", "100", "100");
        row("interval", "00:12:00:00", "'00:12:00:00'");
        row("interval", "hours: 1, minutes: 30", "{'hours': 1, 'minutes': 30}");
        row("devices", "auto", "'auto'");
        row("devices", "2", "2");
        row("devices", "0, 1", "[0, 1]");
        row("devices", "\"2\"", "'2'");
        row("null_means_something", "null", "null");
        row("maybe_text", "null", "'null'"); // empty is null there
    }

    void readsWhatPeopleType()
    {
        QFETCH(const QString, option);
        QFETCH(const QString, text);
        QFETCH(const QString, json);
        const auto value = valueFromText(text, schemaOf(option));
        QCOMPARE(value.has_value(), !json.isEmpty());
        if (value) {
            const auto wanted = Json::parse(json.toStdString());
            QVERIFY2(sameJson(*value, wanted), value->dump().c_str());
        }
    }

    void showsWhatItReads_data()
    {
        QTest::addColumn<QString>("option");
        QTest::addColumn<QString>("json");
        QTest::addColumn<QString>("text");
        const auto row = [](const char* option, const char* json, const char* text) {
            QTest::addRow("%s: %s", option, json)
                << QString::fromLatin1(option)
                << QString::fromLatin1(json).replace(QLatin1Char('\''), QLatin1Char('"'))
                << QString::fromLatin1(text).replace(QLatin1Char('\''), QLatin1Char('"'));
        };
        row("count", "3", "3");
        row("count", "'12'", "'12'"); // a text, though it looks like a number
        row("rate", "0.001", "0.001");
        row("rate", "1e-05", "1e-5");
        row("rate", "1e20", "1e20");
        row("rate", "0.1", "0.1");
        row("rate", "1.0", "1.0");
        row("rate", "0.30000000000000004", "0.30000000000000004");
        row("text", "'hello'", "hello");
        row("text", "''", "''");
        row("integers", "[128, 64]", "128, 64");
        row("integers", "[]", "[]");
        row("names", "['a', 'b, c', '1']", "a, 'b, c', '1'");
        row("weights", "{'cat': 1.5}", "cat: 1.5");
        row("weights", "{'a:b': 1}", "{'a:b':1}"); // no plain text says that
        row("null_means_something", "null", "null");
        row("maybe_count", "null", "");
        row("devices", "'2'", "'2'");
        row("devices", "[0, 1]", "0, 1");
        row("share", "1.0", "1.0");
        row("interval", "'00:12:00:00'", "00:12:00:00");
    }

    void showsWhatItReads()
    {
        QFETCH(const QString, option);
        QFETCH(const QString, json);
        QFETCH(const QString, text);
        const auto value = Json::parse(json.toStdString());
        QCOMPARE(valueText(value, schemaOf(option)), text);
        const auto back = valueFromText(text, schemaOf(option)).value_or(Json());
        if (!(value.is_string() && option == QLatin1String("count")))
            QVERIFY2(sameJson(back, value), back.dump().c_str());
    }

private:
    const OptionSchema& schemaOf(const QString& name) const
    {
        const auto& options
            = m_schema.component(QStringLiteral("model"), QStringLiteral("EveryKind"))->initArgs;
        return *std::find_if(options.begin(), options.end(),
            [&](const OptionSchema& option) { return option.name == name; });
    }

    const ConfigSchema m_schema{sampleSchema()};
};
LEYDEN_TEST(TestValueText)
} // namespace tst_value_text

#include "tst_value_text.moc"
