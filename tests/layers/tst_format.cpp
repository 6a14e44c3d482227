// SPDX-License-Identifier: GPL-3.0-or-later
// Every C++ file as the pinned clang-format writes it; tests/lightning/requirements.txt pins it.
#include "tests/support/test_program.h"

#include <QDirIterator>
#include <QFile>
#include <QFileInfo>
#include <QProcess>
#include <QRegularExpression>
#include <QStandardPaths>
#include <QStringList>

namespace tst_format {
namespace {

const QString tree = QStringLiteral(LEYDEN_SOURCE_DIR);

QString pinnedVersion()
{
    QFile file(tree + QStringLiteral("/tests/lightning/requirements.txt"));
    if (!file.open(QIODevice::ReadOnly))
        return {};
    static const QRegularExpression pin(
        QStringLiteral("^clang-format==(\\S+)"), QRegularExpression::MultilineOption);
    return pin.match(QString::fromUtf8(file.readAll())).captured(1);
}

/// The output of a program that ended well; empty where it did not.
QByteArray outputOf(const QString& program, const QStringList& arguments)
{
    QProcess process;
    process.start(program, arguments);
    return process.waitForFinished(60'000) && process.exitCode() == 0
        ? process.readAllStandardOutput()
        : QByteArray();
}

/// The clang-format of the pinned version: beside the reference Python, or on the PATH.
QString clangFormat(const QString& version)
{
    QStringList candidates{QStandardPaths::findExecutable(QStringLiteral("clang-format"))};
    const auto python = qEnvironmentVariable("LEYDEN_REFERENCE_PYTHON");
    if (!python.isEmpty())
        candidates.prepend(QFileInfo(python).absolutePath() + QStringLiteral("/clang-format"));
    for (const auto& candidate : std::as_const(candidates))
        if (!candidate.isEmpty()
            && outputOf(candidate, {QStringLiteral("--version")})
                .contains((QStringLiteral("version ") + version).toUtf8()))
            return candidate;
    return {};
}

QStringList sources()
{
    QStringList files;
    for (const auto* folder : {"app", "engine", "tests", "widgets"}) {
        QDirIterator each(tree + QLatin1Char('/') + QLatin1String(folder),
            {QStringLiteral("*.cpp"), QStringLiteral("*.h")}, QDir::Files,
            QDirIterator::Subdirectories);
        while (each.hasNext())
            files += each.next();
    }
    return files;
}

} // namespace

class TestFormat final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void isThePinnedClangFormats()
    {
        const auto version = pinnedVersion();
        QVERIFY2(!version.isEmpty(), "requirements.txt pins no clang-format");
        const auto program = clangFormat(version);
        if (program.isEmpty())
            QSKIP(qPrintable(
                QStringLiteral("clang-format %1 was not found beside LEYDEN_REFERENCE_PYTHON or on "
                               "the PATH (pip install clang-format==%1)")
                    .arg(version)));
        const auto files = sources();
        QVERIFY(files.size() > 400);
        QProcess process;
        process.start(
            program, QStringList{QStringLiteral("--dry-run"), QStringLiteral("--Werror")} + files);
        QVERIFY(process.waitForFinished(300'000));
        const auto said = process.readAllStandardError();
        QVERIFY2(process.exitCode() == 0, said.left(4000).constData());
    }
};

LEYDEN_TEST(TestFormat)
} // namespace tst_format

#include "tst_format.moc"
