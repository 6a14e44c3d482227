// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFile>
#include <QString>

#include <csignal>

#include <fcntl.h>
#include <unistd.h>

namespace leyden::app::test {

/// A file that whoever opens it waits for, as on a disk that does not answer, until it is released.
class LeasedFile
{
public:
    explicit LeasedFile(const QString& path)
    {
        std::signal(SIGIO, SIG_IGN); // tells that somebody waits
        m_file = open(QFile::encodeName(path).constData(), O_RDWR | O_CREAT, 0600);
        m_hangs = m_file >= 0 && fcntl(m_file, F_SETLEASE, F_WRLCK) == 0;
    }
    ~LeasedFile() { release(); }
    LeasedFile(const LeasedFile&) = delete;
    LeasedFile& operator=(const LeasedFile&) = delete;

    bool hangs() const { return m_hangs; } ///< false: the file system gives no leases
    bool isWaitedFor() const { return fcntl(m_file, F_GETLEASE) != F_WRLCK; }
    void release()
    {
        if (m_file >= 0)
            close(m_file);
        m_file = -1;
        m_hangs = false;
    }

private:
    int m_file = -1;
    bool m_hangs = false;
};

} // namespace leyden::app::test
