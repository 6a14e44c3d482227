// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/app/headless/leyden_program.h"
#include "tests/support/test_program.h"

#include <QJsonDocument>
#include <QJsonObject>
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

    void makesAConfigForATable()
    {
        QVERIFY(m_leyden.write(QStringLiteral("houses.csv"), houses()));
        const auto made = m_leyden.run(words("new config houses.csv --target Preis"));
        QVERIFY2(made.exitCode == 0, made.errors.constData());
        QVERIFY2(made.errors.startsWith("separator: semicolon\n"
                                        "decimal sign: \",\", as in \"40,19\"\n"
                                        "thousands separator: \".\"\n"
                                        "encoding: cp1252\n"
                                        "missing value: \"k.A.\" (1 cell, first in \"Preis\")\n"
                                        "target: \"Preis\", as given\n"
                                        "task: regression\n"
                                        "left out: \"Kunden-Nr\", which numbers the rows\n"
                                        "missing: drop, for the target lacks values\n"),
            made.errors.constData());
        QVERIFY(m_leyden.write(QStringLiteral("run.json"), made.output));
        const auto fit = m_leyden.run(
            words("fit --config run.json --trainer.max_epochs=1 --run_dir run --quiet"));
        QVERIFY2(fit.exitCode == 0, fit.errors.constData());
        QVERIFY(!m_leyden.read(QStringLiteral("run/metrics.csv")).toLower().contains("nan"));
    }

    void writesDownWhatWasFound()
    {
        QVERIFY(m_leyden.write(
            QStringLiteral("d.csv"), houses().replace("k.A.", "1.000,00").replace("Preis", "y")));
        const auto fit = m_leyden.run(words("fit --config c.json --run_dir run --quiet "
                                            "--data.init_args.task=regression "
                                            "--data.init_args.standardize_target=true"));
        QVERIFY2(fit.exitCode == 0, fit.errors.constData());
        const auto config
            = QJsonDocument::fromJson(m_leyden.read(QStringLiteral("run/config.json"))).object();
        const auto data = config[u"data"][u"init_args"];
        QCOMPARE(data[u"sep"].toString(), QStringLiteral(";"));
        QCOMPARE(data[u"decimal"].toString(), QStringLiteral(","));
        QCOMPARE(data[u"thousands"].toString(), QStringLiteral("."));
        QCOMPARE(data[u"encoding"].toString(), QStringLiteral("cp1252"));
        const auto inspected
            = m_leyden.shell(QStringLiteral("$LEYDEN inspect --json run/checkpoints/*.ckpt"));
        QVERIFY2(inspected.exitCode == 0, inspected.errors.constData());
        QVERIFY2(inspected.output.contains("cp1252"), inspected.output.constData());
        // and the same run comes of it
        const auto again
            = m_leyden.run(words("fit --config run/config.json --run_dir again --quiet"));
        QVERIFY2(again.exitCode == 0, again.errors.constData());
        QCOMPARE(m_leyden.read(QStringLiteral("again/metrics.csv")),
            m_leyden.read(QStringLiteral("run/metrics.csv")));
        QCOMPARE(m_leyden.read(QStringLiteral("again/config.json")).replace("again", "run"),
            m_leyden.read(QStringLiteral("run/config.json")));
    }

    void asksForWordsOfMissingValues()
    {
        QVERIFY(m_leyden.write(QStringLiteral("d.csv"), houses().replace("Preis", "y")));
        const auto fit = m_leyden.run(words("fit --config c.json --run_dir run"));
        QCOMPARE(fit.exitCode, 3);
        QVERIFY2(fit.lastError().contains("\"k.A.\" stands in a column of numbers; if it marks a "
                                          "missing value, set na_values = [\"\", \"NA\", "
                                          "\"NaN\", \"k.A.\"]"),
            fit.errors.constData());
        const auto said = m_leyden.run(words("check --config c.json --data.init_args.missing=drop "
                                             "--data.init_args.na_values=[\"\",\"k.A.\"]"));
        QVERIFY2(said.exitCode == 0, said.errors.constData());
        QVERIFY(said.output.contains("32 train, 7 validation"));
    }

    void saysWhyThereIsNoConfig_data()
    {
        QTest::addColumn<QByteArray>("arguments");
        QTest::addColumn<QByteArray>("table");
        QTest::addColumn<int>("exitCode");
        QTest::addColumn<QByteArray>("words");
        QByteArray plain = "a,b,day\n";
        for (int i = 0; i < 20; ++i)
            plain += QByteArray::number(i % 7) + ",1," + "2024-01-" + QByteArray::number(10 + i)
                + "\n";
        QTest::newRow("no file") << QByteArray("nowhere.csv") << plain << 3
                                 << QByteArray("nowhere.csv: there is no such file");
        QTest::newRow("no such target")
            << QByteArray("d.csv --target A") << plain << 2 << QByteArray("did you mean \"a\"?");
        QTest::newRow("one value") << QByteArray("d.csv --target b") << plain << 3
                                   << QByteArray("holds only the class \"1\"");
        QTest::newRow("dates") << QByteArray("d.csv --target day") << plain << 3
                               << QByteArray("reads like a date");
        QTest::newRow("few rows") << QByteArray("d.csv") << QByteArray("a,b\n1,2\n") << 3
                                  << QByteArray("has 1 row; to train and validate");
        QByteArray names = "a,y\n";
        for (int i = 0; i < 30; ++i)
            names += 'n' + QByteArray::number(i) + ',' + QByteArray::number(i % 2) + '\n';
        QTest::newRow("nothing to learn from") << QByteArray(
            "d.csv") << names << 3 << QByteArray("d.csv: no column is left to predict \"y\" from");
        QTest::newRow("no table") << QByteArray() << plain << 2 << QByteArray("table");
    }

    void saysWhyThereIsNoConfig()
    {
        QFETCH(const QByteArray, arguments);
        QFETCH(const QByteArray, table);
        QFETCH(const int, exitCode);
        QFETCH(const QByteArray, words);
        QVERIFY(m_leyden.write(QStringLiteral("d.csv"), table));
        const auto result = m_leyden.run(
            leyden::test::words((QByteArray("new config ") + arguments).constData()));
        QCOMPARE(result.exitCode, exitCode);
        QVERIFY(result.output.isEmpty());
        QVERIFY2(result.lastError().contains(words), result.errors.constData());
    }

private:
    /// As a German Excel writes them: semicolons, decimal commas, cp1252, CRLF.
    static QByteArray houses()
    {
        QByteArray text = "Kunden-Nr;Fl\xE4"
                          "che;Zustand;Preis\r\n";
        for (int i = 0; i < 40; ++i)
            text += QByteArray::number(1001 + i) + ';' + QByteArray::number(40 + i % 9) + ",19;"
                + (i % 2 ? "gut" : "m\xE4\xDFig") + ';'
                + (i == 7 ? QByteArray("k.A.") : QByteArray::number(100 + i) + ".000,50") + "\r\n";
        return text;
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    LeydenProgram m_leyden;
};
LEYDEN_TEST(TestTables)
} // namespace tst_tables

#include "tst_tables.moc"
