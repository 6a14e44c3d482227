// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/config/json_highlighter.h"

#include "widgets/common/theme.h"

#include <QRegularExpression>

namespace leyden::ui {

JsonHighlighter::JsonHighlighter(QTextDocument* document, const QPalette& palette)
    : QSyntaxHighlighter(document)
{
    setPalette(palette);
}

void JsonHighlighter::setPalette(const QPalette& palette)
{
    const auto colors = themeColors(palette);
    m_key.setForeground(colors.accent);
    m_text.setForeground(colors.success);
    m_number.setForeground(colors.warning);
    m_word.setForeground(palette.color(QPalette::LinkVisited));
    rehighlight();
}

void JsonHighlighter::highlightBlock(const QString& text)
{
    static const QRegularExpression token(
        QStringLiteral("(\"(?:[^\"\\\\]|\\\\.)*\"?)(\\s*:)?|(-?\\d[\\d.eE+-]*)|(true|false|null)"));
    auto matches = token.globalMatch(text);
    while (matches.hasNext()) {
        const auto match = matches.next();
        const auto paint = [&](int group, const QTextCharFormat& format) {
            setFormat(int(match.capturedStart(group)), int(match.capturedLength(group)), format);
        };
        if (match.capturedLength(1) > 0)
            paint(1, match.capturedLength(2) > 0 ? m_key : m_text);
        else if (match.capturedLength(3) > 0)
            paint(3, m_number);
        else
            paint(4, m_word);
    }
}

} // namespace leyden::ui
