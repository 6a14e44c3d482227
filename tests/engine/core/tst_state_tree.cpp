// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/errors.h"
#include "engine/core/state_tree.h"
#include "tests/support/test_program.h"

#include <QtTest>

#include <torch/types.h>

namespace tst_state_tree {
using namespace leyden;

namespace {
template <typename Call> QString messageOf(Call call)
{
    try {
        call();
    } catch (const CheckpointError& error) {
        return QString::fromUtf8(error.what());
    }
    return QStringLiteral("no CheckpointError");
}
} // namespace

class TestStateTree final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void tellsItsType_data()
    {
        QTest::addColumn<int>("index");
        QTest::addColumn<QString>("name");
        const char* names[] = {"None", "bool", "int", "int", "float", "str", "str", "Tensor",
            "list", "tuple", "dict", "OrderedDict"};
        for (int i = 0; i < 12; ++i)
            QTest::addRow("%d %s", i, names[i]) << i << QString::fromUtf8(names[i]);
    }

    void tellsItsType()
    {
        QFETCH(const int, index);
        QFETCH(const QString, name);
        const std::vector<StateTree> trees = {nullptr, true, 1, int64_t{1} << 40, 0.5, "text",
            std::string("text"), torch::ones({2}), StateTree::list(), StateTree::tuple(),
            StateTree::dict(), StateTree::ordered_dict()};
        QCOMPARE(QString::fromUtf8(trees.at(size_t(index)).type_name()), name);
    }

    void keepsBoolsAndIntsApart()
    {
        QVERIFY(!StateTree(true).is_int());
        QVERIFY(!StateTree(1).is_bool());
        QCOMPARE(StateTree(3).to_double(), 3.0);
        QCOMPARE(messageOf([] { StateTree(true).to_int(); }),
            QStringLiteral("expected an int but found bool; the state does not fit what is asked "
                           "of it"));
        QVERIFY(messageOf([] { StateTree(0.5).to_int(); }).contains(QStringLiteral("found float")));
    }

    void keepsTheOrderOfADict()
    {
        StateTree tree;
        tree.set("b", 1);
        tree.set(7, 2);
        tree.set("7", 3);
        tree.set("a", 4);
        tree.set("b", 5); // replaced in place, as in Python
        QCOMPARE(tree.size(), size_t(4));
        QCOMPARE(std::get<std::string>(tree.entries()[0].first), std::string("b"));
        QCOMPARE(tree.at("b").to_int(), 5);
        QCOMPARE(tree.at(7).to_int(), 2);
        QCOMPARE(tree.at("7").to_int(), 3);

        tree.erase("b");
        tree.erase("absent");
        QCOMPARE(std::get<int64_t>(tree.entries()[0].first), 7);
        QVERIFY(!tree.contains("b"));
    }

    void namesTheMissingKey()
    {
        const StateTree tree = StateTree::dict({{"epoch", 1}});
        QCOMPARE(messageOf([&] { tree.at("global_step"); }),
            QStringLiteral("the state has no entry 'global_step'"));
        QCOMPARE(messageOf([&] { tree.at(3); }), QStringLiteral("the state has no entry 3"));
        QVERIFY(StateTree(1).find("epoch") == nullptr);
        QVERIFY(messageOf([] { StateTree(1).at("epoch"); }).contains(QStringLiteral("a dict")));
    }

    void growsFromNone()
    {
        StateTree tree;
        QCOMPARE(tree.size(), size_t(0));
        tree.push_back(1);
        tree.push_back("two");
        QCOMPARE(tree[1].to_string(), std::string("two"));
        QVERIFY(!tree.as_list().is_tuple);
        QVERIFY(messageOf([&] { tree.set("key", 1); }).contains(QStringLiteral("found list")));
    }

    void sharesTensorsUntilDeeplyCopied()
    {
        const at::Tensor weight = torch::ones({2, 3});
        StateTree tree = StateTree::dict({{"list", StateTree::tuple({weight, 0.5})}});
        tree.set("tied", weight.detach());
        const StateTree shallow = tree;
        const StateTree deep = tree.deep_copy();
        weight.fill_(2);

        QCOMPARE(shallow.at("list")[0].tensor().sum().item<double>(), 12.0);
        QCOMPARE(deep.at("list")[0].tensor().sum().item<double>(), 6.0);
        QVERIFY(deep.at("list").as_list().is_tuple);
        QCOMPARE(deep.at("list")[1].to_double(), 0.5);
        QVERIFY(deep.at("tied").tensor().is_alias_of(deep.at("list")[0].tensor()));
    }
};
LEYDEN_TEST(TestStateTree)
} // namespace tst_state_tree

#include "tst_state_tree.moc"
