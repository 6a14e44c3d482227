// SPDX-License-Identifier: GPL-3.0-or-later
// YAML files of LightningCLI: what Leyden reads in them is what LightningCLI reads, by the record
// of tests/lightning/record_cli_yaml.py, and by a fresh one where its Python is there.
#include "engine/config/config_file.h"
#include "engine/config/run_config.h"
#include "engine/core/errors.h"
#include "engine/trainer/builtin_registry.h"
#include "tests/support/reference_python.h"
#include "tests/support/test_program.h"

#include <nlohmann/json.hpp>

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

namespace tst_cli_yaml {
using namespace leyden;

namespace {

const QString folder = QStringLiteral(LEYDEN_SOURCE_DIR "/tests/data/cli_yaml/");

Json readJson(const QString& path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly)
        ? Json::parse(file.readAll().toStdString(), nullptr, false)
        : Json();
}

std::string lastPart(const std::string& path)
{
    return path.substr(path.rfind('.') + 1);
}

/// Where Leyden's config has another value than LightningCLI's, a line each.
class Comparison
{
public:
    void compare(const Json& theirs, const Json& ours, const std::string& place)
    {
        if (theirs.is_string() && ours.is_object()) // a short form
            component({{"class_path", theirs}}, ours, place);
        else if (theirs.is_object() && theirs.contains("class_path"))
            component(theirs, ours, place);
        else if (theirs.is_object())
            object(theirs, ours, place);
        else if (theirs.is_array())
            list(theirs, ours, place);
        else if (theirs != ours && !isSamePath(theirs, ours))
            differ(theirs, ours, place);
    }

    QByteArray differences;
    int values = 0;

private:
    void differ(const Json& theirs, const Json& ours, const std::string& place)
    {
        differences += QByteArray::fromStdString(
            place + ": LightningCLI " + theirs.dump() + ", Leyden " + ours.dump() + "\n");
    }
    /// Inputs are absolute in a resolved config.
    static bool isSamePath(const Json& theirs, const Json& ours)
    {
        return theirs.is_string() && ours.is_string() && theirs != ""
            && ours.get<std::string>().ends_with("/" + theirs.get<std::string>());
    }
    void object(const Json& theirs, const Json& ours, const std::string& place)
    {
        for (const auto& [key, value] : theirs.items()) {
            ++values;
            if (value.is_null() && key == "avg_fn") // a function of Python
                continue;
            if (ours.is_object() && ours.contains(key))
                compare(value, ours[key], place + "/" + key);
            else
                differ(value, "nothing", place + "/" + key);
        }
    }
    void list(const Json& theirs, const Json& ours, const std::string& place)
    {
        if (!ours.is_array() || ours.size() != theirs.size())
            return differ(theirs, ours, place);
        for (std::size_t i = 0; i < theirs.size(); ++i)
            compare(theirs[i], ours[i], place + "/" + std::to_string(i));
    }
    void component(const Json& theirs, const Json& ours, const std::string& place)
    {
        const auto name = lastPart(theirs["class_path"].get<std::string>());
        if (!ours.is_object() || ours.value("class_path", "") != name)
            return differ(theirs, ours, place);
        ++values;
        auto arguments = theirs.value("init_args", Json::object());
        if (name == "ReduceLROnPlateau") { // where its metric is named
            compare(arguments["monitor"], ours["monitor"], place + "/monitor");
            arguments.erase("monitor");
        }
        object(arguments, ours["init_args"], place + "/init_args");
    }
};

} // namespace

class TestCliYaml final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void readsWhatLightningCliReads_data()
    {
        rowsOf(readJson(folder + QStringLiteral("recorded.json")));
    }
    void readsWhatLightningCliReads() { compareRow(); }

    void readsWhatLightningCliReadsHere_data()
    {
        QTest::addColumn<QByteArray>("recorded");
        if (test::referencePython().isEmpty())
            QSKIP("LEYDEN_REFERENCE_PYTHON is not set");
        const auto has_cli = test::runReferencePython(QStringLiteral("-c"),
            {QStringLiteral("import jsonargparse, docstring_parser, typeshed_client")});
        if (has_cli.exitCode != 0)
            QSKIP("the Python of LEYDEN_REFERENCE_PYTHON has no jsonargparse[signatures]");
        QTemporaryDir scratch;
        const auto file = scratch.filePath(QStringLiteral("recorded.json"));
        const auto result = test::runReferencePython(
            QStringLiteral(LEYDEN_SOURCE_DIR "/tests/lightning/record_cli_yaml.py"),
            {QStringLiteral("--output"), file});
        QVERIFY2(result.exitCode == 0, result.errors.constData());
        rowsOf(readJson(file));
    }
    void readsWhatLightningCliReadsHere() { compareRow(); }

    // A whole run from such a file, and what it writes as its own config.
    void runsFromYaml()
    {
        const auto text = readText(QStringLiteral("class_paths.yaml"));
        QVERIFY(text.contains("lightning.pytorch.callbacks.EarlyStopping"));
        const auto config = load(QStringLiteral("class_paths.yaml"));
        const auto again = load_run_config(
            Json::parse(config.resolved.dump()), "again", {}, builtin_registry(), roots());
        QCOMPARE(QByteArray::fromStdString(again.resolved.dump()),
            QByteArray::fromStdString(config.resolved.dump()));
    }

private:
    static PathRoots roots() { return {folder.toStdString(), LEYDEN_SOURCE_DIR "/resources"}; }
    static QByteArray readText(const QString& name)
    {
        QFile file(folder + name);
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }
    static RunConfig load(const QString& name)
    {
        return load_run_config((folder + name).toStdString(), {}, builtin_registry(), roots());
    }
    static void rowsOf(const Json& record)
    {
        if (QTest::currentTestFunction() == QByteArrayLiteral("readsWhatLightningCliReads"))
            QTest::addColumn<QByteArray>("recorded");
        QVERIFY2(record.is_object() && record["cases"].size() >= 12, "no recorded cases");
        for (const auto& one : record["cases"])
            QTest::newRow(one["file"].get<std::string>().c_str())
                << QByteArray::fromStdString(one.dump());
    }
    static void compareRow()
    {
        QFETCH(const QByteArray, recorded);
        const auto one = Json::parse(recorded.toStdString());
        for (const auto& [name, value] : one["environment"].items())
            qputenv(name.c_str(), QByteArray::fromStdString(value.get<std::string>()));
        QByteArray problem;
        RunConfig config;
        try {
            config = load(QString::fromStdString(one["file"].get<std::string>()));
        } catch (const Error& error) {
            problem = error.what();
        }
        for (const auto& [name, value] : one["environment"].items())
            qunsetenv(name.c_str());
        QCOMPARE(problem, QByteArray());

        auto theirs = one["config"];
        for (const char* key : {"weights_only", "config"}) // of Python alone
            theirs.erase(key);
        Comparison comparison;
        comparison.compare(theirs, config.resolved, "");
        QCOMPARE(comparison.differences, QByteArray());
        QVERIFY(comparison.values > 40);
    }
};

LEYDEN_TEST(TestCliYaml)
} // namespace tst_cli_yaml

#include "tst_cli_yaml.moc"
