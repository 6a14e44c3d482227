// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QFile>
#include <QProcess>
#include <QString>
#include <QStringList>
#include <QTemporaryDir>

#include <memory>

namespace leyden::test {

/// The arguments of a command line without quotes.
inline QStringList words(const char* text)
{
    return QString::fromLatin1(text).split(u' ', Qt::SkipEmptyParts);
}

/// The built command, run in a folder.
struct LeydenProgram
{
    QString folder;

    struct Result
    {
        bool hasEnded = false;
        int exitCode = -1;
        QByteArray output;
        QByteArray errors;
        QByteArray lastError() const { return errors.trimmed().split('\n').last(); }
    };

    static QString path() { return QStringLiteral(LEYDEN_BINARY_DIR "/bin/leyden"); }

    Result run(const QStringList& arguments, int timeoutMs = 60000) const
    {
        return start(path(), arguments, timeoutMs);
    }

    /// Lines of a shell, with the command's path in $LEYDEN.
    Result shell(const QString& script) const
    {
        return start(QStringLiteral("sh"),
            {QStringLiteral("-c"), QStringLiteral("LEYDEN='%1'; %2").arg(path(), script)}, 60000);
    }

    Result start(const QString& program, const QStringList& arguments, int timeoutMs) const
    {
        QProcess process;
        process.setWorkingDirectory(folder);
        process.start(program, arguments);
        Result result;
        result.hasEnded
            = process.waitForFinished(timeoutMs) && process.exitStatus() == QProcess::NormalExit;
        if (process.state() != QProcess::NotRunning) {
            process.kill();
            process.waitForFinished();
        }
        result.exitCode = process.exitCode();
        result.output = process.readAllStandardOutput();
        result.errors = process.readAllStandardError();
        return result;
    }

    QByteArray read(const QString& name) const
    {
        QFile file(folder + QLatin1Char('/') + name);
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }

    bool write(const QString& name, const QByteArray& bytes) const
    {
        QFile file(folder + QLatin1Char('/') + name);
        return file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size();
    }
};

/// The built command in a folder of its own.
class LeydenInNewFolder : public LeydenProgram
{
public:
    /// A new, empty folder: call it in a test's init().
    bool renew()
    {
        m_own = std::make_unique<QTemporaryDir>();
        folder = m_own->path();
        return m_own->isValid();
    }
    QString filePath(const QString& name) const { return m_own->filePath(name); }

private:
    std::unique_ptr<QTemporaryDir> m_own;
};

} // namespace leyden::test
