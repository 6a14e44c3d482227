// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/inspector/steering_panel.h"

#include "widgets/common/elided_label.h"
#include "widgets/common/theme.h"
#include "widgets/config/json_pointer.h"
#include "widgets/metrics/number_text.h"

#include <QGridLayout>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QPushButton>
#include <QVBoxLayout>

#include <cmath>
#include <optional>
#include <utility>

namespace leyden::app {
namespace {

double numberAt(const ui::Json& config, const char* pointer)
{
    const auto* value = ui::findValue(config, ui::pointerTokens(QLatin1String(pointer)));
    return value && value->is_number() ? value->get<double>() : ui::notANumber;
}

double patienceOf(const ui::Json& config)
{
    const auto* callbacks
        = ui::findValue(config, ui::pointerTokens(QStringLiteral("/trainer/callbacks")));
    if (!callbacks || !callbacks->is_array())
        return ui::notANumber;
    for (const auto& callback : *callbacks)
        if (ui::classPathOf(&callback) == QLatin1String("EarlyStopping"))
            return numberAt(callback, "/init_args/patience");
    return ui::notANumber;
}

std::optional<double> typedNumber(const QString& text)
{
    bool isNumber = false;
    const double value = QLocale::c().toDouble(text.trimmed(), &isNumber);
    return isNumber && std::isfinite(value) ? std::optional(value) : std::nullopt;
}

QString pointHint(const QString& text)
{
    if (text.count(QLatin1Char(',')) != 1)
        return {};
    auto pointed = text.trimmed();
    pointed.replace(QLatin1Char(','), QLatin1Char('.'));
    return typedNumber(pointed) ? SteeringPanel::tr(", with a point: %1").arg(pointed) : QString();
}

} // namespace

SteeringPanel::SteeringPanel(QWidget* parent) : QWidget(parent), m_hint(new QLabel(this))
{
    setObjectName(QStringLiteral("steeringPanel"));
    auto* grid = new QGridLayout;
    grid->setHorizontalSpacing(6);
    grid->setVerticalSpacing(4);
    grid->setColumnStretch(1, 1);
    m_rows.reserve(5);
    addRow(*grid, QStringLiteral("lr"),
        tr("The learning rate of every group; a schedule continues from it"), false, 0.0);
    addRow(*grid, QStringLiteral("gradient_clip_val"),
        tr("Where gradients are clipped; 0 switches clipping off"), false, 0.0);
    addRow(*grid, QStringLiteral("log_every_n_steps"), tr("Steps between two rows"), true, 0.0);
    addRow(*grid, QStringLiteral("patience"),
        tr("Checks of EarlyStopping without improvement before the stop"), true, 0.0);
    addRow(*grid, QStringLiteral("max_epochs"),
        tr("Epochs after which training ends; -1: no limit"), true, -1.0);
    m_hint->setObjectName(QStringLiteral("steeringHint"));
    m_hint->setWordWrap(true);
    m_hint->setForegroundRole(QPalette::PlaceholderText);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(10, 10, 8, 10);
    layout->setSpacing(8);
    layout->addLayout(grid);
    layout->addWidget(m_hint);
    setRunning(false);
}

void SteeringPanel::addRow(
    QGridLayout& grid, const QString& option, const QString& tip, bool isCount, double least)
{
    Row row{option, isCount, least};
    row.inEffect = new ui::ElidedLabel(this);
    row.inEffect->setObjectName(QStringLiteral("now:") + option);
    row.inEffect->setAccessibleName(tr("%1 in effect").arg(option));
    row.inEffect->setMinimumWidth(fontMetrics().horizontalAdvance(QStringLiteral("0.0000")));
    row.begun = new QLabel(this);
    row.begun->setObjectName(QStringLiteral("begun:") + option);
    row.begun->setForegroundRole(QPalette::PlaceholderText);
    row.begun->setWordWrap(true);
    row.begun->setAlignment(Qt::AlignRight | Qt::AlignTop);
    row.begun->hide();
    row.edit = new QLineEdit(this);
    row.edit->setObjectName(QStringLiteral("steer:") + option);
    row.edit->setAccessibleName(option);
    row.edit->setToolTip(tip);
    row.edit->setPlaceholderText(tr("new"));
    row.edit->setMinimumWidth(44);
    row.apply = new QPushButton(tr("Set"), this);
    row.apply->setFixedWidth(fontMetrics().horizontalAdvance(tr("Set")) + 16);
    row.apply->setObjectName(QStringLiteral("set:") + option);
    row.apply->setAccessibleName(tr("Set %1").arg(option));
    row.apply->setToolTip(tr("Takes effect before the next step, and is written to events.jsonl"));
    row.problem = new QLabel(this);
    row.problem->setObjectName(QStringLiteral("steerProblem:") + option);
    row.problem->setWordWrap(true);
    row.problem->hide();
    auto* label = new QLabel(option, this); // as in the config: one search finds all of it
    label->setObjectName(QStringLiteral("option:") + option);
    label->setToolTip(tip);
    label->setBuddy(row.edit);
    const auto index = m_rows.size();
    connect(row.edit, &QLineEdit::textChanged, this, [this, index] { check(index); });
    connect(row.edit, &QLineEdit::returnPressed, this, [this, index] { choose(index); });
    connect(row.apply, &QPushButton::clicked, this, [this, index] { choose(index); });
    const int line = grid.rowCount();
    grid.addWidget(label, line, 0);
    grid.addWidget(row.inEffect, line, 1);
    grid.addWidget(row.edit, line, 2);
    grid.addWidget(row.apply, line, 3);
    grid.addWidget(row.begun, line + 1, 0, 1, 4);
    grid.addWidget(row.problem, line + 2, 0, 1, 4);
    m_rows.push_back(row);
}

void SteeringPanel::check(size_t index)
{
    auto& row = m_rows[index];
    const auto text = row.edit->text();
    const auto value = typedNumber(text);
    const bool isGood
        = value && *value >= row.least && (!row.isCount || *value == std::floor(*value));
    row.apply->setEnabled(m_isRunning && row.isAvailable && isGood);
    const auto warning = isGood ? warningFor(row, *value) : QString();
    row.problem->setVisible((!text.trimmed().isEmpty() && !isGood) || !warning.isEmpty());
    row.problem->setText(!warning.isEmpty()
            ? warning
            : (row.isCount ? tr("a whole number of %1 or more") : tr("a number of %1 or more"))
                    .arg(row.least)
                + pointHint(text));
    auto colors = palette();
    const auto tones = ui::themeColors(colors);
    colors.setColor(QPalette::WindowText, warning.isEmpty() ? tones.error : tones.warning);
    row.problem->setPalette(colors);
}

QString SteeringPanel::warningFor(const Row& row, double value) const
{
    const bool isBelow = row.option == QLatin1String("max_epochs") && value >= 0.0 && m_epoch >= 0
        && value <= double(m_epoch);
    return isBelow
        ? tr("below the current epoch (%1): the run ends after this one").arg(m_epoch + 1)
        : QString();
}

void SteeringPanel::choose(size_t index)
{
    auto& row = m_rows[index];
    if (!row.apply->isEnabled())
        return;
    Q_EMIT optionChosen(row.option, *typedNumber(row.edit->text()));
    if (row.apply->hasFocus())
        row.edit->setFocus(); // the button is greyed out
    row.edit->clear();
    row.inEffect->setText(QStringLiteral("…"));
}

SteeringPanel::Row* SteeringPanel::find(const QString& option)
{
    for (auto& row : m_rows)
        if (row.option == option)
            return &row;
    return nullptr;
}

double SteeringPanel::valueInEffect(const QString& option) const
{
    for (const auto& row : m_rows)
        if (row.option == option)
            return row.value;
    return ui::notANumber;
}

void SteeringPanel::showRow(Row& row)
{
    const auto text
        = [](double value) { return std::isnan(value) ? tr("none") : ui::exactNumber(value); };
    const bool isOther
        = row.value != row.start && !(std::isnan(row.value) && std::isnan(row.start));
    auto font = this->font();
    font.setBold(row.isSet && isOther);
    row.inEffect->setFont(font);
    row.inEffect->setText(text(row.value));
    row.begun->setVisible(isOther);
    row.begun->setText(isOther
            ? (row.isSet ? tr("set by hand; it began with %1") : tr("it began with %1"))
                  .arg(text(row.start))
            : QString());
}

void SteeringPanel::showConfig(const ui::Json& config)
{
    const std::pair<const char*, double> values[]{
        {"lr", numberAt(config, "/optimizer/init_args/lr")},
        {"gradient_clip_val", numberAt(config, "/trainer/gradient_clip_val")},
        {"log_every_n_steps", numberAt(config, "/trainer/log_every_n_steps")},
        {"patience", patienceOf(config)}, {"max_epochs", numberAt(config, "/trainer/max_epochs")}};
    for (const auto& [option, value] : values) {
        auto& row = *find(QLatin1String(option));
        row.start = row.value = value;
        row.isSet = false;
        if (row.option == QLatin1String("patience"))
            row.isAvailable = !std::isnan(value);
        showRow(row);
    }
    m_epoch = -1;
    setRunning(m_isRunning, m_isElsewhere);
}

void SteeringPanel::showSet(const QList<ui::NamedValue>& values)
{
    for (const auto& each : values)
        if (auto* row = find(each.name)) {
            row->isSet = true;
            const bool isOff
                = row->option == QLatin1String("gradient_clip_val") && each.value <= 0.0;
            row->value = isOff ? ui::notANumber : each.value;
            showRow(*row);
        }
}

void SteeringPanel::showLive(const RunProgress& progress)
{
    m_epoch = progress.epoch;
    bool hasPatience = false;
    for (const auto& each : progress.live) {
        hasPatience |= each.name == QLatin1String("patience");
        auto* row = find(each.name);
        const bool isShown = row
            && (row->value == each.value || (std::isnan(row->value) && std::isnan(each.value)));
        if (row && !isShown) {
            row->value = each.value;
            showRow(*row);
        }
    }
    if (progress.live.isEmpty())
        return;
    if (auto* patience = find(QStringLiteral("patience")); patience->isAvailable != hasPatience) {
        patience->isAvailable = hasPatience;
        setRunning(m_isRunning, m_isElsewhere);
    }
}

void SteeringPanel::setRunning(bool isRunning, bool isElsewhere)
{
    m_isRunning = isRunning;
    m_isElsewhere = isElsewhere;
    const auto* focus = window()->focusWidget();
    const bool hadFocus = focus && isAncestorOf(focus);
    for (size_t i = 0; i < m_rows.size(); ++i) {
        if (!isRunning) // it was meant for the run that is over, not for the next one
            m_rows[i].edit->clear();
        m_rows[i].edit->setEnabled(isRunning && m_rows[i].isAvailable);
        check(i);
    }
    if (hadFocus && !focus->isEnabled()) // else Qt hands it to whatever comes next
        Q_EMIT focusReleased();
    m_hint->setText(isRunning
            ? tr("A change holds from the next step on. It is marked on the curves and written to "
                 "events.jsonl, so that the run can be repeated with it.")
            : isElsewhere
            ? tr("This run is being trained by another program and cannot be changed from here.")
            : tr("While a run is in progress, these can be changed here."));
}

} // namespace leyden::app
