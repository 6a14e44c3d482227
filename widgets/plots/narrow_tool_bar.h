// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QToolBar>

#include <functional>

namespace leyden::ui {

/// A tool bar that saves room, step by step, before it hides what it holds behind its "more".
class NarrowToolBar final : public QToolBar
{
    Q_OBJECT

public:
    using Step = std::function<void(bool isNarrow)>;

    explicit NarrowToolBar(QWidget* parent = nullptr);

    /// The next step, taken where those before it were not enough, and taken back where there is
    /// room.
    void addStep(Step step);

protected:
    void resizeEvent(QResizeEvent* event) override;
    void showEvent(QShowEvent* event) override;

private:
    int neededWidth() const;
    void fit();

    QList<Step> m_steps;
};

} // namespace leyden::ui
