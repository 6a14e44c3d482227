// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTabWidget>

class QToolButton;

namespace leyden::app {

/// The looks at data and model below the form. On a low screen only their tabs are left, for the
/// form needs the room; a click on a tab unfolds them, and the button folds them again.
class PreviewTabs final : public QTabWidget
{
    Q_OBJECT

public:
    static constexpr int lowWindow = 740; ///< pixels; below, they are folded unless a hand unfolds

    explicit PreviewTabs(QWidget* parent = nullptr);

    bool isFolded() const { return m_isFolded; }
    void fitTo(int windowHeight); ///< folds or unfolds, where no hand has chosen

private:
    void choose(bool isFolded); ///< by a hand
    void setFolded(bool isFolded);

    QToolButton* m_fold;
    bool m_isFolded = false;
    bool m_isChosen = false; ///< by a hand, for this side of the limit
    bool m_wasLow = false;
};

} // namespace leyden::app
