// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QMap>
#include <QPlainTextEdit>

namespace leyden::ui {

class JsonHighlighter;

/// A text edit for JSON with line numbers and marked lines. It has no undo of its own: that of the
/// document it edits holds for the form too.
class JsonView final : public QPlainTextEdit
{
    Q_OBJECT

public:
    explicit JsonView(QWidget* parent = nullptr);

    /// Replaces the text by changing only what differs, so that cursor and scrolling stay.
    void showText(const QString& text);
    /// Lines (from 1) and what is wrong there.
    void setMarks(const QMap<int, QString>& marks);
    void goTo(int position);

Q_SIGNALS:
    void undoRequested();
    void redoRequested();
    void left(); ///< the focus went elsewhere

protected:
    bool event(QEvent* event) override;
    bool viewportEvent(QEvent* event) override;
    void changeEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;

private:
    class Gutter;

    void placeGutter();
    void paintGutter(QPaintEvent* event);
    void paintMarks();

    Gutter* m_gutter;
    JsonHighlighter* m_highlighter = nullptr;
    QMap<int, QString> m_marks;
};

} // namespace leyden::ui
