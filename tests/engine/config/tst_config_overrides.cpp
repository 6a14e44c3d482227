// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/config/run_config.h"
#include "tests/support/test_program.h"

#include <QtTest/QTest>

namespace tst_config_overrides {
using namespace leyden;

class TestConfigOverrides final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void setsWhatTheNameLeadsTo_data()
    {
        QTest::addColumn<QByteArray>("before");
        QTest::addColumn<QByteArray>("path");
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("after");
        const auto row = [](const char* name, const char* before, const char* path,
                             const char* text, const char* after) {
            QTest::newRow(name) << QByteArray(before) << QByteArray(path) << QByteArray(text)
                                << QByteArray(after);
        };
        row("int", "{}", "a", "3", R"({"a":3})");
        row("float stays float", "{}", "a", "1.0", R"({"a":1.0})");
        row("null", R"({"a":1})", "a", "null", R"({"a":null})");
        row("text", "{}", "a", "abc", R"({"a":"abc"})");
        row("quoted text", "{}", "a", "\"3\"", R"({"a":"3"})");
        row("list", "{}", "a", "[1, 2]", R"({"a":[1,2]})");
        row("empty text", "{}", "a", "", R"({"a":""})");
        row("text with = and :", "{}", "a", "x=1:2", R"({"a":"x=1:2"})");
        row("nested", R"({"t":{"a":1}})", "t.b", "2", R"({"t":{"a":1,"b":2}})");
        row("made on the way", "{}", "t.u.v", "2", R"({"t":{"u":{"v":2}}})");
        row("list item", R"({"l":[{"a":1},{"a":2}]})", "l.1.a", "5", R"({"l":[{"a":1},{"a":5}]})");
        row("short form opens", R"({"o":"SGD"})", "o.init_args.lr", "1",
            R"({"o":{"class_path":"SGD","init_args":{"lr":1}}})");
        row("short form in a list", R"({"l":["E"]})", "l.0.init_args.p", "1",
            R"({"l":[{"class_path":"E","init_args":{"p":1}}]})");
        row("single component as a list", R"({"l":{"class_path":"E"}})", "l.0.init_args.p", "1",
            R"({"l":[{"class_path":"E","init_args":{"p":1}}]})");
        row("another class drops its arguments",
            R"({"o":{"class_path":"SGD","init_args":{"lr":1}}})", "o", "Adam",
            R"({"o":{"class_path":"Adam"}})");
        row("another class by class_path", R"({"o":{"class_path":"SGD","init_args":{"lr":1}}})",
            "o.class_path", "Adam", R"({"o":{"class_path":"Adam"}})");
        row("the same class keeps them", R"({"o":{"class_path":"SGD","init_args":{"lr":1}}})", "o",
            "SGD", R"({"o":{"class_path":"SGD","init_args":{"lr":1}}})");
        row("a new class keeps the schedule",
            R"({"s":{"class_path":"A","init_args":{},"interval":"step"}})", "s", "B",
            R"({"s":{"class_path":"B","interval":"step"}})");
        row("from null", R"({"s":null})", "s.class_path", "A", R"({"s":{"class_path":"A"}})");
        row("component off", R"({"s":{"class_path":"A"}})", "s", "null", R"({"s":null})");
    }

    void setsWhatTheNameLeadsTo()
    {
        QFETCH(const QByteArray, before);
        QFETCH(const QByteArray, path);
        QFETCH(const QByteArray, text);
        QFETCH(const QByteArray, after);
        auto document = Json::parse(before.toStdString());
        const auto problems = apply_overrides(document, {{path.toStdString(), text.toStdString()}});
        QVERIFY(problems.empty());
        QCOMPARE(QByteArray::fromStdString(document.dump()), after);
    }

    void saysWhereANameLeadsNowhere_data()
    {
        QTest::addColumn<QByteArray>("path");
        QTest::addColumn<QByteArray>("pointer");
        QTest::addColumn<QByteArray>("says");
        QTest::newRow("index too large") << QByteArray("l.1.a") << QByteArray("/l/1")
                                         << QByteArray("the list has 1 item, numbered from 0 to 0");
        QTest::newRow("huge index")
            << QByteArray("l.99999999999999999999") << QByteArray("/l/99999999999999999999")
            << QByteArray("expected the number");
        QTest::newRow("item of null")
            << QByteArray("n.0.a") << QByteArray("/n/0") << QByteArray("the list has 0 items");
        QTest::newRow("item of nothing")
            << QByteArray("x.0") << QByteArray("/x/0") << QByteArray("the list has 0 items");
        QTest::newRow("name in a list") << QByteArray("l.a") << QByteArray("/l/a")
                                        << QByteArray("expected the number of a list's item");
        QTest::newRow("inside a number")
            << QByteArray("i.a") << QByteArray("/i/a") << QByteArray("stands inside 3");
        QTest::newRow("no name") << QByteArray() << QByteArray("/") << QByteArray("single dots");
        QTest::newRow("two dots") << QByteArray("a..b") << QByteArray("/a/")
                                  << QByteArray("single dots");
        QTest::newRow("very deep") << QByteArray("a.").repeated(1000) << QByteArray("/")
                                   << QByteArray("more than 64 parts");
    }

    void saysWhereANameLeadsNowhere()
    {
        QFETCH(const QByteArray, path);
        QFETCH(const QByteArray, pointer);
        QFETCH(const QByteArray, says);
        auto document = Json::parse(R"({"l": [{"a": 1}], "i": 3, "n": null})");
        const auto problems = apply_overrides(document, {{path.toStdString(), "1"}});
        QCOMPARE(problems.size(), std::size_t(1));
        QCOMPARE(QByteArray::fromStdString(problems[0].pointer), pointer);
        QVERIFY2(problems[0].message.find(says.toStdString()) != std::string::npos,
            problems[0].message.c_str());
    }
};

LEYDEN_TEST(TestConfigOverrides)
} // namespace tst_config_overrides

#include "tst_config_overrides.moc"
