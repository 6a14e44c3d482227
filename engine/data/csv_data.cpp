// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/data/csv_data.h"

#include "engine/config/nearest_name.h"
#include "engine/core/errors.h"
#include "engine/data/csv_auto_format.h"
#include "engine/data/csv_encoding.h"
#include "engine/data/csv_notes.h"
#include "engine/data/csv_rows.h"
#include "engine/data/csv_spelling.h"
#include "engine/data/csv_words.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <exception>
#include <filesystem>
#include <functional>
#include <iterator>
#include <numeric>
#include <span>
#include <system_error>
#include <tuple>
#include <utility>

namespace leyden {
namespace {

using Warn = std::function<void(const std::string&)>;

size_t column_named(const CsvTable& table, const std::string& option, const std::string& name)
{
    if (const auto column = table.find(name)) {
        table.check_name(*column);
        return *column;
    }
    const auto& columns = table.columns();
    auto message = table.name() + ": has no column \"" + name + "\" (" + option + ")"
        + did_you_mean(name, columns);
    message += columns.size() == 1 ? "; its only column is " : "; its columns are ";
    constexpr size_t shown = 40;
    for (size_t i = 0; i < std::min(columns.size(), shown); ++i)
        message += (i > 0 ? ", \"" : "\"") + columns[i] + "\"";
    if (columns.size() > shown)
        message += " and " + std::to_string(columns.size() - shown) + " more";
    if (columns.size() == 1 && columns[0].find_first_of(",;\t|^~: ") != std::string::npos)
        message += "; set sep to the sign between its columns (it is "
            + shown_cell({&table.format().separator, 1}) + " now)";
    throw DataError(message);
}

CsvSource read_source(const CsvTable& table, size_t column)
{
    return {column, read_column(table, column)};
}

/// Throws where a column of numbers holds something else.
void check_numbers(const CsvTable& table, const CsvSource& source, bool is_target = false)
{
    const auto row = source.values.first_bad;
    if (row < 0)
        return;
    if (source.values.cells[size_t(row)] == CsvCell::Infinite)
        throw DataError(table.place(row, source.column) + ": "
            + shown_cell(table.cell(row, source.column)) + " is not a finite number");
    throw DataError(no_number_problem(table, source.column, row, is_target));
}

/// At most so many distinct numbers; those that a double would merge count as several.
bool are_few(const CsvTable& table, const CsvSource& source, int64_t most)
{
    if (source.values.first_huge < 0)
        return count_distinct(source.values.numbers, most) <= most;
    CsvRows rows(size_t(table.rows()));
    std::iota(rows.begin(), rows.end(), 0);
    return int64_t(count_classes(table, source.column, source.values, rows).size()) <= most;
}

Task resolve_task(const CSVDataOptions& options, const CsvTable& table, const CsvSource& target)
{
    const auto is_text = target.values.type == CsvColumn::Type::Text;
    if (options.task == CSVTask::Classification)
        return Task::Classification;
    if (options.task == CSVTask::Regression) {
        if (is_text)
            throw MisconfigurationError("task = \"regression\": " + table.name() + ", column \""
                + options.target
                + "\" holds text; name a column of numbers as the target, or set task = "
                  "\"classification\"");
        return Task::Regression;
    }
    if (const auto row = target.values.first_date; row >= 0) {
        const auto cell = table.cell(row, target.column);
        const bool is_time = reads_like_time(cell);
        throw DataError(table.place(row, target.column) + ": " + shown_cell(cell) + " reads like a "
            + (is_time ? "time" : "date") + ", as most of the target does; write a number instead ("
            + (is_time ? "minutes, seconds" : "days, the month, the year")
            + "), or set task = \"classification\" to predict each " + (is_time ? "time" : "date")
            + " as a class");
    }
    const auto is_class
        = is_text || (target.values.is_whole && are_few(table, target, most_csv_classes));
    return is_class ? Task::Classification : Task::Regression;
}

/// A target and what is to be learned of it.
struct Target
{
    CsvSource source;
    Task task = Task::Classification;
};

Target read_target(const CSVDataOptions& options, const CsvTable& table, const CsvEncoding* loaded)
{
    Target target;
    target.source = read_source(table, column_named(table, "target", options.target));
    auto& values = target.source.values;
    if (values.missing == table.rows())
        throw DataError(
            table.name() + ": the target column \"" + options.target + "\" holds no value");
    // Who asks for classes gets "5 %" and "10 %" as such.
    if (options.task == CSVTask::Classification && values.is_spelled)
        values.type = CsvColumn::Type::Text;
    const auto is_text = values.type == CsvColumn::Type::Text;
    if (!loaded && !is_text)
        check_numbers(table, target.source, true);
    target.task = loaded ? loaded->task : resolve_task(options, table, target.source);
    if (loaded && target.task == Task::Regression) // an unknown class is told as such
        check_numbers(table, target.source, true);
    if (target.task == Task::Classification && options.standardize_target)
        throw MisconfigurationError("standardize_target = true: the target \"" + options.target
            + "\" is a class, which has no scale; set it to false, or task to \"regression\"");
    return target;
}

std::vector<CsvSource> read_features(
    const CSVDataOptions& options, const CsvTable& table, const CsvEncoding* loaded)
{
    std::vector<CsvSource> sources;
    if (loaded) {
        for (const auto& feature : loaded->features)
            sources.push_back(read_source(
                table, column_named(table, "a column of the checkpoint", feature.name)));
    } else if (options.features) {
        for (const auto& name : *options.features)
            sources.push_back(read_source(table, column_named(table, "features", name)));
    } else {
        for (size_t column = 0; column < table.columns().size(); ++column) {
            if (table.columns()[column] == options.target)
                continue;
            table.check_name(column);
            sources.push_back(read_source(table, column));
        }
    }
    if (sources.empty())
        throw DataError(table.name() + ": holds the target \"" + options.target
            + "\" and no column to predict it from");
    for (size_t i = 0; i < sources.size(); ++i) {
        const auto is_text = loaded ? loaded->features[i].is_text
                                    : sources[i].values.type == CsvColumn::Type::Text;
        if (!is_text)
            check_numbers(table, sources[i]);
    }
    return sources;
}

CsvEncoding fit_encoding(const CSVDataOptions& options, const CsvTable& table,
    const std::vector<CsvSource>& features, const CsvSource& target, Task task,
    const CsvSplit& split)
{
    CsvEncoding encoding;
    encoding.target = options.target;
    encoding.task = task;
    encoding.decimal = table.format().decimal;
    encoding.thousands = table.format().thousands;
    for (const auto& source : features)
        encoding.features.push_back(
            fit_feature(table, source, split.train_rows(), options.standardize));
    if (encoding.width() == 0)
        throw DataError(table.name() + ": the feature columns hold no value in the training rows");
    if (task == Task::Classification) {
        for (auto& found : count_classes(table, target.column, target.values, split.rows))
            encoding.classes.push_back(std::move(found.name));
        encoding.has_number_classes = target.values.type == CsvColumn::Type::Number;
        if (encoding.classes.size() < 2)
            throw DataError(column_place(table, target.column) + " holds only the class "
                + shown_cell(encoding.classes.at(0)) + "; a classifier needs at least two");
    } else if (options.standardize_target) {
        std::tie(encoding.target_mean, encoding.target_deviation) = mean_and_deviation(
            column_place(table, target.column), target.values.numbers, split.train_rows());
    }
    return encoding;
}

/// Of all but the rows to predict.
DataSpec make_spec(const CsvEncoding& encoding, const CsvSplit& split)
{
    DataSpec spec;
    spec.feature_shape = {encoding.width()};
    spec.task = encoding.task;
    spec.outputs = encoding.task == Task::Classification ? int64_t(encoding.classes.size()) : 1;
    spec.class_names = encoding.classes;
    spec.feature_names = encoding.feature_names();
    spec.target_name = encoding.target;
    spec.target_mean = encoding.target_mean;
    spec.target_deviation = encoding.target_deviation;
    spec.train_rows = split.train;
    spec.val_rows = split.val;
    spec.test_rows = split.test;
    return spec;
}

/// The test rows in the split's order, or all in the file's; people count from 1.
std::vector<int64_t> predicted_rows(const CsvRows& rows, const CsvSplit& split)
{
    std::vector<int64_t> predicted(
        split.test > 0 ? rows.end() - split.test : rows.begin(), rows.end());
    if (split.test == 0)
        std::sort(predicted.begin(), predicted.end());
    for (auto& row : predicted)
        ++row;
    return predicted;
}

/// Where each row of the file, in the file's order, stands in `rows`.
at::Tensor positions_by_file(const CsvRows& rows)
{
    auto positions = at::empty({int64_t(rows.size())}, at::kLong);
    auto* const first = positions.mutable_data_ptr<int64_t>();
    std::iota(first, first + rows.size(), int64_t(0));
    std::sort(first, first + rows.size(),
        [&](int64_t a, int64_t b) { return rows[size_t(a)] < rows[size_t(b)]; });
    return positions;
}

/// Those of `rows`, which ascend, that are in no part of the split.
CsvRows rows_beside(const CsvRows& rows, const CsvSplit& split)
{
    auto taken = split.rows;
    std::sort(taken.begin(), taken.end());
    CsvRows others;
    std::set_difference(
        rows.begin(), rows.end(), taken.begin(), taken.end(), std::back_inserter(others));
    return others;
}

} // namespace

CSVData::CSVData(CSVDataOptions options) : options_(std::move(options))
{
    std::string problems;
    for (const auto& [option, message] : clashes_of(options_))
        problems += (problems.empty() ? "" : "\n") + option + ": " + message;
    if (!problems.empty())
        throw MisconfigurationError(problems);
}

CSVData::~CSVData() = default;

void CSVData::load()
{
    if (is_loaded_)
        return;
    const auto* const loaded = is_encoding_loaded_ ? encoding_.get() : nullptr;
    CsvFormat trained;
    if (loaded) {
        trained.decimal = loaded->decimal;
        trained.thousands = loaded->thousands;
    }
    const auto table = read_csv(options_, loaded ? &trained : nullptr);
    format_ = table.format();
    const auto features = read_features(options_, table, loaded);
    std::vector<std::string> warnings;
    std::vector<std::string> left_out;
    std::vector<std::string> not_predicted;
    const Warn warn = [&](const std::string& warning) { warnings.push_back(warning); };
    const Warn warn_of_rows = [&](const std::string& warning) { left_out.push_back(warning); };
    const Warn warn_to_predict
        = [&](const std::string& warning) { not_predicted.push_back(warning); };
    CsvSplit split;
    if (!table.doubt().empty())
        warnings_.push_back(table.doubt());
    target_problem_ = nullptr;
    try {
        const auto target = read_target(options_, table, loaded);
        split = split_rows(options_, table.name(),
            usable_rows(options_, table, features, &target.source, loaded ? warn_of_rows : warn));
        if (!loaded) {
            encoding_ = std::make_unique<CsvEncoding>(
                fit_encoding(options_, table, features, target.source, target.task, split));
            note_encoding(options_, table, features, target.source, *encoding_, split, warn);
        }
        target_ = encode_target(table, *encoding_, target.source, split.rows);
    } catch (const DataError&) {
        if (!loaded)
            throw;
        target_problem_ = std::current_exception(); // but there may be rows to predict
        split = {};
        warnings.clear();
        left_out.clear();
        target_ = unknown_target(*encoding_, 0);
    }
    auto rows = split.rows;
    if (loaded && split.test == 0 && int64_t(rows.size()) < table.rows()) {
        const auto others
            = rows_beside(usable_rows(options_, table, features, nullptr, warn_to_predict), split);
        rows.insert(rows.end(), others.begin(), others.end());
        target_ = at::cat({target_, unknown_target(*encoding_, int64_t(others.size()))});
    }
    features_ = encode_features(table, *encoding_, features, rows, warn);
    file_order_ = positions_by_file(rows);
    spec_ = make_spec(*encoding_, split);
    spec_.predict_rows = predicted_rows(rows, split);
    tell(warnings);
    predict_warnings_ = split.test > 0 ? left_out : std::move(not_predicted);
    target_warnings_ = std::move(left_out);
    is_loaded_ = true;
}

void CSVData::check_targets()
{
    load();
    if (target_problem_)
        std::rethrow_exception(target_problem_);
    tell(target_warnings_);
}

/// Once.
void CSVData::tell(std::vector<std::string>& warnings)
{
    warnings_.insert(warnings_.end(), warnings.begin(), warnings.end());
    warnings.clear();
}

const DataSpec& CSVData::spec()
{
    std::error_code unknown;
    if (is_encoding_loaded_ && !is_loaded_ && !std::filesystem::exists(options_.path, unknown))
        spec_ = make_spec(*encoding_, {}); // enough for the model, which can be exported without
                                           // its table
    else
        load();
    return spec_;
}

std::vector<std::string> CSVData::take_warnings()
{
    return std::exchange(warnings_, {});
}

Json CSVData::found_options() const
{
    if (!format_)
        return Json::object();
    return {{"sep", std::string(1, format_->separator)},
        {"decimal", std::string(1, format_->decimal)},
        {"thousands",
            format_->thousands == '\0' ? Json(nullptr) : Json(std::string(1, format_->thousands))},
        {"encoding", format_->encoding}};
}

void CSVData::setup(TrainerFn fn)
{
    if (fn != TrainerFn::Predict) {
        check_targets();
    } else if (encoding_) { // else it may come with the checkpoint, and the table has no target
        load();
        tell(predict_warnings_);
    }
}

DataLoaders CSVData::loader_of(int64_t first, int64_t count, bool is_training) const
{
    if (count == 0)
        return {};
    auto dataset = std::make_shared<TensorDataset>(std::vector<at::Tensor>{
        features_.narrow(0, first, count), target_.narrow(0, first, count)});
    return {std::make_shared<DataLoader>(std::move(dataset),
        DataLoaderOptions{.batch_size = options_.batch_size,
            .shuffle = is_training && options_.shuffle,
            .drop_last = is_training && options_.drop_last,
            .num_workers = options_.num_workers})};
}

DataLoaders CSVData::train_dataloader()
{
    check_targets();
    return loader_of(0, spec_.train_rows, true);
}

DataLoaders CSVData::val_dataloader()
{
    check_targets();
    return loader_of(spec_.train_rows, spec_.val_rows, false);
}

DataLoaders CSVData::test_dataloader()
{
    check_targets();
    return loader_of(spec_.train_rows + spec_.val_rows, spec_.test_rows, false);
}

DataLoaders CSVData::predict_dataloader()
{
    load();
    if (spec_.test_rows > 0)
        return test_dataloader();
    auto dataset = std::make_shared<TensorDataset>(std::vector<at::Tensor>{
        features_.index_select(0, file_order_), target_.index_select(0, file_order_)});
    return {std::make_shared<DataLoader>(std::move(dataset),
        DataLoaderOptions{options_.batch_size, false, false, options_.num_workers})};
}

StateTree CSVData::state_dict() const
{
    return encoding_ ? encoding_->state_dict() : StateTree();
}

void CSVData::load_state_dict(const StateTree& state)
{
    auto encoding = CsvEncoding::from_state(state);
    if (encoding.target != options_.target)
        throw CheckpointError("The checkpoint was trained to predict \"" + encoding.target
            + "\", but the target of the data is \"" + options_.target
            + "\"; name the same column.");
    is_encoding_loaded_ = true;
    if (encoding_ && *encoding_ == encoding)
        return;
    encoding_ = std::make_unique<CsvEncoding>(std::move(encoding));
    is_loaded_ = false;
}

StateTree CSVData::attribute(std::string_view key) const
{
    if (key == "drop_last")
        return StateTree(options_.drop_last);
    return key == "batch_size" ? StateTree(options_.batch_size) : StateTree();
}

bool CSVData::set_attribute(std::string_view key, const StateTree& value)
{
    if (key != "batch_size")
        return false;
    options_.batch_size = value.to_int();
    return true;
}

} // namespace leyden
