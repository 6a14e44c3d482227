// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/common/plain_text.h"

#include <QLabel>
#include <QTextBoundaryFinder>
#include <QTextDocument>

#include <algorithm>

namespace leyden::ui {
namespace {

constexpr int longestWord = 60;
constexpr int longestLine = 160; // of a tool tip that is not HTML: Qt does not wrap it

/// `change` for each part between two places where a line may be broken.
template <class Change> QString changed(const QString& text, Change change)
{
    QString result;
    result.reserve(text.size());
    QTextBoundaryFinder finder(QTextBoundaryFinder::Line, text);
    auto begin = finder.position();
    for (auto end = finder.toNextBoundary(); end >= 0; begin = end, end = finder.toNextBoundary())
        result += change(text.mid(begin, end - begin));
    return result;
}

QString breakable(const QString& text)
{
    return changed(text, [](QString word) {
        for (auto at = word.size() / longestWord * longestWord; at > 0 && at < word.size();
            at -= longestWord)
            word.insert(at, QChar(0x200b)); // a blank of no width
        return word;
    });
}

} // namespace

QString withShortWords(const QString& text, int most)
{
    return changed(text, [most](const QString& word) {
        const auto kept = most / 2;
        return word.trimmed().size() <= most
            ? word
            : word.left(kept) + QStringLiteral("…") + word.right(kept);
    });
}

QString plainToolTip(const QString& text)
{
    const auto lines = text.split(QLatin1Char('\n'));
    const bool isWide = std::any_of(
        lines.begin(), lines.end(), [](const QString& line) { return line.size() > longestLine; });
    if (!isWide && !Qt::mightBeRichText(text))
        return text;
    return QStringLiteral("<p style=\"white-space: pre-wrap\">%1</p>")
        .arg(breakable(text).toHtmlEscaped());
}

void showPlainText(QLabel& label, const QString& text)
{
    const auto shown = withShortWords(text);
    label.setTextFormat(Qt::PlainText);
    if (label.wordWrap())
        label.setMinimumWidth(1); // else that of its longest word
    label.setText(shown);
    label.setToolTip(shown == text ? QString() : plainToolTip(text));
}

} // namespace leyden::ui
