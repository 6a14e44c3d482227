// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/app/headless/leyden_program.h"
#include "tests/support/test_program.h"

#include <QDir>
#include <QTemporaryDir>
#include <QTest>

namespace tst_schema_presets {
using leyden::test::LeydenProgram;

/// `leyden schema` in a stock JSON Schema validator.
class TestSchemaPresets final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        m_python = qEnvironmentVariable("LEYDEN_REFERENCE_PYTHON");
        if (m_python.isEmpty())
            QSKIP("LEYDEN_REFERENCE_PYTHON names no Python with jsonschema");
        m_leyden.folder = m_folder.path();
        const auto schema = m_leyden.run({QStringLiteral("schema")});
        QCOMPARE(schema.exitCode, 0);
        QVERIFY(m_leyden.write(QStringLiteral("schema.json"), schema.output));
    }

    void judgesConfigs_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<bool>("isGood");
        const QDir presets(QStringLiteral(LEYDEN_SOURCE_DIR "/presets"));
        for (const auto& name : presets.entryList({QStringLiteral("*.json")})) {
            QFile file(presets.filePath(name));
            if (name != QLatin1String("index.json") && file.open(QIODevice::ReadOnly))
                QTest::newRow(qPrintable(name)) << file.readAll() << true;
        }
        QByteArray good = "{'model': 'MLP', 'data': {'class_path': 'CSVData', 'init_args': "
                          "{'path': 'd.csv', 'target': 'y'}}, "
                          "'optimizer': 'SGD', 'trainer': {'max_epochs': 1}}";
        good.replace('\'', '"');
        QTest::newRow("short forms") << good << true;
        QTest::newRow("unknown key")
            << QByteArray(good).replace("max_epochs", "max_epoch") << false;
        QTest::newRow("wrong type")
            << QByteArray(good).replace("\"max_epochs\": 1", "\"max_epochs\": \"many\"") << false;
        QTest::newRow("out of range")
            << QByteArray(good).replace("\"max_epochs\": 1", "\"accumulate_grad_batches\": 0")
            << false;
        QTest::newRow("not available yet")
            << QByteArray(good).replace("\"max_epochs\": 1", "\"strategy\": \"ddp\"") << false;
        QTest::newRow("unknown model") << QByteArray(good).replace("\"MLP\"", "\"MPL\"") << false;
        QTest::newRow("no model") << QByteArray("{}") << false;
    }

    void judgesConfigs()
    {
        QFETCH(const QByteArray, text);
        QFETCH(const bool, isGood);
        QVERIFY(m_leyden.write(QStringLiteral("config.json"), text));
        const auto program = QStringLiteral(
            "import json, jsonschema; s = json.load(open('schema.json')); "
            "v = jsonschema.Draft202012Validator; v.check_schema(s); "
            "print('good' if v(s).is_valid(json.load(open('config.json'))) else 'bad')");
        QProcess process;
        process.setWorkingDirectory(m_folder.path());
        process.start(m_python, {QStringLiteral("-c"), program});
        QVERIFY(process.waitForFinished(60000));
        const auto errors = process.readAllStandardError();
        QVERIFY2(process.exitCode() == 0, errors.constData());
        QCOMPARE(process.readAllStandardOutput().trimmed(),
            isGood ? QByteArray("good") : QByteArray("bad"));
    }

private:
    QTemporaryDir m_folder;
    LeydenProgram m_leyden;
    QString m_python;
};
LEYDEN_TEST(TestSchemaPresets)
} // namespace tst_schema_presets

#include "tst_schema_presets.moc"
