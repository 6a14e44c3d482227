// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/config/config_file.h"
#include "engine/config/json_text.h"
#include "engine/config/run_config.h"
#include "engine/core/errors.h"
#include "engine/trainer/builtin_registry.h"
#include "tests/support/mutate.h"
#include "tests/support/test_program.h"

#include <QDir>
#include <QFile>

namespace fuzz_config {
using namespace leyden;

/// Whatever bytes a config holds, it is taken or refused with a sentence for each problem.
class FuzzConfig final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void presets()
    {
        const QDir folder(QStringLiteral(LEYDEN_SOURCE_DIR "/presets"));
        std::vector<std::string> seeds;
        for (const auto& name : folder.entryList({QStringLiteral("*.json")})) {
            QFile file(folder.filePath(name));
            if (name != QLatin1String("index.json") && file.open(QIODevice::ReadOnly))
                seeds.push_back(file.readAll().toStdString());
        }
        QVERIFY(!seeds.empty());
        test::fuzz(seeds, [](const std::string& text) {
            const auto json = parse_json(text);
            if (!json.problem.empty())
                return false;
            const auto parsed = parse_run_config(json.document, builtin_registry(), {".", "."});
            for (const auto& problem : parsed.problems) {
                if (problem.message.empty())
                    qFatal("a problem without a sentence: %s", text.c_str());
            }
            return parsed.problems.empty();
        });
    }

    void yaml()
    {
        const QDir folder(QStringLiteral(LEYDEN_SOURCE_DIR "/tests/data/cli_yaml"));
        std::vector<std::string> seeds;
        for (const auto& name : folder.entryList({QStringLiteral("*.yaml")})) {
            QFile file(folder.filePath(name));
            if (file.open(QIODevice::ReadOnly))
                seeds.push_back(file.readAll().toStdString());
        }
        QVERIFY(!seeds.empty());
        test::fuzz(seeds, [](const std::string& text) {
            try {
                const auto read = config_from_text(text, "fuzz.yaml", builtin_registry());
                auto parsed = parse_run_config(read.document, builtin_registry(), {".", "."});
                name_lines(parsed.problems, read.lines, "fuzz.yaml", {});
                for (const auto& problem : parsed.problems) {
                    if (problem.message.empty())
                        qFatal("a problem without a sentence: %s", text.c_str());
                }
                return parsed.problems.empty();
            } catch (const MisconfigurationError& error) {
                if (!QByteArray(error.what()).startsWith("fuzz.yaml: "))
                    qFatal("no place in '%s': %s", error.what(), text.c_str());
                return false;
            }
        });
    }
};

LEYDEN_TEST(FuzzConfig)
} // namespace fuzz_config

#include "fuzz_config.moc"
