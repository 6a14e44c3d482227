// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/config/json_view.h"

#include "widgets/common/plain_text.h"
#include "widgets/common/theme.h"
#include "widgets/config/json_highlighter.h"

#include <QFontDatabase>
#include <QHelpEvent>
#include <QPainter>
#include <QTextBlock>
#include <QToolTip>

#include <algorithm>

namespace leyden::ui {

class JsonView::Gutter final : public QWidget
{
public:
    explicit Gutter(JsonView* view) : QWidget(view), m_view(view) { }
    QSize sizeHint() const override
    {
        return {fontMetrics().horizontalAdvance(QStringLiteral("000")) + 24, 0};
    }

protected:
    void paintEvent(QPaintEvent* event) override { m_view->paintGutter(event); }

private:
    JsonView* m_view;
};

JsonView::JsonView(QWidget* parent) : QPlainTextEdit(parent)
{
    auto font = QFontDatabase::systemFont(QFontDatabase::FixedFont);
    font.setPointSizeF(QWidget::font().pointSizeF());
    setFont(font);
    m_gutter = new Gutter(this);
    m_highlighter = new JsonHighlighter(document(), palette());
    setUndoRedoEnabled(false);
    setLineWrapMode(QPlainTextEdit::NoWrap);
    setFrameShape(QFrame::NoFrame);
    setTabChangesFocus(true); // the keyboard has to get out again
    setViewportMargins(m_gutter->sizeHint().width(), 0, 0, 0);
    document()->setDocumentMargin(8);
    connect(this, &QPlainTextEdit::updateRequest, m_gutter,
        [this](const QRect&, int) { m_gutter->update(); });
}

void JsonView::showText(const QString& text)
{
    const auto old = toPlainText();
    if (old == text)
        return;
    const auto shorter = qMin(old.size(), text.size());
    qsizetype first = 0;
    while (first < shorter && old[first] == text[first])
        ++first;
    qsizetype last = 0;
    while (last < shorter - first && old[old.size() - 1 - last] == text[text.size() - 1 - last])
        ++last;
    QTextCursor cursor(document());
    cursor.setPosition(int(first));
    cursor.setPosition(int(old.size() - last), QTextCursor::KeepAnchor);
    cursor.insertText(text.mid(first, text.size() - first - last));
}

void JsonView::setMarks(const QMap<int, QString>& marks)
{
    m_marks = marks;
    paintMarks();
}

void JsonView::paintMarks()
{
    QList<QTextEdit::ExtraSelection> selections;
    auto color = themeColors(palette()).error;
    color.setAlpha(36);
    for (auto mark = m_marks.cbegin(); mark != m_marks.cend(); ++mark) {
        QTextEdit::ExtraSelection line;
        line.format.setBackground(color);
        line.format.setProperty(QTextFormat::FullWidthSelection, true);
        line.cursor = QTextCursor(document()->findBlockByNumber(mark.key() - 1));
        selections += line;
    }
    setExtraSelections(selections);
    m_gutter->update();
}

void JsonView::goTo(int position)
{
    auto cursor = textCursor();
    cursor.setPosition(qMin(position, document()->characterCount() - 1));
    setTextCursor(cursor);
    centerCursor();
}

void JsonView::paintGutter(QPaintEvent* event)
{
    QPainter painter(m_gutter);
    painter.fillRect(event->rect(), palette().color(QPalette::AlternateBase));
    painter.setFont(font());
    const auto colors = themeColors(palette());
    for (auto block = firstVisibleBlock(); block.isValid(); block = block.next()) {
        const auto area = blockBoundingGeometry(block).translated(contentOffset());
        if (area.top() > event->rect().bottom())
            break;
        const bool isMarked = m_marks.contains(block.blockNumber() + 1);
        const QRectF room(0, area.top(), m_gutter->width() - 8, area.height());
        painter.setPen(isMarked ? colors.error : colors.muted);
        painter.drawText(
            room, Qt::AlignRight | Qt::AlignVCenter, QString::number(block.blockNumber() + 1));
        if (isMarked)
            painter.drawText(
                room.adjusted(6, 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter, QStringLiteral("!"));
    }
}

void JsonView::placeGutter()
{
    const auto area = contentsRect();
    m_gutter->setGeometry(area.left(), area.top(), m_gutter->sizeHint().width(), area.height());
}

void JsonView::resizeEvent(QResizeEvent* event)
{
    QPlainTextEdit::resizeEvent(event);
    placeGutter();
}

bool JsonView::event(QEvent* event)
{
    if (event->type() == QEvent::ShortcutOverride) {
        auto* press = static_cast<QKeyEvent*>(event);
        if (press->matches(QKeySequence::Undo) || press->matches(QKeySequence::Redo)) {
            event->ignore(); // the shortcut of the window: undo is the document's
            return true;
        }
    }
    return QPlainTextEdit::event(event);
}

void JsonView::keyPressEvent(QKeyEvent* event)
{
    if (event->matches(QKeySequence::Undo))
        Q_EMIT undoRequested();
    else if (event->matches(QKeySequence::Redo))
        Q_EMIT redoRequested();
    else if (event->key() == Qt::Key_Tab || event->key() == Qt::Key_Backtab)
        event->ignore(); // no way on from here, and no text either
    else
        QPlainTextEdit::keyPressEvent(event);
}

bool JsonView::viewportEvent(QEvent* event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const auto line = cursorForPosition(help->pos()).blockNumber() + 1;
        QToolTip::showText(help->globalPos(), plainToolTip(m_marks.value(line)), viewport());
        return true;
    }
    return QPlainTextEdit::viewportEvent(event);
}

void JsonView::changeEvent(QEvent* event)
{
    QPlainTextEdit::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && m_highlighter) {
        m_highlighter->setPalette(palette());
        paintMarks();
    }
}

void JsonView::focusOutEvent(QFocusEvent* event)
{
    QPlainTextEdit::focusOutEvent(event);
    Q_EMIT left();
}

} // namespace leyden::ui
