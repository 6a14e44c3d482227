// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QWidget>

namespace leyden::ui {

/// How rows are split into training, validation and test, and how many are left out, as one bar with
/// its legend below.
class SplitBar final : public QWidget
{
    Q_OBJECT

public:
    explicit SplitBar(QWidget* parent = nullptr);

    void setRows(qint64 train, qint64 val, qint64 test, qint64 leftOut = 0);

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    int parts() const; ///< without the rows left out where there are none
    QString partText(int part) const;
    QColor partColor(int part) const;

    QList<qint64> m_rows{0, 0, 0, 0};
};

} // namespace leyden::ui
