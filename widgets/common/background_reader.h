// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QMetaObject>
#include <QMutex>
#include <QObject>
#include <QThreadPool>

#include <memory>
#include <utility>

namespace leyden::ui {

/// Reads beside the window's thread; of several readings the newest one counts.
///
/// A disk may be slow beyond all patience (a network that is gone): a reading that hangs delays no
/// other one, and nobody waits for it when the reader goes.
class BackgroundReader final : public QObject
{
    Q_OBJECT

public:
    explicit BackgroundReader(QObject* parent = nullptr);
    ~BackgroundReader() override;

    /// `read()` on another thread: it holds values alone and lets no exception out. `then(result)`
    /// on this one, unless something newer was started or it was forgotten.
    template <class Read, class Then> void start(Read read, Then then)
    {
        m_isBusy = true;
        m_pool->start([read = std::move(read), then = std::move(then), owner = m_owner,
                          request = ++m_request] {
            auto result = read();
            const QMutexLocker lock(&owner->mutex);
            auto* reader = owner->reader;
            if (!reader)
                return;
            QMetaObject::invokeMethod(
                reader,
                [reader, request, then, result = std::move(result)] {
                    if (request != reader->m_request)
                        return;
                    reader->m_isBusy = false;
                    then(result);
                },
                Qt::QueuedConnection);
        });
    }
    void forget(); ///< what is being read is no longer wanted
    bool isBusy() const { return m_isBusy; }

private:
    struct Owner
    {
        QMutex mutex;
        BackgroundReader* reader; ///< null once it is gone
    };

    std::shared_ptr<Owner> m_owner;
    std::unique_ptr<QThreadPool> m_pool;
    quint64 m_request = 0;
    bool m_isBusy = false;
};

} // namespace leyden::ui
