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

namespace leyden::ui {
class ElidedLabel;
}

namespace leyden::app {

/// What may change while a run goes on: each value in effect, and a box to set another. Asks by a
/// signal; a change shows once the run says that it took effect.
class SteeringPanel final : public QWidget
{
    Q_OBJECT

public:
    explicit SteeringPanel(QWidget* parent = nullptr);

    /// The values of a resolved config, which a run begins with.
    void showConfig(const ui::Json& config);
    void showSet(const QList<ui::NamedValue>& values); ///< by hand; the last of each option
    void showLive(const RunProgress& progress);        ///< of the run that goes on
    /// `isElsewhere`: the run is on, but not in this window.
    void setRunning(bool isRunning, bool isElsewhere = false);
    double valueInEffect(const QString& option) const; ///< NaN: none

Q_SIGNALS:
    void optionChosen(const QString& option, double value);
    void focusReleased(); ///< the field that had it can no more be changed

private:
    struct Row
    {
        QString option;
        bool isCount = false;
        double least = 0.0;
        double start = ui::notANumber;
        double value = ui::notANumber;
        bool isSet = false; ///< by hand
        bool isAvailable = true;
        ui::ElidedLabel* inEffect = nullptr;
        QLabel* begun = nullptr; ///< what it was at the start, where that is another value
        QLineEdit* edit = nullptr;
        QPushButton* apply = nullptr;
        QLabel* problem = nullptr;
    };
    void addRow(
        QGridLayout& grid, const QString& option, const QString& tip, bool isCount, double least);
    void choose(size_t row);
    void check(size_t row);
    void showRow(Row& row);
    QString warningFor(const Row& row, double value) const; ///< it can be set, but
    Row* find(const QString& option);

    std::vector<Row> m_rows;
    QLabel* m_hint;
    bool m_isRunning = false;
    bool m_isElsewhere = false;
    qint64 m_epoch = -1; ///< the one that is trained; -1: none
};

} // namespace leyden::app
