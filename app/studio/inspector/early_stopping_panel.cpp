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
    showState({}, false, false);
}

void EarlyStoppingPanel::showWords(const QString& text)
{
    m_values->setText(text);
    m_values->setForegroundRole(QPalette::PlaceholderText);
    m_patience->hide();
}

void EarlyStoppingPanel::showState(const EarlyStoppingState& state, bool isRun, bool isOn)
{
    const auto& news = state.news;
    if (!isRun)
        return showWords(tr("No run is shown."));
    if (!state.isUsed)
        return showWords(tr("This run has no early stopping."));
    if (news.monitor.isEmpty())
        return showWords(isOn ? tr("Its first check is still to come.")
                              : tr("It ended before its first check."));
    const auto left = std::max<qint64>(0, news.patience - news.wait);
    m_values->setForegroundRole(QPalette::WindowText);
    auto text = tr("%1 is %2, best %3")
                    .arg(news.monitor, ui::roundedNumber(news.current, 5),
                        ui::roundedNumber(news.best, 5));
    if (!state.stopReason.isEmpty())
        text += QLatin1Char('\n') + tr("It asked for the stop: %1").arg(state.stopReason);
    ui::showPlainText(*m_values, text); // it names a metric
    m_patience->setRange(0, wholeBar);  // a patience may be more than an int holds
    m_patience->setValue(
        int(double(wholeBar) * double(left) / double(std::max<qint64>(1, news.patience))));
    m_patience->setFormat(tr("%1 of %2 checks left").arg(left).arg(news.patience));
    m_patience->setVisible(state.stopReason.isEmpty()); // what is left of it counts no more
}

} // namespace leyden::app
