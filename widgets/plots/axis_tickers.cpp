// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plots/axis_tickers.h"

#include "widgets/metrics/number_text.h"

#include <qcustomplot.h>

#include <algorithm>
#include <cmath>

namespace leyden::ui {
namespace {
class NumberTicker final : public QCPAxisTicker
{
public:
    explicit NumberTicker(double smallestStep) : m_smallestStep(smallestStep) { }

protected:
    double getTickStep(const QCPRange& range) override
    {
        m_step = std::max(m_smallestStep, QCPAxisTicker::getTickStep(range));
        if (m_smallestStep > 0.0) // 2.5 is no whole step
            m_step = std::floor(m_step / m_smallestStep) * m_smallestStep;
        return m_step;
    }
    QString getTickLabel(double tick, const QLocale&, QChar, int) override
    {
        return tickNumber(tick, m_step);
    }

private:
    double m_smallestStep;
    double m_step = 0.0;
};

class LogTicker final : public QCPAxisTickerLog
{
protected:
    QString getTickLabel(double tick, const QLocale&, QChar, int) override
    {
        return tick >= 1e4 ? tickNumber(tick, tick) : roundedNumber(tick, 6);
    }
};

class DurationTicker final : public QCPAxisTicker
{
protected:
    double getTickStep(const QCPRange& range) override
    {
        static const QVector<double> nice{1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600,
            7200, 10800, 21600, 43200, 86400};
        const double wanted = range.size() / tickCount();
        m_step = wanted < 1.0 || wanted > 86400.0 ? QCPAxisTicker::getTickStep(range)
                                                  : pickClosest(wanted, nice);
        return m_step;
    }
    QString getTickLabel(double tick, const QLocale&, QChar, int) override
    {
        return m_step < 1.0 && tick < 60.0 ? tickNumber(tick, m_step) + QStringLiteral(" s")
                                           : durationText(tick);
    }

private:
    double m_step = 0.0;
};
} // namespace

QSharedPointer<QCPAxisTicker> makeNumberTicker(double smallestStep)
{
    return QSharedPointer<NumberTicker>::create(smallestStep);
}

QSharedPointer<QCPAxisTicker> makeLogTicker()
{
    auto ticker = QSharedPointer<LogTicker>::create();
    ticker->setSubTickCount(8); // 2 to 9 of each decade
    return ticker;
}

QSharedPointer<QCPAxisTicker> makeDurationTicker()
{
    return QSharedPointer<DurationTicker>::create();
}
} // namespace leyden::ui
