// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/preview/csv_config.h"

#include "app/studio/preview/failure_text.h"
#include "app/studio/preview/preview_builder.h"
#include "engine/data/csv_preview.h"

#include <nlohmann/json.hpp>

#include <QCoreApplication>
#include <QFileInfo>
#include <QRegularExpression>

#include <algorithm>

namespace leyden::app {
namespace {

using ui::DataColumnType;

constexpr int64_t shownRows = 50;
constexpr qint64 fewestRows = 10;       // below, a validation part of 0.2 is empty or says nothing
constexpr qint64 mostCategories = 1000; // of a text column in CSVData

struct Texts
{
    Q_DECLARE_TR_FUNCTIONS(leyden::app::CsvConfig)
};

QString whyLeftOut(const CsvColumnPreview& column, qint64 rows)
{
    static const QStringList counters{QStringLiteral("id"), QStringLiteral("idx"),
        QStringLiteral("index"), QStringLiteral("row"), QStringLiteral("unnamed: 0")};
    if (column.name.empty())
        return Texts::tr("has no name");
    if (!column.name_problem.empty())
        return Texts::tr("shares its name with another column");
    const auto filled = rows - column.missing;
    const auto isUnique = column.distinct == filled || column.distinct > mostCategories;
    switch (column.type) {
    case CsvColumnPreview::Type::Empty:
        return Texts::tr("has no values");
    case CsvColumnPreview::Type::Mixed:
        return Texts::tr("mixes numbers and text, or writes numbers as text");
    case CsvColumnPreview::Type::Text:
        if (column.distinct > mostCategories)
            return Texts::tr("has over 1,000 different texts");
        return isUnique && rows > 20 ? Texts::tr("names each row") : QString();
    case CsvColumnPreview::Type::Number:
        break;
    }
    const auto name = QString::fromStdString(column.name).toLower();
    return column.is_whole && isUnique && counters.contains(name) ? Texts::tr("numbers the rows")
                                                                  : QString();
}

const CsvColumnGuess* find(const CsvGuess& guess, const QString& name)
{
    const auto found = std::find_if(guess.columns.begin(), guess.columns.end(),
        [&](const auto& one) { return one.column.name == name; });
    return found == guess.columns.end() ? nullptr : &*found;
}

bool isNamedOnce(const CsvGuess& guess, const QString& name)
{
    return !name.isEmpty()
        && std::count_if(guess.columns.begin(), guess.columns.end(),
               [&](const auto& one) { return one.column.name == name; })
        == 1;
}

bool looksLikeClasses(const CsvColumnGuess& column)
{
    return column.column.type == DataColumnType::Text
        || (column.isWhole && column.column.distinct <= 20);
}

qint64 missingIn(const CsvGuess& guess, const QStringList& names)
{
    qint64 missing = 0;
    for (const auto& name : names)
        if (const auto* column = find(guess, name))
            missing += column->column.missing;
    return missing;
}

nlohmann::ordered_json dataJson(const CsvGuess& guess, int64_t batchSize)
{
    const auto& choices = guess.choices;
    nlohmann::ordered_json data{
        {"path", guess.path.toStdString()}, {"target", choices.target.toStdString()}};
    // All other columns is CSVData's default, and stays right when columns are added.
    if (choices.features.size() + 1 != guess.columns.size()) {
        data["features"] = nlohmann::ordered_json::array();
        for (const auto& feature : choices.features)
            data["features"].push_back(feature.toStdString());
    }
    data["task"] = choices.isClassification ? "classification" : "regression";
    // A mean can stand for a feature, never for a target.
    if (missingIn(guess, {choices.target}) > 0)
        data["missing"] = "drop";
    else if (missingIn(guess, choices.features) > 0)
        data["missing"] = "mean";
    data["batch_size"] = batchSize;
    if (!choices.isClassification)
        data["standardize_target"] = true;
    return data;
}

int64_t batchSizeFor(qint64 rows)
{
    if (rows < 500)
        return 16;
    if (rows < 5'000)
        return 32;
    return rows < 50'000 ? 128 : 512;
}

} // namespace

CsvReading readCsv(const QString& path)
{
    CsvReading reading;
    try {
        const auto absolute = QFileInfo(path).absoluteFilePath();
        const auto csv = csv_preview(absolute.toStdString(), shownRows);
        if (csv.columns.size() < 2) {
            reading.problem = Texts::tr(
                "%1 has a single column; to learn from it, it needs a target and at least one "
                "column to predict it from. Columns are separated by commas.")
                                  .arg(absolute);
            return reading;
        }
        if (csv.row_count < fewestRows) {
            reading.problem
                = Texts::tr("%1 has %2 rows; to train and validate, give it at least %3.")
                      .arg(absolute, QString::number(csv.row_count), QString::number(fewestRows));
            return reading;
        }
        CsvGuess guess;
        guess.path = absolute;
        guess.preview = toDataPreview(csv);
        guess.preview.path = absolute;
        guess.preview.title = QFileInfo(absolute).fileName();
        for (int i = 0; i < guess.preview.columns.size(); ++i) {
            const auto& column = csv.columns[size_t(i)];
            auto& one = guess.columns.emplace_back(CsvColumnGuess{
                guess.preview.columns[i], column.is_whole, whyLeftOut(column, csv.row_count), {}});
            for (const auto& [name, rows] : column.class_counts)
                one.classes += ui::ClassCount{QString::fromStdString(name), rows};
        }
        chooseTarget(guess, QString::fromStdString(guess_target(csv).target));
        reading.guess = std::move(guess);
    } catch (const std::exception& error) {
        reading.problem = failureText(error);
    }
    return reading;
}

void chooseTarget(CsvGuess& guess, const QString& target)
{
    guess.choices.target = target;
    guess.choices.features.clear();
    for (const auto& one : std::as_const(guess.columns))
        if (one.leftOut.isEmpty() && one.column.name != target)
            guess.choices.features += one.column.name;
    const auto* column = find(guess, target);
    guess.choices.isClassification = column && looksLikeClasses(*column);
    guess.preview.target = target;
    guess.preview.isClassification = guess.choices.isClassification;
    guess.preview.classes
        = column && guess.choices.isClassification ? column->classes : QList<ui::ClassCount>();
}

QString choicesProblem(const CsvGuess& guess)
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

QString csvConfigText(const CsvGuess& guess)
{
    using Object = nlohmann::ordered_json;
    const auto rows = std::max<qint64>(1, guess.preview.rowCount);
    const auto batchSize = batchSizeFor(rows);
    const auto batches = std::max<qint64>(1, rows * 4 / 5 / batchSize);
    const auto epochs = std::clamp<qint64>(4'000 / batches, 10, 100);
    auto name = QFileInfo(guess.path).fileName().section(QLatin1Char('.'), 0, 0);
    name.replace(QRegularExpression(QStringLiteral("[^A-Za-z0-9_-]+")), QStringLiteral("_"));
    if (name.isEmpty())
        name = QStringLiteral("table");
    const auto component = [](const char* classPath, Object arguments) {
        return Object{{"class_path", classPath}, {"init_args", std::move(arguments)}};
    };
    const Object config{{"schema", 1}, {"seed_everything", 42},
        {"model",
            component("MLP",
                {{"hidden_sizes",
                    rows < 5'000 ? Object::array({64, 32}) : Object::array({128, 64})}})},
        {"data", component("CSVData", dataJson(guess, batchSize))},
        {"optimizer", component("Adam", {{"lr", 0.001}})},
        {"trainer",
            {{"max_epochs", epochs}, {"log_every_n_steps", std::min<qint64>(50, batches)},
                {"logger",
                    Object::array({component(
                        "CSVLogger", {{"save_dir", "runs"}, {"name", name.toStdString()}})})},
                {"callbacks",
                    Object::array(
                        {component("EarlyStopping", {{"monitor", "val_loss"}, {"patience", 10}}),
                            component("ModelCheckpoint",
                                {{"monitor", "val_loss"}, {"save_last", true}})})}}}};
    return QString::fromStdString(config.dump(2));
}

} // namespace leyden::app
