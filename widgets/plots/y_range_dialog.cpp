// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plots/y_range_dialog.h"

#include "widgets/common/theme.h"
#include "widgets/metrics/number_text.h"

#include <QDialogButtonBox>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QPushButton>

#include <cmath>

namespace leyden::ui {

YRangeDialog::YRangeDialog(
    const QString& chart, std::pair<double, double> range, bool isLog, QWidget* parent)
    : QDialog(parent), m_isLog(isLog)
{
    setObjectName(QStringLiteral("yRangeDialog"));
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("y range of %1").arg(chart));
    auto* form = new QFormLayout(this);
    form->setContentsMargins(14, 12, 14, 12);
    form->setSpacing(10);
    m_lower = addEnd("yLower", tr("From"), range.first);
    m_upper = addEnd("yUpper", tr("To"), range.second);
    m_problem = new QLabel(this);
    m_problem->setObjectName(QStringLiteral("yRangeProblem"));
    m_problem->setWordWrap(true);
    auto colors = palette();
    colors.setColor(QPalette::WindowText, themeColors(colors).error);
    m_problem->setPalette(colors);
    form->addRow(m_problem);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Cancel, this);
    auto* automatic = buttons->addButton(tr("Automatic"), QDialogButtonBox::ResetRole);
    automatic->setObjectName(QStringLiteral("yAutomatic"));
    automatic->setToolTip(tr("The axis fits what is in view"));
    m_accept = buttons->addButton(tr("Set"), QDialogButtonBox::AcceptRole);
    m_accept->setObjectName(QStringLiteral("yAccept"));
    m_accept->setDefault(true);
    connect(automatic, &QPushButton::clicked, this, [this] {
        Q_EMIT automaticChosen();
        accept();
    });
    connect(buttons, &QDialogButtonBox::accepted, this, [this] {
        Q_EMIT chosen(*valueOf(*m_lower), *valueOf(*m_upper));
        accept();
    });
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    form->addRow(buttons);
    check();
    m_lower->selectAll();
}

QLineEdit* YRangeDialog::addEnd(const char* name, const QString& label, double value)
{
    auto* end = new QLineEdit(roundedNumber(value, 6), this);
    end->setObjectName(QLatin1String(name));
    end->setAccessibleName(label);
    connect(end, &QLineEdit::textChanged, this, [this] { check(); });
    static_cast<QFormLayout*>(layout())->addRow(label, end);
    return end;
}

std::optional<double> YRangeDialog::valueOf(const QLineEdit& end) const
{
    bool isNumber = false;
    const double value = QLocale::c().toDouble(end.text().trimmed(), &isNumber);
    return isNumber && std::isfinite(value) ? std::optional(value) : std::nullopt;
}

void YRangeDialog::check()
{
    if (!m_accept) // the first field, before there is another
        return;
    const auto lower = valueOf(*m_lower);
    const auto upper = valueOf(*m_upper);
    const auto problem = !lower || !upper ? tr("Both ends are numbers, such as 0.25 or 1e-3.")
        : *lower >= *upper                ? tr("From has to be below To.")
        : m_isLog && *lower <= 0.0        ? tr("A log axis begins above 0.")
                                          : QString();
    m_problem->setText(problem);
    m_accept->setEnabled(problem.isEmpty());
}

} // namespace leyden::ui
