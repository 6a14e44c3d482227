// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/app/headless/leyden_program.h"
#include "tests/support/test_program.h"

#include <QTemporaryDir>
#include <QTest>

namespace tst_tables {
using leyden::test::LeydenProgram;
using leyden::test::words;

/// What the command makes of tables and shows of them.
class TestTables final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        QVERIFY(m_folder->isValid());
        m_leyden.folder = m_folder->path();
        QVERIFY(m_leyden.write(QStringLiteral("c.json"),
            R"({"model": "MLP", "data": {"class_path": "CSVData", "init_args": {"path": "d.csv",
            "target": "y"}}, "optimizer": {"class_path": "SGD", "init_args": {"lr": 0.1}},
            "trainer": {"max_epochs": 2, "log_every_n_steps": 1}})"));
    }

    void showsClassNamesOnOneLine()
    {
        QByteArray table = "x,y\n";
        for (int i = 0; i < 588; ++i)
            table += QByteArray::number(i) + ",\"class\n" + QByteArray::number(100 + i % 294)
                + "\tof\x7Fmany\"\n";
        QVERIFY(m_leyden.write(QStringLiteral("d.csv"), table));
        const auto result = m_leyden.run(words("check --config c.json"));
        QVERIFY2(result.exitCode == 0, result.errors.constData());
        QByteArray expected = "  target   y: 294 classes (";
        for (int i = 0; i < 12; ++i)
            expected += "class " + QByteArray::number(100 + i) + " of many, ";
        QVERIFY2(
            result.output.contains(expected + "... and 282 more)\n"), result.output.constData());
    }

    void showsAllOfTwelveClasses()
    {
        QByteArray table = "x,y\n";
        for (int i = 0; i < 48; ++i)
            table += QByteArray::number(i) + ",c" + QByteArray::number(10 + i % 12) + "\n";
        QVERIFY(m_leyden.write(QStringLiteral("d.csv"), table));
        const auto result = m_leyden.run(words("check --config c.json"));
        QVERIFY2(result.output.contains("y: 12 classes (c10, c11, c12, c13, c14, c15, c16, c17, "
                                        "c18, c19, c20, c21)\n"),
            result.output.constData());
    }

    void writesNotANumberWithoutASign()
    {
        QByteArray table = "x,y\n";
        for (int i = 0; i < 40; ++i)
            table += QByteArray::number(i) + "," + QByteArray::number(i) + ".5\n";
        QVERIFY(m_leyden.write(QStringLiteral("d.csv"), table));
        const auto result
            = m_leyden.run(words("fit --config c.json --optimizer.init_args.lr=1e30"));
        QVERIFY2(result.errors.contains("val_loss=nan"), result.errors.constData());
        QVERIFY2(!result.errors.contains("-nan"), result.errors.constData());
        QVERIFY(!result.output.contains("-nan"));
    }

private:
    std::unique_ptr<QTemporaryDir> m_folder;
    LeydenProgram m_leyden;
};
LEYDEN_TEST(TestTables)
} // namespace tst_tables

#include "tst_tables.moc"
