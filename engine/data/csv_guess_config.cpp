// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/data/csv_guess.h"

#include "engine/data/csv_auto_format.h"
#include "engine/data/csv_spelling.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <utility>

namespace leyden {
namespace {

int64_t batch_size_for(int64_t rows)
{
    if (rows < 500)
        return 16;
    if (rows < 5'000)
        return 32;
    return rows < 50'000 ? 128 : 512;
}

std::string run_name(const std::string& path)
{
    auto name = std::filesystem::path(path).filename().string();
    name.erase(std::min(name.find('.'), name.size()));
    std::string plain;
    for (const auto c : name) {
        const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
            || (c >= '0' && c <= '9') || c == '-' || c == '_';
        if (is_plain)
            plain += c;
        else if (!plain.ends_with('_'))
            plain += '_';
    }
    return plain.empty() ? "table" : plain;
}

/// A separator in words.
std::string shown_separator(char separator)
{
    switch (separator) {
    case ',':
        return "comma";
    case ';':
        return "semicolon";
    case '\t':
        return "tab";
    case '|':
        return "vertical bar";
    case ' ':
        return "space";
    case '\0':
        return "none";
    default:
        return "\"" + std::string(1, separator) + "\"";
    }
}

const char* name_of(MissingValues missing)
{
    return missing == MissingValues::Drop ? "drop"
        : missing == MissingValues::Mean  ? "mean"
                                          : "error";
}

std::string counted(int64_t count, const char* one, const char* many)
{
    return std::to_string(count) + " " + (count == 1 ? one : many);
}

Json data_json(const CSVDataOptions& options)
{
    Json data{{"path", options.path}, {"target", options.target}};
    if (options.features)
        data["features"] = *options.features;
    if (options.task != CSVTask::Auto)
        data["task"] = options.task == CSVTask::Regression ? "regression" : "classification";
    if (options.missing != MissingValues::Error)
        data["missing"] = name_of(options.missing);
    const CSVDataOptions usual;
    if (options.sep != usual.sep)
        data["sep"] = options.sep;
    if (options.decimal != usual.decimal)
        data["decimal"] = options.decimal;
    if (options.thousands != usual.thousands)
        data["thousands"] = options.thousands ? Json(*options.thousands) : Json(nullptr);
    if (options.encoding != usual.encoding)
        data["encoding"] = options.encoding;
    if (options.na_values != usual.na_values)
        data["na_values"] = options.na_values;
    data["batch_size"] = options.batch_size;
    if (options.standardize_target)
        data["standardize_target"] = true;
    return data;
}

bool is_feature(const CsvGuess& guess, const std::string& column)
{
    return std::find(guess.features.begin(), guess.features.end(), column) != guess.features.end();
}

Json component(const char* class_path, Json init_args)
{
    return Json{{"class_path", class_path}, {"init_args", std::move(init_args)}};
}

} // namespace

CSVDataOptions csv_options(const CsvGuess& guess, const std::string& path)
{
    CSVDataOptions options;
    options.path = path;
    options.target = guess.target;
    // All other columns is CSVData's default, and stays right when columns are added.
    if (guess.features.size() + 1 != guess.preview.columns.size())
        options.features = guess.features;
    const auto& columns = guess.preview.columns;
    const auto target = std::find_if(columns.begin(), columns.end(),
        [&](const auto& column) { return column.name == guess.target; });
    // A target of dates is refused unless somebody asks for classes; where most come up once, that
    // is nobody's guess.
    if (target == columns.end() || !target->is_date
        || target->distinct * 2 <= guess.preview.row_count - target->missing)
        options.task = guess.is_classification ? CSVTask::Classification : CSVTask::Regression;
    options.missing = guess.missing;
    const CsvFormat usual;
    if (guess.format.separator != usual.separator)
        options.sep = option_text(guess.format.separator);
    if (guess.format.decimal != usual.decimal || guess.format.thousands != usual.thousands) {
        options.decimal = option_text(guess.format.decimal);
        options.thousands = guess.format.thousands == '\0'
            ? std::nullopt
            : std::optional(option_text(guess.format.thousands));
    }
    if (!guess.format.encoding.starts_with("utf-8"))
        options.encoding = guess.format.encoding;
    options.na_values = guess.format.na_values;
    options.batch_size = batch_size_for(guess.used_rows());
    options.standardize_target = !guess.is_classification;
    return options;
}

Json csv_run_config(const CsvGuess& guess, const std::string& path)
{
    const auto options = csv_options(guess, path);
    const auto rows = std::max<int64_t>(1, guess.used_rows());
    const auto batches = std::max<int64_t>(1, rows * 4 / 5 / options.batch_size);
    const auto epochs = std::clamp<int64_t>(4'000 / batches, 10, 100);
    return Json{{"schema", 1}, {"seed_everything", 42},
        {"model",
            component("MLP",
                {{"hidden_sizes", rows < 5'000 ? Json::array({64, 32}) : Json::array({128, 64})}})},
        {"data", component("CSVData", data_json(options))},
        {"optimizer", component("Adam", {{"lr", 0.001}})},
        {"trainer",
            {{"max_epochs", epochs}, {"log_every_n_steps", std::min<int64_t>(50, batches)},
                {"logger",
                    Json::array({component(
                        "CSVLogger", {{"save_dir", "runs"}, {"name", run_name(path)}})})},
                {"callbacks",
                    Json::array(
                        {component("EarlyStopping", {{"monitor", "val_loss"}, {"patience", 10}}),
                            component("ModelCheckpoint",
                                {{"monitor", "val_loss"}, {"save_last", true}})})}}}};
}

std::vector<std::string> csv_guess_lines(const CsvGuess& guess)
{
    std::vector<std::string> lines;
    lines.push_back("separator: " + shown_separator(guess.format.separator));
    lines.push_back("decimal sign: " + shown_cell(option_text(guess.format.decimal))
        + (guess.comma_number.empty() ? "" : ", as in " + shown_cell(guess.comma_number)));
    lines.push_back("thousands separator: " + shown_separator(guess.format.thousands));
    lines.push_back("encoding: " + guess.format.encoding);
    for (const auto& found : guess.words)
        lines.push_back("missing value: " + shown_cell(found.word) + " ("
            + counted(found.cells, "cell", "cells") + ", first in " + shown_cell(found.column)
            + ")");
    lines.push_back("target: " + shown_cell(guess.target) + ", " + guess.target_reason);
    const auto& columns = guess.preview.columns;
    const bool is_date = std::any_of(columns.begin(), columns.end(),
        [&](const auto& column) { return column.name == guess.target && column.is_date; });
    lines.push_back(std::string("task: ")
        + (!guess.is_classification ? "regression"
                : is_date ? "classification, each date or time is a class; a number (days, the "
                            "month, the year) may serve better"
                          : "classification"));
    for (size_t i = 0; i < columns.size(); ++i)
        if (guess.left_out[i] != CsvLeftOut::No && columns[i].name != guess.target
            && !is_feature(guess, columns[i].name))
            lines.push_back("left out: "
                + (columns[i].name.empty() ? "column " + std::to_string(i + 1)
                                           : shown_cell(columns[i].name))
                + ", which " + text_of(guess.left_out[i])
                + (columns[i].spelled.empty() ? std::string()
                                              : ", such as " + shown_cell(columns[i].spelled)
                            + " in line " + std::to_string(columns[i].spelled_line)));
    for (const auto& column : guess.lacking)
        lines.push_back(
            "left out: " + shown_cell(column) + ", which " + text_of(CsvLeftOut::Lacking));
    if (guess.missing == MissingValues::Drop)
        lines.push_back("missing: drop, for the target lacks values");
    else if (guess.missing == MissingValues::Mean)
        lines.push_back("missing: mean, for features lack values");
    return lines;
}

} // namespace leyden
