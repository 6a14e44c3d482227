// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/data/csv_data.h"

#include "engine/config/nearest_name.h"
#include "engine/core/errors.h"
#include "engine/data/csv_encoding.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/randperm.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numeric>
#include <span>
#include <system_error>
#include <tuple>
#include <utility>

namespace leyden {
namespace {

using Rows = std::vector<int64_t>;

/// Rows of the file in the order train, validation, test.
struct Split
{
    Rows rows;
    int64_t train = 0;
    int64_t val = 0;
    int64_t test = 0;

    std::span<const int64_t> train_rows() const { return {rows.data(), size_t(train)}; }
};

size_t column_named(const CsvTable& table, const std::string& option, const std::string& name)
{
    if (const auto column = table.find(name))
        return *column;
    const auto& columns = table.columns();
    auto message = table.name() + ": has no column \"" + name + "\" (" + option + ")"
        + did_you_mean(name, columns);
    message += columns.size() == 1 ? "; its only column is " : "; its columns are ";
    constexpr size_t shown = 40;
    for (size_t i = 0; i < std::min(columns.size(), shown); ++i)
        message += (i > 0 ? ", \"" : "\"") + columns[i] + "\"";
    if (columns.size() > shown)
        message += " and " + std::to_string(columns.size() - shown) + " more";
    if (columns.size() == 1 && columns[0].find_first_of(";\t") != std::string::npos)
        message += "; fields have to be separated by commas";
    throw DataError(message);
}

CsvSource read_source(const CsvTable& table, size_t column)
{
    return {column, read_column(table, column)};
}

/// Throws where a column of numbers holds something else.
void check_numbers(const CsvTable& table, const CsvSource& source)
{
    const auto row = source.values.first_bad;
    if (row < 0)
        return;
    const auto cell = std::string(table.cell(row, source.column));
    if (source.values.cells[size_t(row)] == CsvCell::Infinite)
        throw DataError(
            table.place(row, source.column) + ": \"" + cell + "\" is not a finite number");
    throw DataError(table.place(row, source.column) + ": \"" + cell
        + "\" stands in a column of numbers; correct it, empty it, or leave the column out with "
          "`features`");
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
    constexpr int64_t most_classes = 20;
    const auto is_class = is_text
        || (target.values.is_whole
            && count_distinct(target.values.numbers, most_classes) <= most_classes);
    return is_class ? Task::Classification : Task::Regression;
}

/// The rows that are used, after the option `missing`.
Rows usable_rows(const CSVDataOptions& options, const CsvTable& table,
    const std::vector<CsvSource>& features, const CsvSource& target)
{
    const auto is_missing = [](const CsvSource& source, int64_t row) {
        return source.values.cells[size_t(row)] == CsvCell::Missing;
    };
    Rows rows;
    for (int64_t row = 0; row < table.rows(); ++row) {
        const auto* lacking = is_missing(target, row) ? &target : nullptr;
        if (!lacking && options.missing != MissingValues::Mean)
            for (const auto& source : features)
                if (source.values.missing > 0 && is_missing(source, row)) {
                    lacking = &source;
                    break;
                }
        if (lacking && options.missing == MissingValues::Error)
            throw DataError(table.place(row, lacking->column)
                + ": the value is missing; fill it in, or set missing = \"drop\" or \"mean\"");
        if (lacking && options.missing == MissingValues::Mean)
            throw DataError(table.place(row, lacking->column)
                + ": the target is missing, and no mean can stand for it; set missing = \"drop\" "
                  "or remove the row");
        if (!lacking)
            rows.push_back(row);
    }
    if (rows.empty())
        throw DataError(table.name()
            + ": every row lacks a value, so missing = \"drop\" leaves none; "
              "leave the emptiest columns out with `features`");
    return rows;
}

Split split_rows(const CSVDataOptions& options, const std::string& file, Rows rows)
{
    const auto count = int64_t(rows.size());
    const auto val_rows = options.val_rows.value_or(0);
    const auto test_rows = options.test_rows.value_or(0);
    if (val_rows >= count || test_rows >= count || val_rows + test_rows >= count)
        throw DataError(file + ": " + std::to_string(count)
            + " rows leave none for training after val_rows = " + std::to_string(val_rows)
            + " and test_rows = " + std::to_string(test_rows) + "; lower them");
    Split split{std::move(rows), count - val_rows - test_rows, val_rows, test_rows};
    const auto val_fraction = options.val_fraction.value_or(options.val_rows ? 0.0 : 0.2);
    const auto test_fraction = options.test_fraction.value_or(0.0);
    if (val_fraction == 0.0 && test_fraction == 0.0)
        return split;

    const auto drawn = split.train;
    auto generator = at::make_generator<at::CPUGeneratorImpl>(uint64_t(options.split_seed));
    const auto order = at::randperm(drawn, generator, at::kLong);
    const Rows before(split.rows.begin(), split.rows.begin() + drawn);
    for (int64_t i = 0; i < drawn; ++i)
        split.rows[size_t(i)] = before[size_t(order.const_data_ptr<int64_t>()[i])];
    const auto drawn_val = int64_t(std::floor(double(drawn) * val_fraction));
    const auto drawn_test = int64_t(std::floor(double(drawn) * test_fraction));
    split.val += drawn_val;
    split.test += drawn_test;
    split.train -= drawn_val + drawn_test;
    return split;
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
        for (size_t column = 0; column < table.columns().size(); ++column)
            if (table.columns()[column] != options.target)
                sources.push_back(read_source(table, column));
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
    const std::vector<CsvSource>& features, const CsvSource& target, Task task, const Split& split)
{
    CsvEncoding encoding;
    encoding.target = options.target;
    encoding.task = task;
    for (const auto& source : features)
        encoding.features.push_back(
            fit_feature(table, source, split.train_rows(), options.standardize));
    if (encoding.width() == 0)
        throw DataError(table.name() + ": the feature columns hold no value in the training rows");
    if (task == Task::Classification) {
        encoding.classes = sorted_classes(table, target, split.rows);
        encoding.has_number_classes = target.values.type == CsvColumn::Type::Number;
        if (encoding.classes.size() < 2)
            throw DataError(table.name() + ": column \"" + options.target
                + "\" holds only the class \"" + encoding.classes.at(0)
                + "\"; a classifier needs at least two");
    } else if (options.standardize_target) {
        std::tie(encoding.target_mean, encoding.target_deviation)
            = mean_and_deviation(target.values.numbers, split.train_rows());
    }
    return encoding;
}

DataSpec make_spec(const CsvEncoding& encoding, const Split& split)
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
    const auto first = split.test > 0 ? split.rows.end() - split.test : split.rows.begin();
    spec.predict_rows.assign(first, split.rows.end());
    if (split.test == 0)
        std::sort(spec.predict_rows.begin(), spec.predict_rows.end());
    for (auto& row : spec.predict_rows)
        ++row; // people count from 1
    return spec;
}

/// Where each row of the file, in the file's order, stands in `rows`.
at::Tensor positions_by_file(const Rows& rows)
{
    auto positions = at::empty({int64_t(rows.size())}, at::kLong);
    auto* const first = positions.mutable_data_ptr<int64_t>();
    std::iota(first, first + rows.size(), int64_t(0));
    std::sort(first, first + rows.size(),
        [&](int64_t a, int64_t b) { return rows[size_t(a)] < rows[size_t(b)]; });
    return positions;
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
    const auto table = CsvTable::read(options_.path);
    const auto* const loaded = is_encoding_loaded_ ? encoding_.get() : nullptr;
    const auto target = read_source(table, column_named(table, "target", options_.target));
    if (target.values.missing == table.rows())
        throw DataError(
            table.name() + ": the target column \"" + options_.target + "\" holds no value");
    const auto task = loaded ? loaded->task : resolve_task(options_, table, target);
    const auto has_text_classes = loaded
        ? task == Task::Classification && !loaded->has_number_classes
        : target.values.type == CsvColumn::Type::Text;
    if (!has_text_classes)
        check_numbers(table, target);
    if (task == Task::Classification && options_.standardize_target)
        throw MisconfigurationError("standardize_target = true: the target \"" + options_.target
            + "\" is a class, which has no scale; set it to false, or task to \"regression\"");
    const auto features = read_features(options_, table, loaded);
    const auto split
        = split_rows(options_, table.name(), usable_rows(options_, table, features, target));
    if (!loaded)
        encoding_ = std::make_unique<CsvEncoding>(
            fit_encoding(options_, table, features, target, task, split));

    features_ = encode_features(table, *encoding_, features, split.rows,
        [this](const std::string& warning) { warnings_.push_back(warning); });
    target_ = encode_target(table, *encoding_, target, split.rows);
    file_order_ = positions_by_file(split.rows);
    spec_ = make_spec(*encoding_, split);
    is_loaded_ = true;
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

void CSVData::setup(TrainerFn)
{
    load();
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
    load();
    return loader_of(0, spec_.train_rows, true);
}

DataLoaders CSVData::val_dataloader()
{
    load();
    return loader_of(spec_.train_rows, spec_.val_rows, false);
}

DataLoaders CSVData::test_dataloader()
{
    load();
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
