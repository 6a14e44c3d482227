// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QLabel;
class QPlainTextEdit;
class QPushButton;

namespace leyden::app {

/// The exact command that does without a window what Start would do.
class CommandPanel final : public QWidget
{
    Q_OBJECT

public:
    explicit CommandPanel(QWidget* parent = nullptr);

    void showCommand(const QString& command, const QString& note);
    QString command() const;

Q_SIGNALS:
    void copyRequested();

private:
    QLabel* m_note;
    QPlainTextEdit* m_text;
    QPushButton* m_copy;
};

} // namespace leyden::app
