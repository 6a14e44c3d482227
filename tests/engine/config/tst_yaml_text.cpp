// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/config/yaml_text.h"

#include "engine/config/json_text.h"
#include "engine/config/yaml_scalar.h"
#include "tests/support/test_program.h"

#include <QtTest/QTest>

namespace tst_yaml_text {
using namespace leyden;

namespace {

QByteArray bytes(const std::string& text)
{
    return QByteArray::fromStdString(text);
}

/// Every scalar as text: what the reader itself makes of a file.
Json texts(const YamlValue& value)
{
    switch (value.kind) {
    case YamlValue::Kind::Scalar:
        return value.text;
    case YamlValue::Kind::List: {
        auto items = Json::array();
        for (const auto& item : value.items)
            items.push_back(texts(*item));
        return items;
    }
    case YamlValue::Kind::Map: {
        auto object = Json::object();
        for (const auto& entry : value.entries)
            object[entry.key] = texts(*entry.value);
        return object;
    }
    }
    return {};
}

QByteArray read(const QByteArray& text)
{
    const auto yaml = parse_yaml(text.toStdString());
    return yaml.problem.empty() ? bytes(texts(*yaml.document).dump()) : bytes(yaml.problem);
}

/// Each level lists the one below it so many times.
QByteArray laughs(int levels, int times = 10)
{
    QByteArray text("a0: &a0 [\"ha\"]\n");
    for (int i = 1; i <= levels; ++i) {
        const QByteArray name = "a" + QByteArray::number(i);
        const QByteArray below = "*a" + QByteArray::number(i - 1);
        text += name + ": &" + name + " [" + below + QByteArray(", " + below).repeated(times - 1)
            + "]\n";
    }
    return text;
}

} // namespace

class TestYamlText final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void reads_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("json");
        const auto row = [](const char* name, const char* text, const char* json) {
            QTest::newRow(name) << QByteArray(text) << QByteArray(json);
        };
        row("map", "a: 1\nb:\n  c: x y\n", "{\"a\":\"1\",\"b\":{\"c\":\"x y\"}}");
        row("list", "- 1\n- - 2\n  - 3\n", "[\"1\",[\"2\",\"3\"]]");
        row("list as deep as its key", "a:\n- 1\n- 2\n", "{\"a\":[\"1\",\"2\"]}");
        row("flow", "{a: [1, {b: 2}], \"c\": 'it''s'}",
            "{\"a\":[\"1\",{\"b\":\"2\"}],\"c\":\"it's\"}");
        row("JSON", "{\"a\": [1, true, null, \"x\\ny\"]}",
            "{\"a\":[\"1\",\"true\",\"null\",\"x\\ny\"]}");
        row("comments", "# one\na: 1 # two\n#b: 2\n", "{\"a\":\"1\"}");
        row("block texts", "a: |\n  x\n  y\nb: >-\n  x\n  y\n",
            "{\"a\":\"x\\ny\\n\",\"b\":\"x y\"}");
        row("last key", "a: 1\nb:", "{\"a\":\"1\",\"b\":\"\"}");
        row("blank before the colon", "a : 1\n'b' : 2\n? c\n",
            "{\"a\":\"1\",\"b\":\"2\",\"c\":\"\"}");
        row("keys without values in braces", "{a, b: 1, c}", "{\"a\":\"\",\"b\":\"1\",\"c\":\"\"}");
        row("quotes", "- 'it''s'\n- \"\\\"\"\n- it's \"so\"\n- ''''\n",
            "[\"it's\",\"\\\"\",\"it's \\\"so\\\"\",\"'\"]");
        row("over two lines", "a: x\n  y\n", "{\"a\":\"x y\"}");
        row("nothing", "a:\nb: ~\nc: null\nd: ''\n",
            "{\"a\":\"\",\"b\":\"~\",\"c\":\"null\",\"d\":\"\"}");
        row("nothing before null", "a:\nnull: 1\n", "{\"a\":\"\",\"null\":\"1\"}");
        row("document marks", "%YAML 1.2\n---\na: 1\n...\n", "{\"a\":\"1\"}");
        row("byte order mark",
            "\xEF\xBB\xBF"
            "a: 1\n",
            "{\"a\":\"1\"}");
        row("CRLF", "a: 1\r\nb:\r\n- 2\r\n", "{\"a\":\"1\",\"b\":[\"2\"]}");
        row("no line break at the end", "a: 1", "{\"a\":\"1\"}");
        row("umlauts",
            "gr\xC3\xB6\xC3\x9F"
            "e: \"\\u00e4\"",
            "{\"gr\xC3\xB6\xC3\x9F"
            "e\":\"\xC3\xA4\"}");
        row("alias", "a: &x [1]\nb: *x\n", "{\"a\":[\"1\"],\"b\":[\"1\"]}");
        row("alias as key", "a: &x k\n*x : 1\n", "{\"a\":\"k\",\"k\":\"1\"}");
        row("anchor twice", "a: &x 1\nb: &x 2\nc: *x\n", "{\"a\":\"1\",\"b\":\"2\",\"c\":\"2\"}");
        row("merge", "a: &x {k: 1, l: 2}\nb: {<<: *x, l: 3}\n",
            "{\"a\":{\"k\":\"1\",\"l\":\"2\"},\"b\":{\"k\":\"1\",\"l\":\"3\"}}");
        row("merge of several", "- &x {k: 1}\n- &y {k: 2, l: 2}\n- {<<: [*x, *y], m: 3}\n",
            "[{\"k\":\"1\"},{\"k\":\"2\",\"l\":\"2\"},{\"k\":\"1\",\"l\":\"2\",\"m\":\"3\"}]");
        row("a key in quotes is no merge", "{'<<': 1}", "{\"<<\":\"1\"}");
        row("tags", "[!!str 1, !!int \"2\", ! x]", "[\"1\",\"2\",\"x\"]");
        row("explicit key", "? a\n: 1\n", "{\"a\":\"1\"}");
        row("a scalar", "word", "\"word\"");
    }
    void reads()
    {
        QFETCH(const QByteArray, text);
        QTEST(read(text), "json");
    }

    void refuses_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("says");
        const auto row = [](const char* name, const QByteArray& text, const char* says) {
            QTest::newRow(name) << text << QByteArray(says);
        };
        row("key twice", "a: 1\nb: 2\na: 3\n",
            "line 3, column 1: not valid YAML, the key \"a\" is already in line 1");
        row("key twice in quotes", "{a: 1, \"a\": 2}", "line 1, column 8: not valid YAML, the key");
        row("merge twice", "a: &x {k: 1}\nb:\n  <<: *x\n  <<: *x\n", "line 4, column 3");
        row("merge of a text", "a: &x 1\nb: {<<: *x}\n", "<< in line 2 takes a map");
        row("list as key", "? [a]\n: 1\n", "line 1, column 3: not valid YAML, a key is a list");
        row("alias of a map as key", "a: &x {b: 1}\n*x : 1\n", "line 2, column 1");
        row("two documents", "a: 1\n---\nb: 2\n", "line 2, column 1: not valid YAML, a second doc");
        row("cycle", "a: &x [1, *x]\n",
            "line 1, column 11: not valid YAML, an alias stands inside");
        row("cycle of a map", "a: &x\n  b: [*x]\n", "line 2, column 7");
        row("unknown alias", "a: *x\n", "line 1, column 4: not valid YAML, an alias (*name) is of");
        row("later anchor", "a: *x\nb: &x 1\n", "line 1, column 4");
        row("tag of Python", "a: !!python/object:os.system x\n",
            "line 1, column 4: not valid YAML, the tag \"!!python/object:os.system\" is not");
        row("tag of a map", "a: !!set {x}\n", "the tag \"!!set\" is not available");
        row("tag of one's own", "a: !mine [x]\n", "the tag \"!mine\" is not available");
        row("tab", "a:\n\tb: 1\n",
            "line 2, column 1: not valid YAML, the line is indented by a tab");
        row("tab in a deeper block", "a:\n  b: 1\n\tc: 2\n",
            "line 3, column 1: not valid YAML, the");
        row("indentation", "a:\n  b: 1\n c: 2\n", "line 3, column 2: not valid YAML, this line");
        row("colon in a text", "a: b: c\n", "line 1, column 5: not valid YAML, this line does not");
        row("open bracket", "a: [1, 2\nb: 3\n", "not valid YAML, a '[' is not closed");
        row("open brace", "a: {b: 2\n", "not valid YAML, a '{' is not closed");
        row("closed twice", "a: ]\n", "line 1, column 4: not valid YAML");
        row("open quote", "a: 1\nb: \"x\nc: 2\n",
            "line 2, column 4: not valid YAML, the text in line 2 is not closed");
        row("open quote after an umlaut", "\xC3\xA4: [\"b\", 'x]\nc: 2\n",
            "line 1, column 10: not valid YAML, the text in line 1 is not closed");
        row("open quote of all that follows", "a: 1\nb: &x 'c: 2\nd: 3\n",
            "line 2, column 7: not valid YAML, the text in line 2 is not closed");
        row("open quote of a key", "a: 1\n\"b: 2\nd: 3\n",
            "line 2, column 1: not valid YAML, the text in line 2 is not closed");
        row("no colon", "a: 1\nmax_epochs 3\n",
            "line 2, column 1: not valid YAML, a ':' is missing after \"max_epochs 3\"");
        row("escape", "a: \"\\q\"\n", "line 1, column 7: not valid YAML, an unknown escape");
        row("at sign", "a: @x\n", "line 1, column 4: not valid YAML, no value begins with this");
        row("directive", "%YAML 9.9\n---\na: 1\n", "a line that begins with % is a directive");
        row("half a tag", "a: !<x\n", "a tag (!name) is not complete");
        row("percent", "a: %x\n", "line 1, column 4: not valid YAML");
        row("not UTF-8", "a: \xFF\n", "the text is not UTF-8");
        row("UTF-16",
            QByteArray("\xFF\xFE"
                       "a\0",
                4),
            "the text is UTF-16; save it as UTF-8");
        row("zero byte", QByteArray("a: 1\nb: x\0y\n", 12),
            "line 2, column 5: not valid YAML, a control character (code 0)");
        row("escape character", "a: \x1b[31m\n", "a control character (code 27)");
        row("only comments", "# nothing\n", "the text holds no value");
        row("list that is not closed", "[1, [2]",
            "line 1, column 1: not valid YAML, a key is a list, and "
            "only texts can be keys; or a '[' is not closed");
        row("many that are not closed", QByteArray(100000, '['),
            "line 1, column 1: not valid YAML");
        row("deep list", QByteArray(1000, '[') + QByteArray(1000, ']'),
            "inside each other more than 64 levels deep");
        row("deep map", QByteArray("{a: ").repeated(1000) + QByteArray(1000, '}'),
            "more than 64 levels deep");
        QByteArray blocks;
        for (int i = 0; i < 1000; ++i)
            blocks += QByteArray(i, ' ') + "a:\n";
        row("deep blocks", blocks, "more than 64 levels deep");
        row("deep items", QByteArray("- ").repeated(50000), "more than 64 levels deep");
        row("deep by aliases", laughs(99, 1), "more than 64 levels deep");
        row("billion laughs", laughs(9),
            "line 7, column 15: not valid YAML, there are more than 250000");
        row("more than a billion", laughs(50), "more than 250000 values or 16 MiB of texts");
        row("long laughs",
            "a: &a " + QByteArray(1000, 'x') + "\nb: &b [*a" + QByteArray(", *a").repeated(999)
                + "]\nc: [*b" + QByteArray(", *b").repeated(99) + "]\n",
            "line 3, column ");
        row("many values", "[" + QByteArray("1,").repeated(250000) + "]",
            "more than 250000 values");
        QByteArray keys;
        for (int i = 0; i < 20000; ++i)
            keys += QByteArray::number(i) + ": 0\n";
        row("many keys", keys, "line 10001, column 1: not valid YAML, a map has more than 10000");
    }
    void refuses()
    {
        QFETCH(const QByteArray, text);
        QFETCH(const QByteArray, says);
        const auto yaml = parse_yaml(text.toStdString());
        QVERIFY(!yaml.document);
        QVERIFY2(bytes(yaml.problem).contains(says), yaml.problem.c_str());
        QVERIFY(!bytes(yaml.problem).contains("yaml-cpp"));
    }

    void takesAliasesWithinTheLimit()
    {
        const auto yaml = parse_yaml(laughs(4).toStdString());
        QCOMPARE(bytes(yaml.problem), QByteArray());
        QCOMPARE(yaml.document->entries[4].value->items.size(), std::size_t(10));
    }

    void knowsLines()
    {
        const auto yaml = parse_yaml("a: 1\n# x\n\xC3\xA4: [2,\n  3]\n\"b\" : &y\n  c: 4\nd: *y\n");
        QVERIFY(yaml.document);
        const auto& entries = yaml.document->entries;
        QCOMPARE(entries[0].line, 1);
        QCOMPARE(entries[1].line, 3);
        QCOMPARE(entries[1].value->items[1]->line, 4);
        QCOMPARE(entries[2].value->entries[0].line, 6);
        QCOMPARE(entries[3].line, 7);
        QCOMPARE(entries[3].value->entries[0].line, 6); // where it is written
    }

    void readsNumbers_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("whole");
        QTest::addColumn<QByteArray>("real");
        const auto row = [](const char* text, const char* whole, const char* real) {
            QTest::newRow(text) << QByteArray(text) << QByteArray(whole) << QByteArray(real);
        };
        row("12", "12", "-");
        row("-3", "-3", "-");
        row("+3", "3", "-");
        row("0", "0", "-");
        row("1_000", "1000", "-");
        row("0x1F", "31", "-");
        row("0b101", "5", "-");
        row("017", "15", "-");
        row("0o17", "15", "-");
        row("18446744073709551615", "18446744073709551615", "-");
        row("1.5", "-", "1.5");
        row("1e-3", "-", "0.001");
        row("1E3", "-", "1000.0");
        row("1.", "-", "1.0");
        row(".5", "-", "0.5");
        row("-.5e1", "-", "-5.0");
        row("+1_0.5", "-", "10.5");
        row(".inf", "-", "\"Infinity\"");
        row("-.INF", "-", "\"-Infinity\"");
        row(".NaN", "-", "\"NaN\"");
        row("1e-400", "-", "0.0");
        for (const auto* other : {"", "-", "08", "0x", "0xG", "12:30:00", "1e999", "1e", "e5",
                 "1.2.3", "inf", "nan", ".", "_1", "1 2", "0b", "--1", "1-2", "NaN", "+"})
            row(other, "-", "-");
        row("1_", "1", "-"); // PyYAML's rule
    }
    void readsNumbers()
    {
        QFETCH(const QByteArray, text);
        const auto shown = [](const std::optional<Json>& value) {
            return value ? bytes(value->dump()) : QByteArray("-");
        };
        QTEST(shown(yaml_int(text.toStdString())), "whole");
        QTEST(shown(yaml_float(text.toStdString())), "real");
    }
};

LEYDEN_TEST(TestYamlText)
} // namespace tst_yaml_text

#include "tst_yaml_text.moc"
