// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/test_program.h"
#include "tests/widgets/config/sample_schema.h"
#include "widgets/config/config_diff.h"

#include <QTest>

namespace tst_config_diff {
using namespace leyden::ui;

class TestConfigDiff final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void namesEveryDifference_data()
    {
        QTest::addColumn<QString>("before");
        QTest::addColumn<QString>("after");
        QTest::addColumn<QStringList>("pointers");
        const auto row = [](const char* name, const char* before, const char* after,
                             const QStringList& pointers) {
            QTest::newRow(name) << QString::fromLatin1(before) << QString::fromLatin1(after)
                                << pointers;
        };
        const auto text = [](const char* pointer) { return QString::fromLatin1(pointer); };
        row("nothing", R"({"a": 1})", R"({"a": 1})", {});
        row("order alone", R"({"a": 1, "b": 2})", R"({"b": 2, "a": 1})", {});
        row("a value", R"({"a": {"b": 1}})", R"({"a": {"b": 2}})", {text("/a/b")});
        row("added, removed", R"({"a": 1})", R"({"b": 1})", {text("/b"), text("/a")});
        row("count and share", R"({"a": 1})", R"({"a": 1.0})", {text("/a")});
        row("another class", R"({"m": {"class_path": "A", "init_args": {"x": 1}}})",
            R"({"m": {"class_path": "B", "init_args": {"x": 2}}})", {text("/m")});
        row("list of numbers", R"({"a": [1, 2]})", R"({"a": [1, 3]})", {text("/a")});
        row("inside a list of components", R"({"c": [{"class_path": "A", "init_args": {"x": 1}}]})",
            R"({"c": [{"class_path": "A", "init_args": {"x": 2}}]})", {text("/c/0/init_args/x")});
        row("a longer list", R"({"c": [{"class_path": "A"}]})",
            R"({"c": [{"class_path": "A"}, {"class_path": "B"}]})", {text("/c")});
        row("an odd key", R"({"a/b": 1})", R"({"a/b": 2})", {text("/a~1b")});
    }

    void namesEveryDifference()
    {
        QFETCH(const QString, before);
        QFETCH(const QString, after);
        QFETCH(const QStringList, pointers);
        QCOMPARE(
            changedPointers(Json::parse(after.toStdString()), Json::parse(before.toStdString())),
            pointers);
    }

    void givesBothValues()
    {
        const auto changes = configChanges(Json{{"a", 2}}, Json{{"a", 1}, {"b", 3}});
        QCOMPARE(changes.size(), 2u);
        QVERIFY(*changes[0].before == 1 && *changes[0].after == 2);
        QVERIFY(*changes[1].before == 3 && !changes[1].after);
    }
};
LEYDEN_TEST(TestConfigDiff)
} // namespace tst_config_diff

#include "tst_config_diff.moc"
