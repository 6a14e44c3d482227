// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/config/option_schema.h"
#include "engine/config/registry.h"
#include "engine/config/run_config.h"
#include "tests/engine/config/config_cases.h"
#include "tests/support/made_up_component.h"
#include "tests/support/test_program.h"

#include <QtCore/QFile>
#include <QtCore/QProcess>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

namespace tst_config_schema {
using namespace leyden;
using namespace leyden::test;

namespace {

/// moc loses its way in raw strings with a hash sign and a dollar.
QByteArray with_references(QByteArray text)
{
    return text.replace("<defs>", "#/$defs");
}

} // namespace

class TestConfigSchema final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        register_made_up_components(m_registry);
        m_schema = run_config_schema(m_registry);
    }

    void writesAnOptionOfEachKind_data()
    {
        QTest::addColumn<QByteArray>("expected");
        const auto row = [](const char* option, const char* expected) {
            QTest::newRow(option) << with_references(expected);
        };
        row("flag", R"({"type":"boolean","default":true})");
        row("count",
            R"({"type":"integer","minimum":1,"maximum":100,"default":3,"x-unit":"pieces"})");
        row("rate",
            R"({"type":"number","exclusiveMinimum":0,"exclusiveMaximum":1,"default":0.5,"x-details":"Neither 0 nor 1."})");
        row("threshold",
            R"({"anyOf":[{"type":"number"},{"type":"string","enum":["NaN","Infinity","-Infinity"]}],"default":0.0})");
        row("choice", R"({"type":"string","enum":["first","second","third"],"default":"first"})");
        row("loose_choice", R"({"type":"string","enum":["small","large"],"default":"small"})");
        row("mode", R"({"type":"string","enum":["min","max"],"default":"min"})");
        row("maybe_count",
            R"({"type":["integer","null"],"minimum":0,"not":{"enum":[5]},"default":null})");
        row("maybe_mode", R"({"type":["string","null"],"enum":["min","max",null],"default":null})");
        row("sizes",
            R"({"type":"array","items":{"type":"integer","minimum":1},"default":[128,64]})");
        row("labels",
            R"({"type":"array","items":{"type":"string","enum":["a","b","c"]},"minItems":1,"default":["a"]})");
        row("betas",
            R"({"type":"array","items":{"type":"number","minimum":0,"exclusiveMaximum":1},"minItems":2,"maxItems":2,"default":[0.9,0.999]})");
        row("amount", R"({"type":["integer","number"],"minimum":0,"default":1.0})");
        row("switch_or_count",
            R"({"anyOf":[{"type":"boolean"},{"type":"integer","minimum":1}],"default":false})");
        row("number_or_text", R"({"type":["integer","number","string","null"],"default":null})");
        row("weights",
            R"({"type":"object","additionalProperties":{"type":"number","minimum":0},"default":{"a":1.0}})");
        row("file", R"({"type":"string","default":"data.csv","x-path":true})");
        row("part", R"({"anyOf":[{"$ref":"<defs>/callback"},{"type":"null"}],"default":null})");
        row("parts", R"({"type":"array","items":{"$ref":"<defs>/callback"},"default":[]})");
        row("future",
            R"({"type":"integer","minimum":0,"enum":[0],"default":0,"x-available":false})");
        row("dependent",
            R"({"type":"string","default":"x","x-depends":[{"option":"choice","value":"second"},{"option":"flag"}]})");
    }

    void writesAnOptionOfEachKind()
    {
        QFETCH(const QByteArray, expected);
        auto schema = m_schema["$defs"]["model.MadeUpModel"]["properties"]["init_args"]
                              ["properties"][QTest::currentDataTag()];
        QVERIFY(schema.contains("x-tier"));
        for (const char* key : {"description", "x-group", "x-tier"})
            schema.erase(key);
        QCOMPARE(QByteArray::fromStdString(schema.dump()), expected);
    }

    void listsComponentsByKind()
    {
        const auto& optimizer = m_schema["$defs"]["optimizer"];
        QCOMPARE(QByteArray::fromStdString(optimizer.dump()),
            with_references(
                R"({"x-kind":"optimizer","anyOf":[{"type":"string","enum":["MadeUpSGD","MadeUpAdam"]},)"
                R"({"$ref":"<defs>/optimizer.MadeUpSGD"},{"$ref":"<defs>/optimizer.MadeUpAdam"}]})"));
        QVERIFY(m_schema["$defs"]["lr_scheduler.MadeUpDecay"]["properties"].contains("interval"));
        QVERIFY(!m_schema["$defs"]["optimizer.MadeUpSGD"]["properties"].contains("interval"));
    }

    /// Every case, and its resolved form, judged by a validator that is not ours.
    void agreesWithTheParser()
    {
        const auto python = qEnvironmentVariable("LEYDEN_REFERENCE_PYTHON");
        if (python.isEmpty())
            QSKIP("LEYDEN_REFERENCE_PYTHON names no Python with jsonschema");
        auto task = Json::object();
        task["schema"] = m_schema;
        task["documents"] = Json::array();
        std::vector<std::pair<std::string, bool>> expected;
        for (const auto& config_case : config_cases()) {
            const bool is_good = config_case.pointer == "-";
            if (config_case.schema_can_say) {
                task["documents"].push_back(config_case.document);
                expected.emplace_back(config_case.name, is_good);
            }
            if (is_good) {
                const auto parsed = parse_run_config(config_case.document, m_registry, {});
                task["documents"].push_back(parsed.config.resolved);
                expected.emplace_back("resolved " + config_case.name, true);
            }
        }
        QTemporaryDir folder;
        QFile file(folder.filePath(QStringLiteral("task.json")));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(QByteArray::fromStdString(task.dump()));
        file.close();

        QProcess process;
        process.start(python,
            {QStringLiteral(LEYDEN_SOURCE_DIR "/tests/engine/config/judge_by_schema.py"),
                file.fileName()});
        QVERIFY(process.waitForFinished(100'000));
        QCOMPARE(QString::fromUtf8(process.readAllStandardError()), QString());
        const auto lines = process.readAllStandardOutput().trimmed().split('\n');
        QCOMPARE(lines.at(0), QByteArray("good"));
        QCOMPARE(std::size_t(lines.size()), expected.size() + 1);
        QStringList differing;
        for (std::size_t i = 0; i < expected.size(); ++i)
            if ((lines.at(qsizetype(i) + 1) == "good") != expected[i].second)
                differing << QString::fromStdString(expected[i].first) + QStringLiteral(" -> ")
                        + QString::fromUtf8(lines.at(qsizetype(i) + 1));
        QCOMPARE(differing, QStringList());
    }

private:
    Registry m_registry;
    Json m_schema;
};

LEYDEN_TEST(TestConfigSchema)
} // namespace tst_config_schema

#include "tst_config_schema.moc"
