// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/config/option_table.h"

#include "engine/config/json_text.h"
#include "engine/config/nearest_name.h"
#include "engine/config/option_help.h"
#include "engine/config/registry.h"
#include "engine/core/errors.h"
#include "tests/support/made_up_component.h"
#include "tests/support/test_program.h"

#include <QtTest/QTest>

#include <cmath>
#include <set>

namespace leyden::test {

struct SharedOptions
{
    int64_t batch_size = 32;
};
struct DerivedOptions : SharedOptions
{
    double lr = 0.5;
};

void describe(OptionTable<DerivedOptions>& table)
{
    table.add("batch_size", &DerivedOptions::batch_size, "Rows of a batch").at_least(1);
    table.add("lr", &DerivedOptions::lr, "Learning rate");
}

} // namespace leyden::test

namespace tst_option_table {
using namespace leyden;
using namespace leyden::test;

namespace {

QByteArray bytes(const std::string& text)
{
    return QByteArray::fromStdString(text);
}

MadeUpOptions read(const char* text)
{
    auto init_args = Json::parse(text);
    init_args["required_text"] = "x";
    return read_options<MadeUpOptions>(init_args);
}

} // namespace

class TestOptionTable final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void givesDefaultsForWhatIsMissing()
    {
        const auto options = read("{}");
        QCOMPARE(options.count, int64_t(3));
        QCOMPARE(options.sizes, (std::vector<int64_t>{128, 64}));
        QVERIFY(options.mode == MadeUpMode::Min);
        QCOMPARE(*options.maybe_rate, 0.25);
        QCOMPARE(options.weights.at("a"), 1.0);
    }

    void readsEveryFieldType()
    {
        const auto options
            = read(R"({"flag": false, "count": 7, "rate": 0.75, "threshold": "-Infinity",
            "label": "l", "loose_choice": "LARGE", "mode": "max", "maybe_flag": false, "maybe_count": 4,
            "maybe_rate": null, "maybe_label": "m", "maybe_mode": "max", "sizes": [1], "rates": [1, 2],
            "labels": ["c"], "modes": ["max", "min"], "betas": [0, 0.5], "amount": 2,
            "switch_or_count": 3, "number_or_text": "abc", "weights": {"b": 2}, "time": "1:00:00:00",
            "files": ["f"], "part": "P", "parts": [{"class_path": "Q", "init_args": {"k": 1}}],
            "switch_or_parts": ["R"]})");
        QCOMPARE(options.flag, false);
        QCOMPARE(options.count, int64_t(7));
        QCOMPARE(options.rate, 0.75);
        QVERIFY(std::isinf(options.threshold) && options.threshold < 0);
        QCOMPARE(options.label, std::string("l"));
        QCOMPARE(options.loose_choice, std::string("large"));
        QVERIFY(options.mode == MadeUpMode::Max);
        QCOMPARE(*options.maybe_flag, false);
        QCOMPARE(*options.maybe_count, int64_t(4));
        QVERIFY(!options.maybe_rate);
        QCOMPARE(*options.maybe_label, std::string("m"));
        QVERIFY(*options.maybe_mode == MadeUpMode::Max);
        QCOMPARE(options.sizes, (std::vector<int64_t>{1}));
        QCOMPARE(options.rates, (std::vector<double>{1, 2}));
        QCOMPARE(options.labels, (std::vector<std::string>{"c"}));
        QVERIFY((options.modes == std::vector{MadeUpMode::Max, MadeUpMode::Min}));
        QVERIFY((options.betas == std::array{0.0, 0.5}));
        QCOMPARE(std::get<int64_t>(options.amount), int64_t(2));
        QCOMPARE(std::get<int64_t>(options.switch_or_count), int64_t(3));
        QCOMPARE(std::get<std::string>(*options.number_or_text), std::string("abc"));
        QCOMPARE(options.weights.size(), std::size_t(1));
        QCOMPARE(options.time, std::string("1:00:00:00"));
        QCOMPARE(options.files, (std::vector<std::string>{"f"}));
        QCOMPARE(options.part->class_path, std::string("P"));
        QCOMPARE(options.parts.at(0).init_args.dump(), std::string(R"({"k":1})"));
        QCOMPARE(std::get<2>(*options.switch_or_parts).at(0).class_path, std::string("R"));
    }

    void tellsAlternativesApart()
    {
        QVERIFY(std::holds_alternative<double>(read(R"({"amount": 1.0})").amount));
        QVERIFY(std::holds_alternative<int64_t>(read(R"({"amount": 1})").amount));
        QVERIFY(std::holds_alternative<bool>(read(R"({"switch_or_count": true})").switch_or_count));
    }

    void knowsFieldsOfABase()
    {
        const auto options
            = read_options<DerivedOptions>(Json::parse(R"({"batch_size": 8, "lr": 1})"));
        QCOMPARE(options.batch_size, int64_t(8));
        QCOMPARE(options.lr, 1.0);
    }

    void throwsOneLinePerProblem()
    {
        try {
            read_options<MadeUpOptions>(Json::parse(R"({"count": 0, "lable": ""})"));
            QFAIL("accepted");
        } catch (const MisconfigurationError& error) {
            QCOMPARE(QByteArray(error.what()),
                QByteArray("/lable: unknown option; did you mean \"label\"?\n"
                           "/required_text: missing; expected text that is not empty\n"
                           "/count: found 0, expected a whole number from 1 to 100"));
        }
        QVERIFY_EXCEPTION_THROWN(read_options<MadeUpOptions>(Json(3)), MisconfigurationError);
    }

    void checksOptionsTogether()
    {
        QVERIFY_EXCEPTION_THROWN(read(R"({"least": 3, "most": 2})"), MisconfigurationError);
        QCOMPARE(read(R"({"least": 2, "most": 2})").least, int64_t(2));
    }

    void refusesSlipsOfTheProgrammer()
    {
        OptionTable<MadeUpOptions> twice;
        twice.add("flag", &MadeUpOptions::flag, "On or off");
        twice.add("flag", &MadeUpOptions::flag, "On or off");
        QVERIFY_EXCEPTION_THROWN(twice.take(), InternalError);
        OptionTable<MadeUpOptions> without_kind;
        without_kind.add("part", &MadeUpOptions::part, "A part");
        QVERIFY_EXCEPTION_THROWN(without_kind.take(), InternalError);
        OptionTable<MadeUpOptions> pointless;
        QVERIFY_EXCEPTION_THROWN(
            pointless.add("flag", &MadeUpOptions::flag, "On or off").at_least(1), InternalError);
        OptionTable<MadeUpOptions> dangling;
        dangling.add("flag", &MadeUpOptions::flag, "On or off").depends_on("nothing");
        QVERIFY_EXCEPTION_THROWN(dangling.take(), InternalError);
    }

    void registryKeepsNamesUniqueWithinAKind()
    {
        Registry registry;
        register_made_up_components(registry);
        QVERIFY_EXCEPTION_THROWN(register_made_up_components(registry), MisconfigurationError);
        registry.add({ComponentKind::Callback, "MadeUpModel", "Same name, other kind", {}, {}, {}});
        QVERIFY_EXCEPTION_THROWN(
            registry.add({ComponentKind::Model, "a/b", "Bad name", {}, {}, {}}),
            MisconfigurationError);
        QCOMPARE(registry.all(ComponentKind::Optimizer).size(), std::size_t(2));
        QVERIFY(!registry.find(ComponentKind::Model, "MadeUpSGD"));
    }

    void listsEveryOptionInHelpAndJson()
    {
        Registry registry;
        register_made_up_components(registry);
        const auto& info = *registry.find(ComponentKind::Model, "MadeUpModel");
        const auto help = component_help(info);
        const auto json = component_json(info);
        QCOMPARE(json["options"].size(), info.options.size());
        for (std::size_t i = 0; i < info.options.size(); ++i) {
            const auto& name = info.options[i].name;
            QCOMPARE(bytes(json["options"][i]["name"].get<std::string>()), bytes(name));
            QVERIFY2(help.find("  " + name + " (") != std::string::npos, name.c_str());
        }
        const auto line = [&](const char* text) {
            QVERIFY2(help.find(text) != std::string::npos, (text + help).c_str());
        };
        line("  count (a whole number from 1 to 100; unit: pieces; default 3)\n      A whole "
             "number\n");
        line("  required_text (text that is not empty; required)");
        line("  future (a whole number >= 0; default 0; not available yet)");
        line("\nLists\n");
    }

    void suggestsOnlyCloseNames_data()
    {
        QTest::addColumn<QByteArray>("name");
        QTest::addColumn<QByteArray>("nearest");
        QTest::newRow("letter missing") << QByteArray("precison") << QByteArray("precision");
        QTest::newRow("swapped") << QByteArray("devcies") << QByteArray("devices");
        QTest::newRow("case") << QByteArray("Precision") << QByteArray("precision");
        QTest::newRow("short") << QByteArray("l") << QByteArray("lr");
        QTest::newRow("far") << QByteArray("learning_rate") << QByteArray();
        QTest::newRow("nothing alike") << QByteArray("xy") << QByteArray();
        QTest::newRow("empty") << QByteArray() << QByteArray();
        QTest::newRow("very long") << QByteArray(100000, 'x') << QByteArray();
    }

    void suggestsOnlyCloseNames()
    {
        QFETCH(const QByteArray, name);
        QFETCH(const QByteArray, nearest);
        QCOMPARE(bytes(nearest_name(name.toStdString(), {"precision", "devices", "lr"})), nearest);
    }

    void shortensLongValuesInMessages()
    {
        const auto text = shown(Json(std::string(1000, 'x')));
        QCOMPARE(text.size(), std::size_t(80));
        QVERIFY(is_utf8(shown(Json(std::string(77, 'x') + "\xc3\xa4\xc3\xa4\xc3\xa4"))));
    }
};

LEYDEN_TEST(TestOptionTable)
} // namespace tst_option_table

#include "tst_option_table.moc"
