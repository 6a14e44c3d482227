// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/test_program.h"
#include "tests/widgets/config/sample_schema.h"
#include "widgets/config/json_pointer.h"
#include "widgets/config/json_text.h"

#include <QTest>

namespace tst_json_text {
using namespace leyden::ui;

class TestJsonText final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void writesPlainListsOnOneLine()
    {
        const auto json = Json::parse(R"({"a": [1, 2.5], "b": {"c": []}, "d": [{"e": null}]})");
        QCOMPARE(jsonText(json),
            QStringLiteral("{\n  \"a\": [1, 2.5],\n  \"b\": {\n    \"c\": []\n  },\n"
                           "  \"d\": [\n    {\n      \"e\": null\n    }\n  ]\n}\n"));
    }

    void keepsOrderAndValues()
    {
        const auto config = sampleConfig();
        const auto parsed = parseJsonText(jsonText(config));
        QCOMPARE(parsed.problem, QString());
        QCOMPARE(parsed.document.dump(), config.dump());
    }

    void saysWhereItCannotRead_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<int>("line");
        QTest::addColumn<int>("column");
        QTest::newRow("missing value") << QStringLiteral("{\n  \"a\": ,\n}") << 2 << 8;
        QTest::newRow("after an umlaut") << QStringLiteral("{\"\u00e4\u00f6\": x}") << 1 << 8;
        QTest::newRow("the end") << QStringLiteral("{\n\"a\": 1\n") << 3 << 1;
        QTest::newRow("twice") << QStringLiteral("{\n\"a\": 1,\n \"a\": 2}") << 3 << 2;
        QTest::newRow("huge number") << QStringLiteral("[1e999]") << 1 << 1;
    }

    void saysWhereItCannotRead()
    {
        QFETCH(const QString, text);
        const auto parsed = parseJsonText(text);
        QVERIFY(!parsed.problem.isEmpty());
        QVERIFY2(
            !parsed.problem.contains(QLatin1String("json.exception")), qPrintable(parsed.problem));
        QTEST(parsed.line, "line");
        QTEST(parsed.column, "column");
    }

    void saysWhichTextIsNotClosed()
    {
        for (const auto* rest : {"\n}", "", "\r\n \"b\": 2}"}) {
            const auto parsed = parseJsonText(
                QStringLiteral("{\n  \"\u00e4\": \"digit\\\"0") + QLatin1String(rest));
            QVERIFY2(parsed.problem.startsWith(QStringLiteral("the text is not closed")),
                qPrintable(parsed.problem));
            QCOMPARE(parsed.line, 2);
            QCOMPARE(parsed.column, 8);
        }
        const auto other = parseJsonText(QStringLiteral("{\"a\": \"b\"\n \"c\": 1}"));
        QVERIFY2(!other.problem.contains(QStringLiteral("not closed")), qPrintable(other.problem));
    }

    void findsTheKeyOfEveryValue()
    {
        const auto text = QStringLiteral("{\"a\": [1, {\"b/c\": \"x\\\"}\"}],\n \"d\": true}");
        const auto positions = jsonPositions(text);
        QCOMPARE(positions.size(), 6);
        QCOMPARE(positions.value(QStringLiteral("/a")), text.indexOf(QLatin1String("\"a\"")));
        QCOMPARE(positions.value(QStringLiteral("/a/0")), text.indexOf(QLatin1Char('1')));
        QCOMPARE(
            positions.value(QStringLiteral("/a/1/b~1c")), text.indexOf(QLatin1String("\"b/c\"")));
        QCOMPARE(positions.value(QStringLiteral("/d")), text.indexOf(QLatin1String("\"d\"")));
    }

    void readsShortForms()
    {
        const auto config
            = Json::parse(R"({"optimizer": "SGD", "callbacks": {"class_path": "X"}})");
        const auto at = [&](const char* pointer) {
            return findValue(config, pointerTokens(QString::fromLatin1(pointer)));
        };
        QVERIFY(*at("/optimizer/class_path") == "SGD");
        QVERIFY(*at("/callbacks/0/class_path") == "X");
        QVERIFY(!at("/callbacks/1"));
        QVERIFY(!at("/optimizer/init_args/lr"));
    }

    void writesShortFormsOut()
    {
        auto config = Json::parse(R"({"optimizer": "SGD", "callbacks": {"class_path": "X"}})");
        makeValue(config, pointerTokens(QStringLiteral("/optimizer/init_args/lr"))) = 0.1;
        makeValue(config, pointerTokens(QStringLiteral("/callbacks/0/init_args/n"))) = 1;
        QCOMPARE(config.dump(),
            Json::parse(
                R"({"optimizer": {"class_path": "SGD", "init_args": {"lr": 0.1}},
                    "callbacks": [{"class_path": "X", "init_args": {"n": 1}}]})")
                .dump());
    }
};
LEYDEN_TEST(TestJsonText)
} // namespace tst_json_text

#include "tst_json_text.moc"
