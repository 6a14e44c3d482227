// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/config/json_text.h"
#include "engine/config/registry.h"
#include "engine/config/run_config.h"
#include "engine/core/errors.h"
#include "tests/engine/config/config_cases.h"
#include "tests/support/made_up_component.h"
#include "tests/support/test_program.h"

#include <QtTest/QTest>

#include <iterator>
#include <random>

namespace tst_config_mutations {
using namespace leyden;
using namespace leyden::test;

namespace {

/// Any value at all, small ones mostly.
Json any_value(std::mt19937& random, int depth = 0)
{
    static const std::vector<const char*> texts
        = {"null", "true", "0", "-1", "1", "1.0", "0.5", "1e308", "-9223372036854775808",
            "18446744073709551615", "\"\"", "\"MadeUpModel\"", "\"MadeUpSGD\"", "\"NaN\"",
            "\"\\u0000\"", "\"~/\"", "[]", "{}", R"({"class_path": "MadeUpCallback"})",
            R"({"class_path": null})", R"({"class_path": "MadeUpModel", "init_args": []})"};
    const auto pick = random() % (texts.size() + 3);
    if (pick < texts.size())
        return Json::parse(texts[pick]);
    if (pick == texts.size() || depth > 3)
        return std::string(random() % 300, static_cast<char>(random() % 256)); // often no UTF-8
    auto container = pick % 2 == 0 ? Json::array() : Json::object();
    for (auto count = random() % 4; count > 0; --count) {
        if (container.is_array())
            container.push_back(any_value(random, depth + 1));
        else
            container[std::string(1, static_cast<char>(random() % 256))]
                = any_value(random, depth + 1);
    }
    return container;
}

/// Changes, drops or adds something somewhere.
void mutate(Json& json, std::mt19937& random)
{
    const bool goes_down = json.is_structured() && !json.empty() && random() % 8 != 0;
    if (!goes_down) {
        json = any_value(random);
        return;
    }
    const auto item = std::next(json.begin(), std::ptrdiff_t(random() % json.size()));
    if (random() % 12 == 0)
        json.erase(item);
    else
        mutate(*item, random);
}

} // namespace

/// Whatever is thrown at the parser, it answers with problems.
class TestConfigMutations final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { register_made_up_components(m_registry); }

    void survivesMutatedDocuments()
    {
        std::mt19937 random(1);
        const auto good = parse_run_config(smallest_config(), m_registry, {}).config.resolved;
        const auto cases = config_cases();
        int accepted = 0;
        for (int round = 0; round < 1000; ++round) {
            auto document = round % 2 == 0 ? good : cases[random() % cases.size()].document;
            for (auto count = 1 + random() % 3; count > 0; --count)
                mutate(document, random);
            const auto parsed = parse_run_config(document, m_registry, {});
            for (const auto& problem : parsed.problems) {
                QVERIFY(!problem.message.empty());
                QVERIFY(is_utf8(problem.message));
                QVERIFY(problem.message.find("json.exception") == std::string::npos);
                QVERIFY(problem.message.size() < 2000);
            }
            if (!parsed.problems.empty())
                continue;
            ++accepted;
            const auto again = parse_run_config(parsed.config.resolved, m_registry, {});
            QVERIFY(again.problems.empty());
            QCOMPARE(again.config.resolved.dump(), parsed.config.resolved.dump());
        }
        QVERIFY(accepted > 20 && accepted < 980); // else it tried one side only
    }

    void survivesMutatedText()
    {
        std::mt19937 random(2);
        const auto good
            = parse_run_config(smallest_config(), m_registry, {}).config.resolved.dump(1);
        for (int round = 0; round < 1000; ++round) {
            auto text = good;
            for (auto count = 1 + random() % 4; count > 0; --count)
                text[random() % text.size()] = static_cast<char>(random() % 256);
            if (random() % 4 == 0)
                text.resize(random() % text.size());
            const auto json = parse_json(text);
            if (json.problem.empty())
                parse_run_config(json.document, m_registry, {});
            else
                QVERIFY2(is_utf8(json.problem), json.problem.c_str());
        }
    }

    void survivesOddOverrides()
    {
        std::mt19937 random(3);
        const std::vector<std::string> parts = {"trainer", "model", "init_args", "class_path",
            "callbacks", "0", "1", "", "optimizer", "lr", "\xff", "weights", "lr_scheduler"};
        const std::vector<std::string> values
            = {"1", "null", "[1]", "{}", "x", "\"", "[[[[", "\xff", "MadeUpSGD"};
        for (int round = 0; round < 1000; ++round) {
            auto document = smallest_config();
            std::vector<ConfigOverride> overrides(1 + random() % 3);
            for (auto& change : overrides) {
                change.path = parts[random() % parts.size()];
                for (auto count = random() % 4; count > 0; --count)
                    change.path += "." + parts[random() % parts.size()];
                change.text = values[random() % values.size()];
            }
            apply_overrides(document, overrides);
            const auto parsed = parse_run_config(document, m_registry, {});
            QVERIFY(is_utf8(problem_lines(parsed.problems, "")));
        }
    }

private:
    Registry m_registry;
};

LEYDEN_TEST(TestConfigMutations)
} // namespace tst_config_mutations

#include "tst_config_mutations.moc"
