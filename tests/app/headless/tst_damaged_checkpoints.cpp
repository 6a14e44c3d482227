// SPDX-License-Identifier: GPL-3.0-or-later
// 200 damaged checkpoints through the program: each is read, or refused in one sentence with exit
// code 3.
#include "tests/app/headless/leyden_program.h"
#include "tests/support/mutate.h"
#include "tests/support/test_program.h"

#include <QDir>
#include <QTemporaryDir>
#include <QTest>

#include <random>

#include <sys/resource.h>

namespace tst_damaged_checkpoints {
using leyden::test::LeydenProgram;
using leyden::test::words;

namespace {
constexpr int count = 200;

/// Of the largest child that has ended so far.
qint64 most_memory()
{
    rusage usage{};
    getrusage(RUSAGE_CHILDREN, &usage);
    return qint64(usage.ru_maxrss) * 1024;
}
} // namespace

class TestDamagedCheckpoints final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void areReadOrRefused()
    {
        QTemporaryDir folder;
        LeydenProgram leyden;
        leyden.folder = folder.path();
        const auto fit
            = leyden.run(words("fit --preset iris-linear --run_dir run --trainer.max_epochs=1 "
                               "--trainer.num_sanity_val_steps=0"));
        QVERIFY2(fit.exitCode == 0, fit.errors.constData());
        const auto files = QDir(folder.filePath(QStringLiteral("run/checkpoints")))
                               .entryList({QStringLiteral("*.ckpt")});
        QVERIFY(!files.isEmpty());
        const auto whole
            = leyden.read(QStringLiteral("run/checkpoints/") + files.first()).toStdString();
        QVERIFY(leyden.write(QStringLiteral("m.ckpt"), QByteArray::fromStdString(whole)));
        const QList<QStringList> verbs{
            words("inspect m.ckpt"), words("validate --preset iris-linear --ckpt_path ./m.ckpt")};
        for (const auto& verb : verbs) {
            const auto sound = leyden.run(verb);
            QVERIFY2(sound.exitCode == 0, sound.errors.constData());
        }
        const auto memory = most_memory();
        const auto directory = whole.rfind("PK\x01\x02", whole.size() - 4);
        const auto pickle = whole.find("archive/data.pkl");
        QVERIFY(directory != std::string::npos && pickle != std::string::npos);

        std::mt19937 random(20261126);
        int refused = 0;
        for (int i = 0; i < count; ++i) {
            auto bytes = whole;
            if (i % 4 == 0) // cut
                bytes.resize(random() % whole.size());
            else if (i % 4 == 1) { // a bit in the pickle or the zip directory
                const auto from = random() % 2 == 0 ? pickle : directory;
                const auto at = from + random() % std::min<size_t>(1500, whole.size() - from);
                bytes[at] = char(bytes[at] ^ (1 << random() % 8));
            } else {
                bytes = leyden::test::mutated(bytes, random);
            }
            QVERIFY(leyden.write(QStringLiteral("m.ckpt"), QByteArray::fromStdString(bytes)));
            const auto result = leyden.run(verbs[i % 8 == 7 ? 1 : 0], 20000);
            const auto note
                = QByteArray("mutation ") + QByteArray::number(i) + ": " + result.errors;
            QVERIFY2(result.hasEnded, note.constData());
            QVERIFY2(result.exitCode == 0 || result.exitCode == 3, note.constData());
            if (result.exitCode == 0)
                continue;
            ++refused;
            QVERIFY2(result.errors.count("error: ") == 1 && result.errors.contains("m.ckpt"),
                note.constData());
            // a library's words
            QVERIFY2(!result.errors.contains("Exception raised from"), note.constData());
        }
        qInfo("%d of %d refused in a sentence, the rest read", refused, count);
        QVERIFY(refused > count / 2 && refused < count);
        const auto more = most_memory() - memory;
        QVERIFY2(more < (64 << 20) + qint64(whole.size()),
            qPrintable(QStringLiteral("%1 bytes more than for the sound file").arg(more)));
    }
};

LEYDEN_TEST(TestDamagedCheckpoints)
} // namespace tst_damaged_checkpoints

#include "tst_damaged_checkpoints.moc"
