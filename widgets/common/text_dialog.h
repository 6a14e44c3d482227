// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

class QPlainTextEdit;

namespace leyden::ui {
/// Shows a text to be read, searched by eye and copied.
class TextDialog final : public QDialog
{
    Q_OBJECT

public:
    TextDialog(const QString& title, const QString& text, QWidget* parent = nullptr);

private:
    QPlainTextEdit* m_text;
};
} // namespace leyden::ui
