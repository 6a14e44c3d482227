// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/metrics/metrics_csv.h"

#include <QFile>
#include <QStringList>

#include <algorithm>
#include <cmath>
#include <limits>

namespace leyden::ui {
namespace {
/// The cells of a line; a quoted one may hold commas and doubled quotes.
QList<QByteArray> cellsOf(const QByteArray& line)
{
    if (!line.contains('"'))
        return line.split(',');
    QList<QByteArray> list{QByteArray()};
    bool isQuoted = false;
    for (qsizetype i = 0; i < line.size(); ++i) {
        if (line[i] == '"') {
            if (isQuoted && i + 1 < line.size() && line[i + 1] == '"')
                list.last() += line[++i];
            else
                isQuoted = !isQuoted;
        } else if (line[i] == ',' && !isQuoted) {
            list.append(QByteArray());
        } else {
            list.last() += line[i];
        }
    }
    return list;
}

double number(const QByteArray& cell, bool& isNumber)
{
    if (cell == "inf" || cell == "-inf") {
        isNumber = true;
        return cell.startsWith('-') ? -std::numeric_limits<double>::infinity()
                                    : std::numeric_limits<double>::infinity();
    }
    if (cell == "nan") {
        isNumber = true;
        return notANumber;
    }
    return cell.toDouble(&isNumber);
}

QStringList namesOf(const QByteArray& header)
{
    QStringList names;
    for (const auto& cell : cellsOf(header.trimmed()))
        names += QString::fromUtf8(cell);
    return names;
}

/// The whole lines of a text, from `at` on.
QList<MetricRow> rowsOf(const QStringList& names, const QByteArray& text, qsizetype at)
{
    QList<MetricRow> rows;
    while (at < text.size()) {
        const auto end = text.indexOf('\n', at);
        if (end < 0)
            break;
        const auto line = cellsOf(text.mid(at, end - at).trimmed());
        at = end + 1;
        MetricRow row;
        row.seconds = notANumber;
        for (qsizetype i = 0; i < std::min(line.size(), names.size()); ++i) {
            bool isNumber = false;
            const double value = number(line[i], isNumber);
            if (!isNumber)
                continue;
            if (names[i] == QLatin1String("step"))
                row.step = value;
            else if (names[i] == QLatin1String("epoch"))
                row.epoch = value;
            else
                row.values.append({names[i], value});
        }
        rows.append(std::move(row));
    }
    return rows;
}

/// Of the epochs that another one follows; 0: there is none.
double stepsPerEpoch(const QList<MetricRow>& rows)
{
    double lastWhole = -1.0;
    double steps = 0.0;
    for (const auto& row : rows)
        if (row.epoch < rows.last().epoch && row.epoch >= lastWhole) {
            lastWhole = row.epoch;
            steps = std::max(steps, row.step + 1.0);
        }
    return steps > 0.0 ? steps / (lastWhole + 1.0) : 0.0;
}

void divideEpochs(QList<MetricRow>& rows, double perEpoch)
{
    if (perEpoch > 0.0)
        for (auto& row : rows)
            row.epoch = (row.step + 1.0) / perEpoch;
}

QByteArray lastLineOf(const QByteArray& text, qsizetype end)
{
    if (end < 2)
        return {};
    const auto before = text.lastIndexOf('\n', end - 2);
    return text.mid(before + 1, end - before - 1);
}

/// What was appended since a reader was there, if nothing before it was written anew.
bool readAppended(QFile& file, const QByteArray& header, const QByteArray& lastLine, qint64 offset,
    QByteArray& text)
{
    if (header.isEmpty() || file.size() < offset || file.readLine() != header)
        return false;
    return file.seek(offset - lastLine.size()) && file.read(lastLine.size()) == lastLine
        && (text = file.readAll(), true);
}
} // namespace

QList<MetricRow> parseMetricsCsv(const QByteArray& text)
{
    const auto end = text.indexOf('\n');
    if (end < 0)
        return {};
    auto rows = rowsOf(namesOf(text.left(end)), text, end + 1);
    divideEpochs(rows, stepsPerEpoch(rows));
    return rows;
}

MetricsCsvReader::News MetricsCsvReader::read()
{
    QFile file(m_path);
    if (!file.open(QIODevice::ReadOnly)) {
        News gone{{}, m_rows > 0};
        *this = MetricsCsvReader(m_path);
        return gone;
    }
    QByteArray text;
    if (!readAppended(file, m_header, m_lastLine, m_offset, text)) {
        file.seek(0);
        return readWhole(file.readAll());
    }
    const auto end = text.lastIndexOf('\n') + 1;
    if (end == 0)
        return {};
    News news{rowsOf(namesOf(m_header), text, 0), false};
    if (m_stepsPerEpoch == 0.0 && !news.rows.isEmpty() && news.rows.last().epoch > m_firstEpoch) {
        file.seek(0);
        return readWhole(file.readAll()); // the first epoch has ended: all of it gets its places
    }
    divideEpochs(news.rows, m_stepsPerEpoch);
    m_offset += end;
    m_lastLine = lastLineOf(text, end);
    m_rows += news.rows.size();
    if (!news.rows.isEmpty())
        m_lastStep = news.rows.last().step;
    return news;
}

MetricsCsvReader::News MetricsCsvReader::readWhole(const QByteArray& text)
{
    const auto before = *this;
    *this = MetricsCsvReader(m_path);
    const auto end = text.lastIndexOf('\n') + 1;
    const auto headerEnd = text.indexOf('\n') + 1;
    if (headerEnd == 0)
        return {{}, before.m_rows > 0};
    News news{rowsOf(namesOf(text.left(headerEnd)), text, headerEnd), true};
    m_header = text.left(headerEnd);
    m_offset = end;
    m_lastLine = lastLineOf(text, end);
    m_rows = news.rows.size();
    m_firstEpoch = news.rows.isEmpty() ? -1.0 : news.rows.first().epoch;
    m_stepsPerEpoch = news.rows.isEmpty() ? 0.0 : stepsPerEpoch(news.rows);
    divideEpochs(news.rows, m_stepsPerEpoch);
    if (!news.rows.isEmpty())
        m_lastStep = news.rows.last().step;
    // A wider header, and the rows of before are the same.
    const bool isSame = before.m_rows > 0 && m_header != before.m_header && m_rows >= before.m_rows
        && news.rows.at(before.m_rows - 1).step == before.m_lastStep
        && (before.m_stepsPerEpoch > 0.0) == (m_stepsPerEpoch > 0.0);
    if (isSame) {
        news.rows.remove(0, before.m_rows);
        news.isWhole = false;
    }
    return news;
}

double BestOfColumn::read(const QString& path, const QString& column, MetricMode mode)
{
    if (column != m_column || mode != m_mode) {
        *this = BestOfColumn();
        m_column = column;
        m_mode = mode;
    }
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return m_best = notANumber;
    QByteArray text;
    if (!readAppended(file, m_header, m_lastLine, m_offset, text)) {
        file.seek(0);
        m_header = file.readLine();
        m_offset = m_header.size();
        m_lastLine.clear();
        m_best = notANumber;
        text = file.readAll();
    }
    const auto place = namesOf(m_header).indexOf(column);
    const auto end = text.lastIndexOf('\n') + 1;
    for (qsizetype at = 0; at < end && place >= 0;) {
        const auto lineEnd = text.indexOf('\n', at);
        auto line = QByteArray::fromRawData(text.constData() + at, lineEnd - at);
        at = lineEnd + 1;
        QByteArray cell;
        if (line.contains('"')) {
            cell = cellsOf(line.trimmed()).value(place);
        } else {
            qsizetype comma = -1; // before the cell
            for (qsizetype passed = 0; passed < place && (passed == 0 || comma >= 0); ++passed)
                comma = line.indexOf(',', comma + 1);
            const auto next = line.indexOf(',', comma + 1);
            if (place == 0 || comma >= 0)
                cell = line.mid(comma + 1, next < 0 ? -1 : next - comma - 1).trimmed();
        }
        bool isNumber = false;
        const double value = cell.isEmpty() ? notANumber : number(cell, isNumber);
        if (isNumber && std::isfinite(value)
            && (std::isnan(m_best) || (mode == MetricMode::Min ? value < m_best : value > m_best)))
            m_best = value;
    }
    if (end > 0) {
        m_offset += end;
        m_lastLine = lastLineOf(text, end);
    }
    return m_best;
}
} // namespace leyden::ui
