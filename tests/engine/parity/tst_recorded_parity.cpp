// SPDX-License-Identifier: GPL-3.0-or-later
// Runs of leyden against those that tests/lightning/record.py recorded of PyTorch Lightning: bit
// for bit where this CPU rounds as the recorded one, else to a tolerance.
#include "engine/checkpoint/checkpoint_file.h"
#include "engine/config/trainer_options.h"
#include "engine/core/file_system.h"
#include "engine/core/state_tree.h"
#include "tests/engine/parity/file_names.h"
#include "tests/engine/parity/run_program.h"
#include "tests/support/recorded_cpu.h"
#include "tests/support/test_program.h"

#include <ATen/core/Tensor.h>

#include <QCryptographicHash>
#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace tst_recorded_parity {
using Json = nlohmann::json;
using namespace leyden::test;

namespace {

constexpr int timeoutMs = 120'000;
const QString casesDir = QStringLiteral(LEYDEN_SOURCE_DIR "/tests/data/lightning/");

QByteArray read(const QString& path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

/// What a run computes in.
at::ScalarType dtypeOf(const Json& trainer)
{
    const auto said
        = trainer.value("precision", Json()).dump() + trainer.value("plugins", Json()).dump();
    const auto has = [&](const char* text) { return said.find(text) != std::string::npos; };
    return has("bf16")               ? at::kBFloat16
        : has("16") || has("Half")   ? at::kHalf
        : has("64") || has("Double") ? at::kDouble
                                     : at::kFloat;
}

bool isNearCell(const QByteArray& found, const QByteArray& expected, const Tolerance& tolerance)
{
    bool areNumbers[2] = {};
    const auto numbers
        = std::pair(found.toDouble(&areNumbers[0]), expected.toDouble(&areNumbers[1]));
    return found == expected
        || (areNumbers[0] && areNumbers[1] && tolerance.accepts(numbers.first, numbers.second));
}

/// Of two lines of metrics.csv that differ.
bool isSameRow(const QByteArray& found, const QByteArray& expected, const Tolerance& tolerance)
{
    const auto cells = std::pair(found.trimmed().split(','), expected.trimmed().split(','));
    return !tolerance.is_bitwise()
        && std::equal(cells.first.begin(), cells.first.end(), cells.second.begin(),
            cells.second.end(),
            [&](const auto& a, const auto& b) { return isNearCell(a, b, tolerance); });
}

bool isSameEvent(const QByteArray& found, const QByteArray& expected, const Tolerance& tolerance)
{
    const auto events
        = std::pair(Json::parse(found, nullptr, false), Json::parse(expected, nullptr, false));
    if (events.first == events.second)
        return !events.first.is_discarded();
    if (tolerance.is_bitwise() || !events.first.contains("log") || !events.second.contains("log")
        || events.first.value("step", Json()) != events.second.value("step", Json()))
        return false;
    const auto &left = events.first["log"], &right = events.second["log"];
    return left.size() == right.size()
        && std::all_of(right.items().begin(), right.items().end(), [&](const auto& item) {
               const auto value = left.find(item.key());
               return value != left.end()
                   && (*value == item.value()
                       || (value->is_number() && item.value().is_number()
                           && tolerance.accepts(value->template get<double>(),
                               item.value().template get<double>())));
           });
}

using Digests = std::map<std::string, std::string>;

/// SHA-256 over the bytes of each tensor, in its own dtype, by its keys with dots between them.
void addDigests(Digests& digests, const leyden::StateTree& state, const std::string& name)
{
    if (state.is_tensor()) {
        const auto tensor = state.tensor().contiguous();
        const auto bytes = QByteArray::fromRawData(
            static_cast<const char*>(tensor.const_data_ptr()), qsizetype(tensor.nbytes()));
        digests[name]
            = QCryptographicHash::hash(bytes, QCryptographicHash::Sha256).toHex().toStdString();
    } else if (state.is_dict()) {
        for (const auto& [key, value] : state.entries()) {
            const auto* text = std::get_if<std::string>(&key);
            addDigests(digests, value,
                name + "." + (text ? *text : std::to_string(std::get<int64_t>(key))));
        }
    } else if (state.is_list()) {
        size_t index = 0;
        for (const auto& value : state.items())
            addDigests(digests, value, name + "." + std::to_string(index++));
    }
}

/// Empty, or the first line that differs.
template <typename IsSame>
QString firstDifference(const QByteArray& found, const QByteArray& expected, const IsSame& isSame)
{
    const auto lines = found.split('\n');
    const auto recorded = expected.split('\n');
    for (qsizetype i = 0; i < std::max(lines.size(), recorded.size()); ++i)
        if (i >= lines.size() || i >= recorded.size()
            || (lines[i] != recorded[i] && !isSame(lines[i], recorded[i])))
            return QStringLiteral("line %1: found %2, recorded %3")
                .arg(i + 1)
                .arg(QString::fromUtf8(lines.value(i, "nothing").trimmed()),
                    QString::fromUtf8(recorded.value(i, "nothing").trimmed()));
    return {};
}

} // namespace

class TestRecordedParity final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void givesLightningsNumbersAndHooks_data()
    {
        QTest::addColumn<QString>("folder");
        const auto names = QDir(casesDir).entryList(QDir::Dirs | QDir::NoDotAndDotDot);
        QVERIFY2(!names.isEmpty(), "no recorded runs in tests/data/lightning");
        for (const auto& name : names)
            QTest::newRow(qPrintable(name)) << casesDir + name;
    }

    void givesLightningsNumbersAndHooks()
    {
        QFETCH(const QString, folder);
        m_folder = folder;
        ++m_cases;
        const auto meta = Json::parse(read(folder + QStringLiteral("/meta.json")));
        const auto isExact = is_recorded_on_such_a_cpu(meta);
        const auto config = Json::parse(read(folder + QStringLiteral("/config.json")));
        const auto tolerance = isExact
            ? Tolerance()
            : tolerance_of(dtypeOf(config.at("trainer")), Computed::InSteps);
        QTemporaryDir scratch;
        m_scratch = scratch.path();

        notePairs();
        QCOMPARE(run(QStringLiteral("fit"), {}), QString());
        const auto runDir = m_scratch + QStringLiteral("/fit");
        QCOMPARE(difference(runDir + QStringLiteral("/metrics.csv"), QStringLiteral("metrics.csv"),
                     tolerance, isSameRow),
            QString());
        QCOMPARE(difference(runDir + QStringLiteral(".jsonl"), QStringLiteral("trace.jsonl"),
                     tolerance, isSameEvent),
            QString());
        QStringList recordedFiles;
        for (const auto& name : meta.at("checkpoints"))
            recordedFiles << QString::fromStdString(name.get<std::string>());
        const QDir checkpoints(runDir + QStringLiteral("/checkpoints"));
        const auto found = checkpoints.entryList(QDir::Files);
        QCOMPARE(nameDifference(found, recordedFiles, tolerance), QString());
        const auto files = namesFor(recordedFiles, found, tolerance);
        if (isExact) {
            for (const auto& [name, digests] : meta.at("checkpoint_tensors").items())
                QCOMPARE(
                    tensorDifference(checkpoints.filePath(QString::fromStdString(name)), digests),
                    QString());
        }

        for (const auto& verb :
            {QStringLiteral("validate"), QStringLiteral("test"), QStringLiteral("predict")}) {
            const auto recorded = verb + QStringLiteral(".jsonl");
            if (!QFile::exists(folder + u'/' + recorded))
                continue;
            const auto checkpoint = files.isEmpty()
                ? QStringList()
                : QStringList{QStringLiteral("--ckpt_path"), checkpoints.filePath(files.first())};
            QCOMPARE(run(verb, checkpoint), QString());
            QCOMPARE(difference(m_scratch + u'/' + recorded, recorded, tolerance, isSameEvent),
                QString());
        }
        (isExact ? m_exact : m_near) += 1;
    }

    /// Two arguments of the Trainer that have another value than their default in the same recorded
    /// run.
    void coversPairsOfArguments()
    {
        const auto names = arguments();
        QStringList missing;
        qsizetype pairs = 0;
        for (const auto& first : names) {
            for (const auto& second : names) {
                if (first >= second)
                    continue;
                ++pairs;
                if (!m_pairs.contains({first, second}))
                    missing << QString::fromStdString(first + "+" + second);
            }
        }
        const auto found = pairs - missing.size();
        qInfo("pairs of arguments: %lld of %lld; missing: %s", qlonglong(found), qlonglong(pairs),
            qPrintable(missing.join(u' ')));
        QVERIFY2(10 * found >= 8 * pairs, "less than 80 %; see argument_cases.py");
        for (const auto& name : names) {
            const auto& values = m_values[name];
            const auto least = hasOneOtherValue(name) ? 1u : 2u;
            QVERIFY2(values.size() >= least, name.c_str());
        }
    }

    void cleanupTestCase()
    {
        qInfo(
            "agreed: %lld of %lld recorded runs (%lld bit for bit, %lld to a tolerance), and %lld "
            "tensors of %lld checkpoints",
            qlonglong(m_exact + m_near), qlonglong(m_cases), qlonglong(m_exact), qlonglong(m_near),
            qlonglong(m_tensors), qlonglong(m_checkpoints));
    }

private:
    /// The Trainer's arguments that can have another value than their default on one machine.
    static std::set<std::string> arguments()
    {
        const std::set<std::string> fixed{"num_nodes"};
        std::set<std::string> names;
        for (const auto& option : leyden::options_of<leyden::TrainerOptions>().options) {
            if (!fixed.contains(option.name))
                names.insert(option.name);
        }
        return names;
    }
    /// Switches, and where only a machine with other devices has more.
    static bool hasOneOtherValue(const std::string& name)
    {
        const std::set<std::string> names{"accelerator", "barebones", "detect_anomaly",
            "enable_autolog_hparams", "inference_mode", "sync_batchnorm",
            "use_distributed_sampler"};
        return names.contains(name);
    }
    void notePairs()
    {
        const auto config = Json::parse(read(m_folder + QStringLiteral("/config.json")));
        std::vector<std::string> said;
        for (const auto& option : leyden::options_of<leyden::TrainerOptions>().options) {
            const auto value = config.at("trainer").find(option.name);
            if (value == config.at("trainer").end() || *value == option.default_value)
                continue;
            said.push_back(option.name);
            m_values[option.name].insert(value->dump());
        }
        std::sort(said.begin(), said.end());
        for (size_t i = 0; i < said.size(); ++i) {
            for (size_t j = i + 1; j < said.size(); ++j)
                m_pairs.insert({said[i], said[j]});
        }
    }

    /// Empty, or which weights and optimizer states of a checkpoint are others than the recorded
    /// ones.
    QString tensorDifference(const QString& file, const Digests& recorded)
    {
        const auto checkpoint
            = leyden::load_checkpoint_file(leyden::FileSystem::local(), file.toStdString());
        Digests found;
        for (const char* part : {"state_dict", "optimizer_states"})
            if (const auto* state = checkpoint.find(part))
                addDigests(found, *state, part);
        ++m_checkpoints;
        m_tensors += qsizetype(found.size());
        if (found == recorded)
            return {};
        QStringList differing;
        for (const auto& [key, digest] : recorded)
            if (const auto own = found.find(key); own == found.end() || own->second != digest)
                differing << QString::fromStdString(key);
        return QStringLiteral("%1: %2 tensors, recorded %3; different: %4")
            .arg(file)
            .arg(found.size())
            .arg(recorded.size())
            .arg(differing.join(u' '));
    }

    /// Empty, or why the program failed. The run goes to <scratch>/VERB, its trace beside it.
    QString run(const QString& verb, const QStringList& more) const
    {
        const auto runDir = m_scratch + u'/' + verb;
        const auto result = leyden::test::runProgram(
            QStringLiteral(LEYDEN_BINARY_DIR "/bin/leyden"),
            QStringList{verb, QStringLiteral("--config"), m_folder + QStringLiteral("/config.json"),
                QStringLiteral("--run_dir"), runDir, QStringLiteral("--trace"),
                runDir + QStringLiteral(".jsonl"), QStringLiteral("--quiet")}
                + more,
            m_scratch, timeoutMs);
        return result.hasEnded && result.exitCode == 0
            ? QString()
            : verb + QStringLiteral(" ended with %1: ").arg(result.exitCode) + result.output;
    }

    /// Empty, or where a file differs from a recorded one. What was not recorded is not compared,
    /// but a metrics.csv that should not be there is.
    template <typename IsSame>
    QString difference(const QString& file, const QString& recorded, const Tolerance& tolerance,
        const IsSame& isSame) const
    {
        const auto expected = m_folder + u'/' + recorded;
        if (!QFile::exists(expected) && recorded != QStringLiteral("metrics.csv"))
            return {};
        const auto text = firstDifference(read(file), read(expected),
            [&](const auto& a, const auto& b) { return isSame(a, b, tolerance); });
        return text.isEmpty() ? text : recorded + QStringLiteral(", ") + text;
    }

    QString m_folder;                                      ///< of the recorded case
    QString m_scratch;                                     ///< for the runs of the case
    std::set<std::pair<std::string, std::string>> m_pairs; ///< of arguments, in recorded runs so
                                                           ///< far
    std::map<std::string, std::set<std::string>> m_values; ///< of an argument
    qsizetype m_cases = 0;
    qsizetype m_exact = 0;
    qsizetype m_near = 0;
    qsizetype m_checkpoints = 0; ///< whose weights and optimizer states were compared, bit for bit
    qsizetype m_tensors = 0;     ///< in them
};
LEYDEN_TEST(TestRecordedParity)
} // namespace tst_recorded_parity

#include "tst_recorded_parity.moc"
