// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/data/data_preview.h"

#include <QHash>
#include <QList>
#include <QString>
#include <QStringList>

#include <optional>

namespace leyden::app {

/// A column of a dropped table, and whether to learn from it.
struct CsvColumnGuess
{
    ui::DataColumn column;
    bool isWhole = false; ///< numbers, all of them whole
    QString leftOut;      ///< why it is better no feature, e.g. "names each row"; "" if it is fine
    QList<ui::ClassCount> classes; ///< of text, and of whole numbers with few values
};

/// What a person may correct before a table becomes a config.
struct CsvChoices
{
    QString target;
    bool isClassification = true;
    QStringList features; ///< in the file's order
};

/// A table that was read, with guesses.
struct CsvGuess
{
    QString path;            ///< absolute
    ui::DataPreview preview; ///< follows `choices`
    QList<CsvColumnGuess> columns;
    CsvChoices choices;
};

struct CsvReading
{
    std::optional<CsvGuess> guess;
    QString problem; ///< a plain sentence where there is no guess
};

/// Reads a .csv or .csv.gz whole and guesses the target (target, label, class, species; y at an
/// end; else the last column), the task by CSVData's rule, and the features. Never throws; takes
/// seconds for large files, so call it off the window's thread.
CsvReading readCsv(const QString& path);

/// Another target: its task is guessed anew, and the features are all other fitting columns.
void chooseTarget(CsvGuess& guess, const QString& target);

/// What keeps these choices from being trained on, "" if nothing does.
QString choicesProblem(const CsvGuess& guess);

/// A run config in JSON: an MLP with Adam, and epochs and batches that fit the number of rows.
QString csvConfigText(const CsvGuess& guess);

} // namespace leyden::app
