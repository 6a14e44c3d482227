// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/studio/bridge/run_values.h"
#include "widgets/config/json.h"

#include <QWidget>

#include <vector>

class QGridLayout;
class QLabel;
class QLineEdit;
class QPushButton;

namespace leyden::app {

/// What may change while a run goes on: each value in effect, and a box to set another. Asks by a
/// signal; a change shows once the run says that it took effect.
class SteeringPanel final : public QWidget
{
    Q_OBJECT

public:
    explicit SteeringPanel(QWidget* parent = nullptr);

    /// The values of a resolved config.
    void showConfig(const ui::Json& config);
    void showLive(const QList<ui::NamedValue>& values); ///< of the run that goes on
    void showIntervention(const Intervention& intervention);
    void setRunning(bool isRunning);
    double valueInEffect(const QString& option) const; ///< NaN: none

Q_SIGNALS:
    void optionChosen(const QString& option, double value);

private:
    struct Row
    {
        QString option;
        bool isCount = false;
        double least = 0.0;
        double value = ui::notANumber;
        bool isAvailable = true;
        QLabel* inEffect = nullptr;
        QLineEdit* edit = nullptr;
        QPushButton* apply = nullptr;
        QLabel* problem = nullptr;
    };
    void addRow(
        QGridLayout& grid, const QString& option, const QString& tip, bool isCount, double least);
    void choose(size_t row);
    void check(size_t row);
    void show(Row& row, double value);
    Row* find(const QString& option);

    std::vector<Row> m_rows;
    QLabel* m_hint;
    bool m_isRunning = false;
};

} // namespace leyden::app
