// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/data/csv_data_options.h"

#include <algorithm>
#include <set>

namespace leyden {

namespace {

/// How the file is written, as pandas' read_csv names it.
void describe_format(OptionTable<CSVDataOptions>& table)
{
    using Options = CSVDataOptions;
    constexpr auto found = "auto: found in the first 64 KiB, and written to the run's config.json; "
                           "a later row that is written otherwise is an error. ";
    table.add("sep", &Options::sep, "Sign between the columns")
        .pattern(R"(auto|tab|\\t|[\t ,;|:^~#!&/*_])", "\"auto\", \"tab\" or one sign such as \";\"")
        .advanced()
        .details(std::string(found) + "Of comma, semicolon, tab and vertical bar.");
    table.add("decimal", &Options::decimal, "Decimal sign of numbers")
        .choices({"auto", ".", ","})
        .advanced()
        .details(std::string(found)
            + "A comma is taken where a number can be nothing else (\"3,14\") and none has a "
              "point.");
    table.add("thousands", &Options::thousands, "Sign between groups of three digits")
        .choices({"auto", ",", ".", " ", "'", "_"})
        .advanced()
        .details(std::string(found)
            + "Null: none. \"1,107\" alone may be either, so it is taken for thousands only where "
              "other numbers have a decimal point.");
    table.add("encoding", &Options::encoding, "Encoding of the text")
        .choices(
            {"auto", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1", "cp1252"})
        .ignore_case()
        .advanced()
        .details(found);
    table.add("na_values", &Options::na_values, "Texts that mark a missing value")
        .advanced()
        .details(
            "In all columns, without the spaces around them; \"\" is an empty cell, and NaN may "
            "be written in any case. `leyden new config` proposes what a table seems to use.");
}

} // namespace

void describe(OptionTable<CSVDataOptions>& table)
{
    using Options = CSVDataOptions;
    table.begin_group("File");
    table.add("path", &Options::path, "CSV file, or .csv.gz").required().not_empty().input_path();
    table.add("target", &Options::target, "Column to predict")
        .required()
        .not_empty()
        .names_of(NamesOf::Columns);
    table.add("features", &Options::features, "Columns to predict from")
        .names_of(NamesOf::Columns)
        .details("Unset: all columns but the target. Text columns are one-hot encoded.");
    table.add("task", &Options::task, "Predict a class or a number")
        .choices({{"auto", CSVTask::Auto}, {"classification", CSVTask::Classification},
            {"regression", CSVTask::Regression}})
        .details("auto: text, or whole numbers with at most 20 distinct values, is classification; "
                 "else regression.");
    table.add("missing", &Options::missing, "What to do with missing values")
        .choices({{"error", MissingValues::Error}, {"drop", MissingValues::Drop},
            {"mean", MissingValues::Mean}})
        .details("Missing is what na_values lists. error: stop and name the place. drop: leave "
                 "the row out, before rows are counted. mean: the mean of the training rows; a "
                 "missing text becomes all zeros.");
    describe_format(table);

    table.begin_group("Batches");
    table.add("batch_size", &Options::batch_size, "Rows a batch").at_least(1).unit("rows");
    table.add("shuffle", &Options::shuffle, "Shuffle the training rows in each epoch");
    table.add("drop_last", &Options::drop_last, "Leave out a last training batch that is not full")
        .advanced();
    table.add("num_workers", &Options::num_workers, "Threads that fetch batches ahead")
        .at_least(0)
        .at_most(256)
        .unit("threads")
        .advanced()
        .details("Changes no result. Rows in memory are fetched fast enough without. There are "
                 "never more "
                 "threads than batches, and 256 at most.");

    table.begin_group("Split");
    table
        .add("val_fraction", &Options::val_fraction,
            "Share of the rows for validation, drawn at random")
        .at_least(0)
        .below(1)
        .details("Unset: 0.2, or 0 where val_rows is given. Rounded down to whole rows.");
    table
        .add("test_fraction", &Options::test_fraction,
            "Share of the rows for testing, drawn at random")
        .at_least(0)
        .below(1)
        .details("Unset: 0. Rounded down to whole rows.");
    table
        .add(
            "val_rows", &Options::val_rows, "Rows for validation, counted from the end of the file")
        .at_least(0)
        .unit("rows")
        .advanced()
        .details("In the file's order: training rows, then validation, then test rows.");
    table.add("test_rows", &Options::test_rows, "Rows for testing, at the end of the file")
        .at_least(0)
        .unit("rows")
        .advanced();
    table.add("split_seed", &Options::split_seed, "Seed of the random split")
        .at_least(0)
        .advanced()
        .details("Independent of seed_everything, so that runs with other seeds validate on the "
                 "same rows.");

    table.begin_group("Scaling");
    table
        .add("standardize", &Options::standardize, "Scale number columns to mean 0 and deviation 1")
        .details("By the training rows' mean and standard deviation (divisor n); one-hot columns "
                 "are left alone.");
    table.add("standardize_target", &Options::standardize_target, "Scale a numeric target too")
        .advanced()
        .details("Metrics in the target's own unit are scaled back.");

    table.check([](const Options& options, OptionClashes& clashes) {
        for (auto& [option, message] : clashes_of(options))
            clashes.add(option, message);
    });
}

std::vector<std::pair<std::string, std::string>> clashes_of(const CSVDataOptions& options)
{
    std::vector<std::pair<std::string, std::string>> clashes;
    const auto has_rows = options.val_rows || options.test_rows;
    if (has_rows && (options.val_fraction || options.test_fraction))
        clashes.emplace_back(options.val_fraction ? "val_fraction" : "test_fraction",
            "clashes with " + std::string(options.val_rows ? "val_rows" : "test_rows")
                + "; give rows or fractions, not both");
    if (options.val_fraction.value_or(has_rows ? 0.0 : 0.2) + options.test_fraction.value_or(0.0)
        >= 1.0)
        clashes.emplace_back("test_fraction",
            "val_fraction and test_fraction together leave no training rows; expected a sum below "
            "1");
    if (options.decimal != "auto" && options.thousands == options.decimal)
        clashes.emplace_back(
            "thousands", "is the decimal sign too; expected another sign, or null for none");
    if (options.standardize_target && options.task == CSVTask::Classification)
        clashes.emplace_back("standardize_target",
            "true clashes with task = \"classification\"; classes have no scale");
    if (options.features) {
        const auto& features = *options.features;
        if (features.empty())
            clashes.emplace_back(
                "features", "is an empty list; expected at least one column, or null for all");
        if (std::find(features.begin(), features.end(), options.target) != features.end())
            clashes.emplace_back("features",
                "holds the target \"" + options.target + "\"; a model would just copy it");
        std::set<std::string> seen;
        for (const auto& feature : features)
            if (!seen.insert(feature).second)
                clashes.emplace_back("features", "names \"" + feature + "\" twice");
    }
    return clashes;
}

} // namespace leyden
