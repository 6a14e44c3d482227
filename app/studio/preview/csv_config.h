// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/data/data_preview.h"

#include <QHash>
#include <QList>
#include <QString>
#include <QStringList>

#include <memory>
#include <optional>

namespace leyden {
struct CsvGuess;
}

namespace leyden::app {

/// A column of a dropped table, and whether to learn from it.
struct CsvColumnGuess
{
    ui::DataColumn column;
    bool isWhole = false; ///< numbers, all of them whole
    QString leftOut;      ///< why it is better no feature, e.g. "names each row"; "" if it is fine
    QList<ui::ClassCount> classes; ///< of text, and of whole numbers with few values
};

/// How a table is written, by the names that CSVData's options take; "auto": to be found.
struct CsvFormatChoices
{
    QString sep = QStringLiteral("auto");
    QString decimal = QStringLiteral("auto");
    QString encoding = QStringLiteral("auto");
    std::optional<QStringList> missingWords; ///< beside empty cells, NA and NaN; none: find them
};

/// What a person may correct before a table becomes a config.
struct CsvChoices
{
    QString target;
    bool isClassification = true;
    QStringList features; ///< in the file's order
};

/// A table that was read, with guesses.
struct CsvTableGuess
{
    QString path;            ///< absolute
    ui::DataPreview preview; ///< follows `choices`
    CsvFormatChoices format; ///< as found or chosen: nothing in it is "auto"
    QStringList notes;       ///< what of it may surprise, a sentence each
    QList<CsvColumnGuess> columns;
    CsvChoices choices;
    std::shared_ptr<const leyden::CsvGuess> found; ///< what the engine guessed
};

struct CsvReading
{
    std::optional<CsvTableGuess> guess;
    QString problem; ///< a plain sentence where there is no guess
};

/// Reads a table whole and guesses what `leyden new config` does: how it is written, target, task
/// and features. Never throws; takes seconds for large files, so call it off the window's thread.
CsvReading readCsv(const QString& path, const CsvFormatChoices& format = {});

/// Another target: its task is guessed anew, and the features are all other fitting columns.
void chooseTarget(CsvTableGuess& guess, const QString& target);

/// What keeps these choices from being trained on, "" if nothing does.
QString choicesProblem(const CsvTableGuess& guess);

/// A run config in JSON: an MLP with Adam, and epochs and batches that fit the number of rows.
QString csvConfigText(const CsvTableGuess& guess);

} // namespace leyden::app
