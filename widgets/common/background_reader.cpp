// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/common/background_reader.h"

namespace leyden::ui {
namespace {
constexpr int mostThreads = 8; // some of them may hang
constexpr int farewellMs = 100;
} // namespace

BackgroundReader::BackgroundReader(QObject* parent)
    : QObject(parent), m_owner(std::make_shared<Owner>()), m_pool(std::make_unique<QThreadPool>())
{
    m_owner->reader = this;
    m_pool->setMaxThreadCount(mostThreads);
}

BackgroundReader::~BackgroundReader()
{
    {
        const QMutexLocker lock(&m_owner->mutex);
        m_owner->reader = nullptr;
    }
    m_pool->clear();
    if (!m_pool->waitForDone(farewellMs))
        m_pool.release(); // its thread still hangs in a read, and a pool waits for its threads
}

void BackgroundReader::forget()
{
    ++m_request;
    m_isBusy = false;
}

} // namespace leyden::ui
