// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/export/export_config.h"

#include "engine/config/config_file.h"
#include "engine/config/run_config.h"
#include "engine/core/file_system.h"
#include "engine/trainer/builtin_registry.h"
#include "tests/support/test_program.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

namespace tst_export_config {
using namespace leyden;
using namespace leyden::app;

namespace {

const std::filesystem::path sourceFolder(LEYDEN_SOURCE_DIR);

Json config(const std::string& path)
{
    auto json = Json::object();
    json["model"] = "MLP";
    json["data"] = {{"class_path", "CSVData"}, {"init_args", {{"path", path}, {"target", "y"}}}};
    json["optimizer"] = "SGD";
    return json;
}

void write(const QString& path, const QByteArray& text)
{
    QFile file(path);
    if (file.open(QIODevice::WriteOnly))
        file.write(text);
}

} // namespace

class TestExportConfig final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        m_folder.reset(new QTemporaryDir);
        QDir(m_folder->path()).mkpath(QStringLiteral("here"));
        QDir(m_folder->path()).mkpath(QStringLiteral("there"));
        write(path("here/own.csv"), "x,y\n1,2\n");
    }

    void theFileMeansTheSameRun_data()
    {
        QTest::addColumn<QString>("data");
        QTest::newRow("beside the config") << "own.csv";
        QTest::newRow("of the resources") << "datasets/digits.csv";
        QTest::newRow("nowhere") << "missing.csv";
        QTest::newRow("above") << "../here/own.csv";
    }

    void theFileMeansTheSameRun()
    {
        QFETCH(const QString, data);
        const auto registry = builtin_registry();
        const auto document = config(data.toStdString());
        const PathRoots roots{path("here").toStdString(), sourceFolder / "resources"};
        const auto file = path("there/run.json");
        QCOMPARE(exportConfig(document, roots, file, registry, FileSystem::local()), QString());

        const PathRoots newRoots{path("there").toStdString(), sourceFolder / "resources"};
        const auto reached = load_run_config(file.toStdString(), {}, registry, newRoots);
        const auto meant = parse_run_config(document, registry, roots);
        QVERIFY(meant.problems.empty());
        QCOMPARE(QString::fromStdString(reached.resolved.dump()),
            QString::fromStdString(meant.config.resolved.dump()));
    }

    void presetsStayAsTheyAre_data()
    {
        QTest::addColumn<QString>("name");
        for (const auto* name :
            {"digits-mlp", "iris-linear", "penguins-mlp", "diabetes-regression"})
            QTest::newRow(name) << name;
    }

    void presetsStayAsTheyAre() // their data lies with the resources, wherever the config goes
    {
        QFETCH(const QString, name);
        const auto document
            = read_config_file(sourceFolder / "presets" / (name.toStdString() + ".json"));
        const PathRoots roots{sourceFolder / "presets", sourceFolder / "resources"};
        QVERIFY(relocatedConfig(document, roots, path("there").toStdString(), builtin_registry())
            == document);
    }

    void aDataSetOfThatNameInTheNewFolderIsNotTaken()
    {
        write(path("there/own.csv"), "x,y\n3,4\n");
        const PathRoots roots{path("here").toStdString(), {}};
        const auto moved = relocatedConfig(
            config("own.csv"), roots, path("there").toStdString(), builtin_registry());
        QCOMPARE(QString::fromStdString(moved["data"]["init_args"]["path"].get<std::string>()),
            path("here/own.csv"));
        QVERIFY(moved["model"] == "MLP"); // what needs no change is left as it was written
    }

    void dataThatLiesElsewhereIsNamed_data()
    {
        QTest::addColumn<QString>("data");
        QTest::addColumn<QString>("folder");
        QTest::addColumn<bool>("isElsewhere");
        QTest::newRow("beside the config") << "own.csv" << "here" << false;
        QTest::newRow("in another folder") << "own.csv" << "there" << true;
        QTest::newRow("of the resources") << "datasets/digits.csv" << "there" << false;
        QTest::newRow("nowhere") << "missing.csv" << "there" << false;
    }

    void dataThatLiesElsewhereIsNamed()
    {
        QFETCH(const QString, data);
        QFETCH(const QString, folder);
        QFETCH(const bool, isElsewhere);
        const PathRoots roots{path("here").toStdString(), sourceFolder / "resources"};
        const auto found = dataElsewhere(config(data.toStdString()), roots,
            m_folder->filePath(folder).toStdString(), builtin_registry());
        QCOMPARE(found, isElsewhere ? QStringList{path("here/own.csv")} : QStringList());
    }

    void copiedDataIsNamedByItsFile()
    {
        const auto registry = builtin_registry();
        const PathRoots roots{path("here").toStdString(), sourceFolder / "resources"};
        const auto data
            = dataElsewhere(config("own.csv"), roots, path("there").toStdString(), registry);
        QCOMPARE(copyBeside(data, path("there")), QString());
        QCOMPARE(copyBeside(data, path("there")), QString()); // it is there, the same
        QFile copy(path("there/own.csv"));
        QVERIFY(copy.open(QIODevice::ReadOnly));
        QCOMPARE(copy.readAll(), QByteArrayLiteral("x,y\n1,2\n"));

        const PathRoots newRoots{path("there").toStdString(), sourceFolder / "resources"};
        const auto moved = withDataBeside(
            relocatedConfig(config("own.csv"), roots, path("there").toStdString(), registry),
            newRoots, data, registry);
        QVERIFY(moved["data"]["init_args"]["path"] == "own.csv");
        QVERIFY(moved["model"] == "MLP");
        const auto reached = parse_run_config(moved, registry, newRoots);
        QVERIFY(reached.problems.empty());
        QVERIFY(reached.config.data.init_args["path"] == path("there/own.csv").toStdString());
    }

    void aCopyReplacesNothing()
    {
        write(path("there/own.csv"), "x,y\n3,4\n");
        const auto problem = copyBeside({path("here/own.csv")}, path("there"));
        QVERIFY2(problem.contains(QStringLiteral("is there already")), qPrintable(problem));
        QFile kept(path("there/own.csv"));
        QVERIFY(kept.open(QIODevice::ReadOnly));
        QCOMPARE(kept.readAll(), QByteArrayLiteral("x,y\n3,4\n"));
        QVERIFY(copyBeside({path("here/gone.csv")}, path("there"))
                .contains(QStringLiteral("could not be copied")));
    }

    void aConfigWithMistakesIsWrittenAsItIs()
    {
        auto document = config("own.csv");
        document["trainer"] = {{"max_epochs", "many"}};
        const auto file = path("there/run.json");
        QCOMPARE(exportConfig(document, {path("here").toStdString(), {}}, file, builtin_registry(),
                     FileSystem::local()),
            QString());
        QVERIFY(read_config_file(file.toStdString()) == document);
    }

    void namesResourcesAsAPresetDoes()
    {
        const auto resources = path("here").toStdString();
        auto document = config(resources + "/sets/own.csv");
        const auto registry = builtin_registry();
        const auto pathIn = [](const Json& json) {
            return QByteArray::fromStdString(json["data"]["init_args"]["path"].get<std::string>());
        };
        QCOMPARE(
            pathIn(withResourceNames(document, resources, registry)), QByteArray("sets/own.csv"));
        QCOMPARE(pathIn(withResourceNames(document, resources + "/other", registry)),
            QByteArray::fromStdString(resources + "/sets/own.csv"));
        document["data"] = "CSVData"; // a short form, and what is no config
        QVERIFY(withResourceNames(document, resources, registry) == document);
        QVERIFY(withResourceNames(Json::array(), resources, registry) == Json::array());
    }

    void saysWhyItCannotBeWritten()
    {
        const auto problem = exportConfig(config("own.csv"), {path("here").toStdString(), {}},
            path("nowhere/run.json"), builtin_registry(), FileSystem::local());
        QVERIFY2(problem.contains(QStringLiteral("nowhere")), qPrintable(problem));
    }

    void keepsTheOldFileWhereTheNewCannotBeWritten()
    {
        const auto file = path("there/run.json");
        write(file, "old");
        auto document = config("own.csv");
        document["data"]["init_args"]["target"] = "\xff"; // no JSON
        const auto problem = exportConfig(document, {path("here").toStdString(), {}}, file,
            builtin_registry(), FileSystem::local());
        QVERIFY2(problem.contains(QStringLiteral("UTF-8")), qPrintable(problem));
        QFile kept(file);
        QVERIFY(kept.open(QIODevice::ReadOnly));
        QCOMPARE(kept.readAll(), QByteArrayLiteral("old"));
        QCOMPARE(QDir(path("there")).entryList(QDir::Files).size(), 1);
    }

private:
    QString path(const char* name) const { return m_folder->filePath(QLatin1String(name)); }

    QScopedPointer<QTemporaryDir> m_folder;
};
LEYDEN_TEST(TestExportConfig)
} // namespace tst_export_config

#include "tst_export_config.moc"
