// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/preview/csv_config.h"

#include "app/studio/preview/failure_text.h"
#include "app/studio/preview/preview_builder.h"
#include "engine/data/csv_auto_format.h"
#include "engine/data/csv_guess.h"

#include <nlohmann/json.hpp>

#include <QCoreApplication>
#include <QFileInfo>

#include <algorithm>

namespace leyden::app {
namespace {

using ui::DataColumnType;

constexpr int64_t shownRows = 50;
constexpr qint64 mostCategories = 1000; // of a text column in CSVData

struct Texts
{
    Q_DECLARE_TR_FUNCTIONS(leyden::app::CsvConfig)
};

QString leftOutText(CsvLeftOut why)
{
    switch (why) {
    case CsvLeftOut::No:
        break;
    case CsvLeftOut::NoName:
        return Texts::tr("has no name");
    case CsvLeftOut::RepeatedName:
        return Texts::tr("shares its name with another column");
    case CsvLeftOut::Empty:
        return Texts::tr("has no values");
    case CsvLeftOut::NotNumbers:
        return Texts::tr("mixes numbers and text, or writes numbers as text");
    case CsvLeftOut::ManyTexts:
        return Texts::tr("has over 1,000 different texts");
    case CsvLeftOut::NamesRows:
        return Texts::tr("names each row");
    case CsvLeftOut::NamesMost:
        return Texts::tr("has a text of its own in most rows");
    case CsvLeftOut::Dates:
        return Texts::tr("holds dates or times");
    case CsvLeftOut::NumbersRows:
        return Texts::tr("numbers the rows");
    case CsvLeftOut::Lacking:
        return Texts::tr("lacks many values");
    }
    return {};
}

const CsvColumnGuess* find(const CsvTableGuess& guess, const QString& name)
{
    const auto found = std::find_if(guess.columns.begin(), guess.columns.end(),
        [&](const auto& one) { return one.column.name == name; });
    return found == guess.columns.end() ? nullptr : &*found;
}

bool isNamedOnce(const CsvTableGuess& guess, const QString& name)
{
    return !name.isEmpty()
        && std::count_if(guess.columns.begin(), guess.columns.end(),
               [&](const auto& one) { return one.column.name == name; })
        == 1;
}

QStringList textsOf(const std::vector<std::string>& texts)
{
    QStringList list;
    for (const auto& text : texts)
        list += QString::fromStdString(text);
    return list;
}

CsvGuessRequest requestOf(const QString& path, const CsvFormatChoices& format)
{
    CsvGuessRequest request;
    request.path = path.toStdString();
    request.sep = format.sep.toStdString();
    request.decimal = format.decimal.toStdString();
    request.encoding = format.encoding.toStdString();
    if (format.missingWords) {
        request.na_values = CSVDataOptions().na_values;
        for (const auto& word : *format.missingWords)
            request.na_values->push_back(word.toStdString());
    }
    return request;
}

CsvFormatChoices choicesOf(const CsvFormat& format)
{
    CsvFormatChoices choices;
    choices.sep = QString::fromStdString(option_text(format.separator));
    choices.decimal = QString::fromStdString(option_text(format.decimal));
    choices.encoding = QString::fromStdString(format.encoding);
    const auto usual = CSVDataOptions().na_values.size(); // that come first
    choices.missingWords = textsOf(format.na_values).mid(qsizetype(usual));
    return choices;
}

QStringList notesOf(const leyden::CsvGuess& found)
{
    QStringList notes;
    if (!found.comma_number.empty())
        notes += Texts::tr("Numbers with decimal commas: %1 is read as %2.")
                     .arg(QString::fromStdString(found.comma_number),
                         QString::fromStdString(found.comma_number)
                             .remove(QLatin1Char('.'))
                             .replace(QLatin1Char(','), QLatin1Char('.')));
    for (const auto& column : found.preview.columns)
        if (!column.spelled.empty())
            notes += Texts::tr("%1 mixes numbers with texts such as %2, so it is left out; choose "
                               "the decimal sign, list the text under Missing, or clean it up.")
                         .arg(QString::fromStdString(column.name),
                             QString::fromStdString(column.spelled));
    return notes;
}

/// The engine's guess with what a person chose.
leyden::CsvGuess chosen(const CsvTableGuess& guess)
{
    auto found = *guess.found;
    found.target = guess.choices.target.toStdString();
    found.is_classification = guess.choices.isClassification;
    found.features.clear();
    for (const auto& feature : guess.choices.features)
        found.features.push_back(feature.toStdString());
    found.missing = missing_for(found, found.target, found.features);
    return found;
}

void takeTarget(CsvTableGuess& guess)
{
    guess.choices.target = QString::fromStdString(guess.found->target);
    guess.choices.isClassification = guess.found->is_classification;
    guess.choices.features = textsOf(guess.found->features);
    const auto* column = find(guess, guess.choices.target);
    guess.preview.target = guess.choices.target;
    guess.preview.isClassification = guess.choices.isClassification;
    guess.preview.classes
        = column && guess.choices.isClassification ? column->classes : QList<ui::ClassCount>();
}

} // namespace

CsvReading readCsv(const QString& path, const CsvFormatChoices& format)
{
    CsvReading reading;
    try {
        const auto absolute = QFileInfo(path).absoluteFilePath();
        auto found = std::make_shared<const leyden::CsvGuess>(
            guess_csv(requestOf(absolute, format), shownRows));
        CsvTableGuess guess;
        guess.path = absolute;
        guess.preview = toDataPreview(found->preview);
        guess.preview.path = absolute;
        guess.preview.title = QFileInfo(absolute).fileName();
        guess.format = choicesOf(found->format);
        guess.notes = notesOf(*found);
        for (int i = 0; i < guess.preview.columns.size(); ++i) {
            const auto& column = found->preview.columns[size_t(i)];
            auto& one = guess.columns.emplace_back(CsvColumnGuess{guess.preview.columns[i],
                column.is_whole, leftOutText(found->left_out[size_t(i)]), {}});
            for (const auto& [name, rows] : column.class_counts)
                one.classes += ui::ClassCount{QString::fromStdString(name), rows};
        }
        guess.found = std::move(found);
        takeTarget(guess);
        reading.guess = std::move(guess);
    } catch (const std::exception& error) {
        reading.problem = failureText(error);
    }
    return reading;
}

void chooseTarget(CsvTableGuess& guess, const QString& target)
{
    auto found = *guess.found;
    choose_csv_target(found, target.toStdString());
    guess.found = std::make_shared<const leyden::CsvGuess>(std::move(found));
    takeTarget(guess);
}

QString choicesProblem(const CsvTableGuess& guess)
{
    const auto& choices = guess.choices;
    const auto* target = find(guess, choices.target);
    if (!target || choices.target.isEmpty())
        return Texts::tr("Choose the column to predict.");
    if (!isNamedOnce(guess, choices.target))
        return Texts::tr("Two columns are called %1; rename one.").arg(choices.target);
    if (target->column.type == DataColumnType::Empty)
        return Texts::tr("%1 has no values to predict.").arg(choices.target);
    if (target->column.type == DataColumnType::Mixed)
        return Texts::tr("%1 mixes numbers and text; clean it up or choose another target.")
            .arg(choices.target);
    if (!choices.isClassification && target->column.type == DataColumnType::Text)
        return Texts::tr("%1 holds text, so it can only be predicted as a class.")
            .arg(choices.target);
    if (target->column.distinct == 1)
        return Texts::tr("%1 is the same in every row; there is nothing to learn.")
            .arg(choices.target);
    if (choices.isClassification && target->column.distinct > 20
        && target->column.distinct == guess.preview.rowCount - target->column.missing)
        return Texts::tr("%1 differs in every row; a class has to come up more than once.")
            .arg(choices.target);
    if (choices.features.isEmpty())
        return Texts::tr("Choose at least one column to predict %1 from.").arg(choices.target);
    for (const auto& feature : choices.features) {
        const auto* column = find(guess, feature);
        if (!column || !isNamedOnce(guess, feature) || column->column.type == DataColumnType::Mixed
            || column->column.type == DataColumnType::Empty
            || (column->column.type == DataColumnType::Text
                && column->column.distinct > mostCategories))
            return Texts::tr("%1 cannot be used: it %2.")
                .arg(feature, column ? column->leftOut : QString());
    }
    return {};
}

QString csvConfigText(const CsvTableGuess& guess)
{
    return QString::fromStdString(csv_run_config(chosen(guess), guess.path.toStdString()).dump(2));
}

} // namespace leyden::app
