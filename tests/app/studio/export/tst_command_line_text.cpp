// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/export/command_line_text.h"

#include "engine/config/config_file.h"
#include "engine/config/run_config.h"
#include "engine/trainer/builtin_registry.h"
#include "tests/support/test_program.h"

#include <QProcess>
#include <QTest>

namespace tst_command_line_text {
using namespace leyden;
using namespace leyden::app;

namespace {

const std::filesystem::path sourceFolder(LEYDEN_SOURCE_DIR);

Json preset(const QString& name)
{
    return read_config_file(sourceFolder / "presets" / (name.toStdString() + ".json"));
}

PathRoots presetRoots()
{
    return {sourceFolder / "presets", sourceFolder / "resources"};
}

/// The words of a command as a shell hands them to the program.
QStringList shellWords(const QString& command)
{
    QProcess shell;
    shell.start(QStringLiteral("/bin/sh"),
        {QStringLiteral("-c"), QStringLiteral("printf '%s\\036' ") + command});
    if (!shell.waitForFinished())
        return {};
    auto words = QString::fromUtf8(shell.readAllStandardOutput()).split(QChar(036));
    words.removeLast();
    return words;
}

} // namespace

class TestCommandLineText final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void aShellReadsBackEachWord_data()
    {
        QTest::addColumn<QString>("word");
        QTest::newRow("plain") << "/runs/run.json";
        QTest::newRow("space") << "/my runs/run.json";
        QTest::newRow("quote") << "/it's/\"mine\".json";
        QTest::newRow("dollar") << "$HOME/`id`/$(id)";
        QTest::newRow("glob") << "*?[a]~!#;&|<>(){}";
        QTest::newRow("backslash") << "a\\'b\\";
        QTest::newRow("line break") << "a\nb";
        QTest::newRow("empty") << "";
        QTest::newRow("tilde") << "~/run.json";
        QTest::newRow("umlaut") << QString::fromUtf8("/läufe/é.json");
    }

    void aShellReadsBackEachWord()
    {
        QFETCH(const QString, word);
        QCOMPARE(shellWords(shellQuoted(word)), QStringList{word});
    }

    void eachFlagHasALineOfItsOwn_data() { aShellReadsBackEachWord_data(); }
    void eachFlagHasALineOfItsOwn()
    {
        QFETCH(const QString, word);
        const QStringList words{QStringLiteral("--a=1"), QStringLiteral("--b=") + word,
            word + QStringLiteral(" --c"), QStringLiteral("--d")};
        auto command = QStringLiteral("leyden");
        for (const auto& each : words)
            command += QLatin1Char(' ') + shellQuoted(each);
        const auto broken = brokenAtFlags(command);
        QCOMPARE(shellWords(broken), QStringList{QStringLiteral("leyden")} + words);
        QCOMPARE(broken.count(QStringLiteral(" \\\n")), 3); // not within a quoted word
    }

    void namesTheConfig()
    {
        QCOMPARE(fitCommand(QStringLiteral("/runs/a.json")),
            QStringLiteral("leyden fit --config /runs/a.json"));
        QCOMPARE(
            fitCommand(QStringLiteral("/runs/a.json"), QStringLiteral("/my runs/events.jsonl")),
            QStringLiteral(
                "leyden fit --config /runs/a.json --replay_events '/my runs/events.jsonl'"));
        QCOMPARE(fitCommand(QStringLiteral("/my runs/a.json")),
            QStringLiteral("leyden fit --config '/my runs/a.json'"));
    }

    void aPresetAsItIsNeedsNoOverride()
    {
        const auto document = preset(QStringLiteral("digits-mlp"));
        const auto registry = builtin_registry();
        QCOMPARE(presetFitCommand(QStringLiteral("digits-mlp"), {document, presetRoots()},
                     {document, presetRoots()}, registry),
            QStringLiteral("leyden fit --preset digits-mlp"));
    }

    void saysWhatDiffers()
    {
        const auto document = preset(QStringLiteral("digits-mlp"));
        auto config = document;
        config["trainer"]["max_epochs"] = 5;
        config["model"]["init_args"]["hidden_sizes"] = {64};
        config["trainer"]["callbacks"][0]["init_args"]["patience"] = 7;
        config["model"]["init_args"].erase("dropout"); // 0.1 in the preset
        const auto registry = builtin_registry();
        QCOMPARE(presetFitCommand(QStringLiteral("digits-mlp"), {document, presetRoots()},
                     {config, presetRoots()}, registry),
            QStringLiteral("leyden fit --preset digits-mlp '--model.init_args.hidden_sizes=[64]' "
                           "--model.init_args.dropout=0.0 --trainer.max_epochs=5 "
                           "--trainer.callbacks.0.init_args.patience=7"));
    }

    void theCommandMeansTheConfig_data()
    {
        QTest::addColumn<QString>("pointer");
        QTest::addColumn<QString>("value"); // JSON with ' for "; empty: taken away
        QTest::newRow("another class") << "/optimizer"
                                       << "{'class_path': 'SGD', 'init_args': {'lr': 0.1}}";
        QTest::newRow("a schedule")
            << "/lr_scheduler"
            << "{'class_path': 'StepLR', 'init_args': {'step_size': 2}, 'interval': 'step'}";
        QTest::newRow("no callbacks") << "/trainer/callbacks"
                                      << "[]";
        QTest::newRow("one callback less")
            << "/trainer/callbacks"
            << "[{'class_path': 'ModelCheckpoint', 'init_args': {'monitor': 'val_loss'}}]";
        QTest::newRow("other order")
            << "/trainer/callbacks"
            << "[{'class_path': 'ModelCheckpoint'}, {'class_path': 'EarlyStopping', 'init_args': "
               "{'monitor': 'val_loss'}}]";
        QTest::newRow("a text that looks like a number") << "/trainer/logger/0/init_args/name"
                                                         << "'007'";
        QTest::newRow("a text that is JSON") << "/trainer/logger/0/init_args/name"
                                             << "'12'";
        QTest::newRow("a text with a quote") << "/trainer/logger/0/init_args/name"
                                             << "'a b$c'";
        QTest::newRow("null") << "/trainer/max_epochs"
                              << "null";
        QTest::newRow("a float") << "/trainer/gradient_clip_val"
                                 << "0.1";
        QTest::newRow("a flag") << "/trainer/logger"
                                << "false";
        QTest::newRow("other columns") << "/data/init_args/features"
                                       << "['pixel_0_2', 'pixel_0_3']";
        QTest::newRow("taken away") << "/seed_everything"
                                    << "";
        QTest::newRow("threads") << "/num_threads"
                                 << "2";
    }

    void theCommandMeansTheConfig()
    {
        QFETCH(const QString, pointer);
        QFETCH(const QString, value);
        const auto document = preset(QStringLiteral("digits-mlp"));
        auto config = document;
        if (value.isEmpty())
            config.erase(pointer.mid(1).toStdString());
        else
            config[Json::json_pointer(pointer.toStdString())] = Json::parse(
                QString(value).replace(QLatin1Char('\''), QLatin1Char('"')).toStdString());
        const auto registry = builtin_registry();
        const auto command = presetFitCommand(QStringLiteral("digits-mlp"),
            {document, presetRoots()}, {config, presetRoots()}, registry);
        QVERIFY(command);

        auto words = shellWords(*command);
        QCOMPARE(words.mid(0, 4),
            QStringLiteral("leyden fit --preset digits-mlp").split(QLatin1Char(' ')));
        std::vector<ConfigOverride> overrides; // as the command line reads them
        for (const auto& word : words.mid(4)) {
            QVERIFY(word.startsWith(QLatin1String("--")));
            const auto equals = word.indexOf(QLatin1Char('='));
            overrides.push_back(
                {word.mid(2, equals - 2).toStdString(), word.mid(equals + 1).toStdString()});
        }
        QVERIFY(!overrides.empty());
        const auto reached = load_run_config(
            sourceFolder / "presets" / "digits-mlp.json", overrides, registry, presetRoots());
        const auto meant = parse_run_config(config, registry, presetRoots());
        QVERIFY(meant.problems.empty());
        QCOMPARE(QString::fromStdString(reached.resolved.dump()),
            QString::fromStdString(meant.config.resolved.dump()));
    }

    void saysNothingOfABadConfig()
    {
        const auto document = preset(QStringLiteral("digits-mlp"));
        auto config = document;
        config["trainer"]["max_epochs"] = "many";
        const auto registry = builtin_registry();
        QVERIFY(!presetFitCommand(QStringLiteral("digits-mlp"), {document, presetRoots()},
            {config, presetRoots()}, registry));
    }
};
LEYDEN_TEST(TestCommandLineText)
} // namespace tst_command_line_text

#include "tst_command_line_text.moc"
