// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/inspector/early_stopping_panel.h"

#include "widgets/common/plain_text.h"
#include "widgets/metrics/number_text.h"

#include <QLabel>
#include <QProgressBar>
#include <QVBoxLayout>

#include <algorithm>

namespace leyden::app {
namespace {
constexpr int wholeBar = 1000;
} // namespace

EarlyStoppingPanel::EarlyStoppingPanel(QWidget* parent)
    : QWidget(parent)
    , m_title(new QLabel(tr("Early stopping"), this))
    , m_values(new QLabel(this))
    , m_patience(new QProgressBar(this))
{
    setObjectName(QStringLiteral("earlyStopping"));
    auto bold = m_title->font();
    bold.setWeight(QFont::DemiBold);
    m_title->setFont(bold);
    m_values->setObjectName(QStringLiteral("earlyStoppingValues"));
    m_values->setWordWrap(true);
    m_patience->setObjectName(QStringLiteral("patienceLeft"));
    m_patience->setAccessibleName(tr("Patience left"));
    m_patience->setAlignment(Qt::AlignCenter);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(12, 10, 12, 10);
    layout->setSpacing(6);
    layout->addWidget(m_title);
    layout->addWidget(m_values);
    layout->addWidget(m_patience);
    clear(tr("Nothing is watched yet."));
}

void EarlyStoppingPanel::clear(const QString& text)
{
    m_news = {};
    m_stopReason.clear();
    m_values->setText(text);
    m_values->setForegroundRole(QPalette::PlaceholderText);
    m_patience->hide();
}

void EarlyStoppingPanel::showNews(const EarlyStoppingNews& news)
{
    m_news = news;
    m_stopReason.clear();
    refresh();
}

void EarlyStoppingPanel::showStop(const QString& reason)
{
    m_stopReason = reason;
    refresh();
}

void EarlyStoppingPanel::setPatience(qint64 patience)
{
    if (m_news.monitor.isEmpty())
        return;
    m_news.patience = patience;
    refresh();
}

void EarlyStoppingPanel::refresh()
{
    const auto left = std::max<qint64>(0, m_news.patience - m_news.wait);
    m_values->setForegroundRole(QPalette::WindowText);
    auto text = tr("%1 is %2, best %3")
                    .arg(m_news.monitor, ui::roundedNumber(m_news.current, 5),
                        ui::roundedNumber(m_news.best, 5));
    if (!m_stopReason.isEmpty())
        text += QLatin1Char('\n') + tr("It asked for the stop: %1").arg(m_stopReason);
    ui::showPlainText(*m_values, text); // it names a metric
    m_patience->setRange(0, wholeBar);  // a patience may be more than an int holds
    m_patience->setValue(
        int(double(wholeBar) * double(left) / double(std::max<qint64>(1, m_news.patience))));
    m_patience->setFormat(tr("%1 of %2 checks left").arg(left).arg(m_news.patience));
    m_patience->setVisible(m_stopReason.isEmpty()); // what is left of it counts no more
}

} // namespace leyden::app
