// SPDX-License-Identifier: GPL-3.0-or-later
// Files that are read on several threads.
#include "engine/checkpoint/checkpoint_file.h"
#include "engine/core/errors.h"
#include "tests/support/test_program.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <ATen/ATen.h>

#include <filesystem>

namespace tst_large_checkpoint {
using namespace leyden;

class TestLargeCheckpoint final : public QObject
{
    Q_OBJECT
private:
    static constexpr int tensors = 12;
    static constexpr int64_t numel = 1 << 20; // 4 MiB each
    QTemporaryDir m_folder;
    std::filesystem::path m_file;

    static StateTree state()
    {
        auto made = StateTree::dict();
        for (int64_t i = 0; i < tensors; ++i)
            made.set("weight" + std::to_string(i), at::arange(i, i + numel, at::kFloat));
        return made;
    }
    QString readError() const
    {
        try {
            load_checkpoint_file(FileSystem::local(), m_file);
        } catch (const CheckpointError& error) {
            return QString::fromUtf8(error.what());
        }
        return {};
    }

private Q_SLOTS:
    void init()
    {
        m_file = m_folder.filePath(QStringLiteral("large.ckpt")).toStdString();
        save_checkpoint_file(FileSystem::local(), m_file, state());
    }

    void comesBack()
    {
        const auto expected = state();
        const auto read = load_checkpoint_file(FileSystem::local(), m_file);
        QCOMPARE(read.size(), size_t(tensors));
        for (const auto& [key, value] : expected.entries())
            QVERIFY(read.at(std::get<std::string>(key)).tensor().equal(value.tensor()));
    }

    void isRefusedWhereARecordIsDamaged()
    {
        QFile file(QString::fromStdString(m_file.string()));
        for (const double place : {0.1, 0.5, 0.9}) {
            save_checkpoint_file(FileSystem::local(), m_file, state());
            QVERIFY(file.open(QIODevice::ReadWrite));
            QVERIFY(file.seek(qint64(double(file.size()) * place)));
            const auto byte = file.peek(1);
            QCOMPARE(file.write(byte == "x" ? "y" : "x"), qint64(1));
            file.close();
            QVERIFY2(readError().contains(QStringLiteral("the checksum of a record is wrong")),
                qPrintable(readError()));
        }
    }

    void isRefusedWhereItBecameShorter()
    {
        std::filesystem::resize_file(m_file, std::filesystem::file_size(m_file) / 2);
        QVERIFY2(readError().contains(QStringLiteral("it ends early")), qPrintable(readError()));
    }

    /// The outline of a large file has everything but its tensors.
    void hasAnOutline()
    {
        auto whole = state();
        whole.set("epoch", int64_t(3));
        save_checkpoint_file(FileSystem::local(), m_file, whole);
        const auto outline = load_checkpoint_outline(FileSystem::local(), m_file);
        QCOMPARE(outline.at("epoch").to_int(), int64_t(3));
        QVERIFY(outline.at("weight0").is_none());
        QCOMPARE(outline.size(), whole.size());
    }
};

LEYDEN_TEST(TestLargeCheckpoint)
} // namespace tst_large_checkpoint

#include "tst_large_checkpoint.moc"
