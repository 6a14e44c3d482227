// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/test_program.h"
#include <QDir>
#include <QProcess>
#include <QRegularExpression>
#include <QTest>

namespace tst_run_paths {
/// Where the built programs look for their libraries. An empty entry is the folder that a user
/// happens to stand in, and a relative one lies below it: whoever may write there could put code
/// into the program.
class TestRunPaths final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void everyEntryIsAPlaceOfOurs_data()
    {
        QTest::addColumn<QString>("file");
        const QDir top(QStringLiteral(LEYDEN_BINARY_DIR));
        for (const auto* file : {"bin/leyden", "lib/libleyden_config.so", "lib/libleyden_engine.so",
                 "tests/tests_layers"})
            QTest::newRow(file) << top.filePath(QLatin1String(file));
        if (const auto* studio = "bin/leyden-studio"; top.exists(QLatin1String(studio)))
            QTest::newRow(studio) << top.filePath(QLatin1String(studio));
    }

    void everyEntryIsAPlaceOfOurs()
    {
        QFETCH(const QString, file);
        QProcess readelf;
        readelf.start(
            QStringLiteral("readelf"), {QStringLiteral("-d"), QStringLiteral("-W"), file});
        QVERIFY(readelf.waitForFinished());
        QCOMPARE(readelf.exitCode(), 0);
        const auto dynamic = QString::fromLocal8Bit(readelf.readAllStandardOutput());
        static const QRegularExpression path(
            QStringLiteral("\\((?:RPATH|RUNPATH)\\)[^\\[]*\\[(.*)\\]"));
        const auto found = path.match(dynamic);
        QVERIFY2(found.hasMatch(), qPrintable(dynamic)); // or the pattern above would pass over
                                                         // anything
        for (const auto& entry : found.captured(1).split(u':'))
            QVERIFY2(entry.startsWith(u'/') || entry.startsWith(QLatin1String("$ORIGIN/")),
                qPrintable(found.captured(1)));
    }
};
LEYDEN_TEST(TestRunPaths)
} // namespace tst_run_paths

#include "tst_run_paths.moc"
