// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/data/csv_encoding.h"

#include "engine/core/errors.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <tuple>
#include <unordered_map>
#include <utility>

namespace leyden {
namespace {

StateTree strings(const std::vector<std::string>& texts)
{
    auto list = StateTree::list();
    for (const auto& text : texts)
        list.push_back(text);
    return list;
}

std::vector<std::string> read_strings(const StateTree& list)
{
    std::vector<std::string> texts;
    for (const auto& item : list.items())
        texts.push_back(item.to_string());
    return texts;
}

bool is_missing(const CsvSource& source, int64_t row)
{
    return source.values.cells[size_t(row)] == CsvCell::Missing;
}

double class_value(const std::string& name)
{
    auto value = std::numeric_limits<double>::quiet_NaN();
    std::from_chars(name.data(), name.data() + name.size(), value);
    return value;
}

void encode_numbers(const CsvFeature& feature, const CsvSource& source,
    std::span<const int64_t> rows, float* out, int64_t stride)
{
    for (const auto row : rows) {
        const auto number = source.values.numbers[size_t(row)];
        // In double, and rounded once: what NumPy gives for ((x - mean) /
        // deviation).astype(float32).
        *out = float(
            ((std::isnan(number) ? feature.fill : number) - feature.mean) / feature.deviation);
        out += stride;
    }
}

void encode_texts(const CsvTable& table, const CsvFeature& feature, const CsvSource& source,
    std::span<const int64_t> rows, float* out, int64_t stride,
    const std::function<void(const std::string&)>& warn)
{
    std::unordered_map<std::string_view, int64_t> positions;
    for (size_t i = 0; i < feature.categories.size(); ++i)
        positions.emplace(feature.categories[i], int64_t(i));
    int64_t unknown = 0;
    int64_t first_unknown = 0;
    for (const auto row : rows) {
        if (!is_missing(source, row)) {
            const auto found = positions.find(table.cell(row, source.column));
            if (found != positions.end())
                out[found->second] = 1.0F;
            else if (unknown++ == 0)
                first_unknown = row;
        }
        out += stride;
    }
    if (unknown > 0)
        warn(table.place(first_unknown, source.column) + ": \""
            + std::string(table.cell(first_unknown, source.column))
            + "\" does not occur in the training rows; it is encoded as none of the known texts ("
            + std::to_string(unknown) + (unknown == 1 ? " row)" : " rows of the column)"));
}

} // namespace

int64_t CsvEncoding::width() const
{
    int64_t width = 0;
    for (const auto& feature : features)
        width += feature.is_text ? int64_t(feature.categories.size()) : 1;
    return width;
}

std::vector<std::string> CsvEncoding::feature_names() const
{
    std::vector<std::string> names;
    for (const auto& feature : features) {
        if (!feature.is_text)
            names.push_back(feature.name);
        for (const auto& category : feature.categories)
            names.push_back(feature.name + "=" + category);
    }
    return names;
}

StateTree CsvEncoding::state_dict() const
{
    auto columns = StateTree::list();
    for (const auto& feature : features) {
        auto column = StateTree::dict({{"name", feature.name}});
        if (feature.is_text) {
            column.set("categories", strings(feature.categories));
        } else {
            column.set("fill", feature.fill);
            column.set("mean", feature.mean);
            column.set("deviation", feature.deviation);
        }
        columns.push_back(std::move(column));
    }
    return StateTree::dict({
        {"columns", std::move(columns)},
        {"target", target},
        {"task", task == Task::Classification ? "classification" : "regression"},
        {"classes", strings(classes)},
        {"has_number_classes", has_number_classes},
        {"target_mean", target_mean},
        {"target_deviation", target_deviation},
    });
}

CsvEncoding CsvEncoding::from_state(const StateTree& state)
{
    CsvEncoding encoding;
    for (const auto& column : state.at("columns").items()) {
        CsvFeature feature;
        feature.name = column.at("name").to_string();
        if (const auto* categories = column.find("categories")) {
            feature.is_text = true;
            feature.categories = read_strings(*categories);
        } else {
            feature.fill = column.at("fill").to_double();
            feature.mean = column.at("mean").to_double();
            feature.deviation = column.at("deviation").to_double();
        }
        encoding.features.push_back(std::move(feature));
    }
    encoding.target = state.at("target").to_string();
    encoding.task = state.at("task").to_string() == "classification" ? Task::Classification
                                                                     : Task::Regression;
    encoding.classes = read_strings(state.at("classes"));
    encoding.has_number_classes = state.at("has_number_classes").to_bool();
    encoding.target_mean = state.at("target_mean").to_double();
    encoding.target_deviation = state.at("target_deviation").to_double();
    return encoding;
}

std::pair<double, double> mean_and_deviation(
    const std::vector<double>& numbers, std::span<const int64_t> rows)
{
    const auto first = numbers[size_t(rows.front())];
    if (std::all_of(
            rows.begin(), rows.end(), [&](int64_t row) { return numbers[size_t(row)] == first; }))
        return {first, 1.0}; // a rounded mean would leave a deviation near 0 to divide by
    // Row after row, as NumPy sums an array of rows along axis 0: the same bits.
    const auto count = double(rows.size());
    auto sum = 0.0;
    for (const auto row : rows)
        sum += numbers[size_t(row)];
    const auto mean = sum / count;
    auto squares = 0.0;
    for (const auto row : rows)
        squares += (numbers[size_t(row)] - mean) * (numbers[size_t(row)] - mean);
    const auto deviation = std::sqrt(squares / count);
    return {mean, deviation > 0.0 ? deviation : 1.0};
}

CsvFeature fit_feature(const CsvTable& table, const CsvSource& source,
    std::span<const int64_t> train_rows, bool standardize)
{
    CsvFeature feature;
    feature.name = table.columns()[source.column];
    feature.is_text = source.values.type == CsvColumn::Type::Text;
    if (feature.is_text) {
        std::set<std::string_view> categories;
        for (const auto row : train_rows)
            if (!is_missing(source, row))
                categories.insert(table.cell(row, source.column));
        if (categories.size() > max_csv_categories)
            throw DataError(table.name() + ": column \"" + feature.name + "\" holds "
                + std::to_string(categories.size()) + " different texts, more than the "
                + std::to_string(max_csv_categories)
                + " that can be told apart as categories; leave the column out with `features`");
        feature.categories.assign(categories.begin(), categories.end());
        return feature;
    }

    auto numbers = source.values.numbers;
    auto sum = 0.0;
    int64_t count = 0;
    for (const auto row : train_rows) {
        if (!is_missing(source, row)) {
            sum += numbers[size_t(row)];
            ++count;
        }
    }
    if (count == 0)
        throw DataError(table.name() + ": column \"" + feature.name
            + "\" holds no value in the training rows; leave it out with `features`");
    feature.fill = sum / double(count);
    for (const auto row : train_rows)
        if (is_missing(source, row))
            numbers[size_t(row)] = feature.fill;
    if (standardize)
        std::tie(feature.mean, feature.deviation) = mean_and_deviation(numbers, train_rows);
    return feature;
}

std::vector<std::string> sorted_classes(
    const CsvTable& table, const CsvSource& target, std::span<const int64_t> rows)
{
    std::vector<std::string> classes;
    if (target.values.type == CsvColumn::Type::Text) {
        std::set<std::string_view> texts;
        for (const auto row : rows)
            texts.insert(table.cell(row, target.column));
        classes.assign(texts.begin(), texts.end());
        return classes;
    }
    std::set<double> values;
    for (const auto row : rows)
        values.insert(target.values.numbers[size_t(row)]);
    for (const auto value : values)
        classes.push_back(shortest_text(value));
    return classes;
}

at::Tensor encode_features(const CsvTable& table, const CsvEncoding& encoding,
    const std::vector<CsvSource>& sources, std::span<const int64_t> rows,
    const std::function<void(const std::string&)>& warn)
{
    const auto width = encoding.width();
    auto features = at::zeros({int64_t(rows.size()), width}, at::kFloat);
    auto* out = features.mutable_data_ptr<float>();
    for (size_t i = 0; i < sources.size(); ++i) {
        const auto& feature = encoding.features[i];
        if (feature.is_text) {
            encode_texts(table, feature, sources[i], rows, out, width, warn);
            out += feature.categories.size();
        } else {
            encode_numbers(feature, sources[i], rows, out, width);
            ++out;
        }
    }
    return features;
}

at::Tensor encode_target(const CsvTable& table, const CsvEncoding& encoding,
    const CsvSource& source, std::span<const int64_t> rows)
{
    const auto count = int64_t(rows.size());
    if (encoding.task == Task::Regression) {
        auto target = at::empty({count, 1}, at::kFloat);
        auto* out = target.mutable_data_ptr<float>();
        for (const auto row : rows)
            *out++ = float((source.values.numbers[size_t(row)] - encoding.target_mean)
                / encoding.target_deviation);
        return target;
    }

    std::map<double, int64_t> by_value;
    std::map<std::string_view, int64_t> by_text;
    for (size_t i = 0; i < encoding.classes.size(); ++i) {
        by_text.emplace(encoding.classes[i], int64_t(i));
        if (encoding.has_number_classes)
            by_value.emplace(class_value(encoding.classes[i]), int64_t(i));
    }
    const auto find = [&](int64_t row) -> int64_t {
        if (encoding.has_number_classes) {
            const auto number = source.values.numbers[size_t(row)];
            const auto found = std::isnan(number) ? by_value.end() : by_value.find(number);
            return found == by_value.end() ? -1 : found->second;
        }
        const auto found = by_text.find(table.cell(row, source.column));
        return found == by_text.end() ? -1 : found->second;
    };
    auto target = at::empty({count}, at::kLong);
    auto* out = target.mutable_data_ptr<int64_t>();
    for (const auto row : rows) {
        *out = find(row);
        if (*out++ < 0)
            throw DataError(table.place(row, source.column) + ": class \""
                + std::string(table.cell(row, source.column))
                + "\" is none of those the model was trained on");
    }
    return target;
}

} // namespace leyden
