// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

#include <optional>
#include <utility>

class QLabel;
class QLineEdit;
class QPushButton;

namespace leyden::ui {

/// Asks between which values a chart's y axis runs.
class YRangeDialog final : public QDialog
{
    Q_OBJECT

public:
    /// `isLog`: both ends have to be above 0.
    YRangeDialog(
        const QString& chart, std::pair<double, double> range, bool isLog, QWidget* parent);

Q_SIGNALS:
    void chosen(double lower, double upper);
    void automaticChosen(); ///< the axis fits what is in view

private:
    QLineEdit* addEnd(const char* name, const QString& label, double value);
    void check();
    std::optional<double> valueOf(const QLineEdit& end) const;

    bool m_isLog;
    QLineEdit* m_lower = nullptr;
    QLineEdit* m_upper = nullptr;
    QLabel* m_problem = nullptr;
    QPushButton* m_accept = nullptr;
};

} // namespace leyden::ui
