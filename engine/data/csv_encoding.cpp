// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/data/csv_encoding.h"

#include "engine/core/errors.h"
#include "engine/data/csv_spelling.h"
#include "engine/data/csv_words.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
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

/// Rounded once, to what the model computes in.
float to_float32(const CsvTable& table, const CsvSource& source, int64_t row, double value)
{
    const auto rounded = float(value);
    if (!std::isfinite(rounded))
        throw DataError(table.place(row, source.column) + ": "
            + shown_cell(table.cell(row, source.column)) + " becomes " + shortest_text(value)
            + ", which is beyond float32 (about 3.4e+38); correct it, or give the column in a "
              "larger unit");
    return rounded;
}

void encode_numbers(const CsvTable& table, const CsvFeature& feature, const CsvSource& source,
    std::span<const int64_t> rows, float* out, int64_t stride)
{
    for (const auto row : rows) {
        const auto number = source.values.numbers[size_t(row)];
        // In double, and rounded once: what NumPy gives for ((x - mean) /
        // deviation).astype(float32).
        *out = to_float32(table, source, row,
            ((std::isnan(number) ? feature.fill : number) - feature.mean) / feature.deviation);
        out += stride;
    }
}

/// Finds the index of a text. Where all texts are True or False, however they are written, every
/// spelling of them is known.
class TextIndex
{
public:
    explicit TextIndex(const std::vector<std::string>& texts)
    {
        for (size_t i = 0; i < texts.size(); ++i) {
            positions_.emplace(texts[i], int64_t(i));
            const auto value = read_boolean(texts[i]);
            is_boolean_ = is_boolean_ && value && booleans_[*value] < 0;
            if (value)
                booleans_[*value] = int64_t(i);
        }
    }

    int64_t find(std::string_view text) const ///< -1: none
    {
        if (const auto found = positions_.find(text); found != positions_.end())
            return found->second;
        const auto value = is_boolean_ ? read_boolean(text) : std::nullopt;
        return value ? booleans_[*value] : -1;
    }

private:
    std::unordered_map<std::string_view, int64_t> positions_;
    bool is_boolean_ = true;
    int64_t booleans_[2] = {-1, -1};
};

void encode_texts(const CsvTable& table, const CsvFeature& feature, const CsvSource& source,
    std::span<const int64_t> rows, float* out, int64_t stride,
    const std::function<void(const std::string&)>& warn)
{
    const TextIndex index(feature.categories);
    int64_t unknown = 0;
    int64_t first_unknown = 0;
    for (const auto row : rows) {
        if (!source.is_missing(row)) {
            const auto found = index.find(table.cell(row, source.column));
            if (found >= 0)
                out[found] = 1.0F;
            else if (unknown++ == 0)
                first_unknown = row;
        }
        out += stride;
    }
    if (unknown > 0)
        warn(table.place(first_unknown, source.column) + ": "
            + shown_cell(table.cell(first_unknown, source.column))
            + " does not occur in the training rows; it is encoded as none of the known texts ("
            + std::to_string(unknown) + (unknown == 1 ? " row)" : " rows of the column)"));
}

/// Throws where a column that is not scaled holds numbers, but only such as are 0 in float32.
void check_not_all_tiny(
    const CsvTable& table, const CsvSource& source, std::span<const int64_t> rows)
{
    const auto& numbers = source.values.numbers;
    const auto is_lost = [&](int64_t row) {
        return std::isnan(numbers[size_t(row)]) || float(numbers[size_t(row)]) == 0.0F;
    };
    const auto is_tiny
        = [&](int64_t row) { return is_lost(row) && std::abs(numbers[size_t(row)]) > 0; };
    const auto found = std::find_if(rows.begin(), rows.end(), is_tiny);
    if (found != rows.end() && std::all_of(rows.begin(), rows.end(), is_lost))
        throw DataError(table.place(*found, source.column) + ": "
            + shown_cell(table.cell(*found, source.column))
            + " is 0 in float32, as all numbers of the column are; give it in a smaller unit");
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
        {"decimal", std::string(1, decimal)},
        {"thousands", thousands == '\0' ? std::string() : std::string(1, thousands)},
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
    const auto sign = [&state](const char* key, char usual) { // files of 0.1 have none
        const auto* text = state.find(key);
        return !text ? usual : text->to_string().empty() ? '\0' : text->to_string().front();
    };
    encoding.decimal = sign("decimal", encoding.decimal);
    encoding.thousands = sign("thousands", encoding.thousands);
    encoding.target_mean = state.at("target_mean").to_double();
    encoding.target_deviation = state.at("target_deviation").to_double();
    return encoding;
}

std::pair<double, double> mean_and_deviation(
    const std::string& column, const std::vector<double>& numbers, std::span<const int64_t> rows)
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
    if (!std::isfinite(squares))
        throw DataError(column
            + ": the numbers are too large to standardize, since their sum or that of their "
              "squares is beyond double (about 1.8e+308); give the column in a larger unit");
    if (squares < std::numeric_limits<double>::min())
        throw DataError(column
            + ": the numbers are too close together to standardize, since the squares of their "
              "differences are below double (about 2.2e-308); give the column in a smaller unit");
    return {mean, std::sqrt(squares / count)};
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
            if (!source.is_missing(row))
                categories.insert(category_of(source.values, table.cell(row, source.column)));
        if (categories.size() > max_csv_categories)
            throw DataError(column_place(table, source.column) + " holds "
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
        if (!source.is_missing(row)) {
            sum += numbers[size_t(row)];
            ++count;
        }
    }
    if (count == 0)
        throw DataError(column_place(table, source.column)
            + " holds no value in the training rows; leave it out with `features`");
    feature.fill = sum / double(count);
    for (const auto row : train_rows)
        if (source.is_missing(row))
            numbers[size_t(row)] = feature.fill;
    if (standardize)
        std::tie(feature.mean, feature.deviation)
            = mean_and_deviation(column_place(table, source.column), numbers, train_rows);
    else
        check_not_all_tiny(table, source, train_rows);
    return feature;
}

std::string column_place(const CsvTable& table, size_t column)
{
    return table.name() + ": column " + shown_cell(table.columns()[column]);
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
            encode_numbers(table, feature, sources[i], rows, out, width);
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
            *out++ = to_float32(table, source, row,
                (source.values.numbers[size_t(row)] - encoding.target_mean)
                    / encoding.target_deviation);
        if (encoding.target_deviation == 1.0 && encoding.target_mean == 0.0)
            check_not_all_tiny(table, source, rows);
        return target;
    }

    const TextIndex by_text(encoding.classes);
    std::unordered_map<std::string, int64_t> by_value;
    const auto key_of = [](const CsvCellReader& reader, std::string_view cell) {
        return NumberKey::of(reader.plain(cell).value_or(std::string(cell))).text();
    };
    CsvFormat trained;
    trained.decimal = encoding.decimal;
    trained.thousands = encoding.thousands;
    const CsvCellReader class_reader(trained);
    if (encoding.has_number_classes)
        for (size_t i = 0; i < encoding.classes.size(); ++i)
            by_value.emplace(key_of(class_reader, encoding.classes[i]), int64_t(i));
    const auto find = [&](std::string_view cell) -> int64_t {
        if (!encoding.has_number_classes)
            return by_text.find(cell);
        auto number = 0.0;
        if (table.reader().read(cell, number) != CsvCell::Number)
            return -1;
        const auto found = by_value.find(key_of(table.reader(), cell));
        return found == by_value.end() ? -1 : found->second;
    };
    std::unordered_map<std::string_view, int64_t> known; // cells as written
    auto target = at::empty({count}, at::kLong);
    auto* out = target.mutable_data_ptr<int64_t>();
    for (const auto row : rows) {
        const auto cell = table.cell(row, source.column);
        const auto [found, is_new] = known.emplace(cell, -1);
        if (is_new)
            found->second = find(cell);
        if (found->second < 0)
            throw DataError(table.place(row, source.column) + ": class " + shown_cell(cell)
                + " is none of those the model was trained on");
        *out++ = found->second;
    }
    return target;
}

at::Tensor unknown_target(const CsvEncoding& encoding, int64_t rows)
{
    return encoding.task == Task::Regression
        ? at::full({rows, 1}, std::numeric_limits<double>::quiet_NaN(), at::kFloat)
        : at::full({rows}, -1, at::kLong);
}

} // namespace leyden
