// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/data_findings.h"
#include "engine/core/data_module.h"
#include "engine/core/data_targets.h"
#include "engine/core/data_warnings.h"
#include "engine/core/export.h"
#include "engine/data/csv_data_options.h"
#include "engine/data/csv_format.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace leyden {

struct CsvEncoding;

/// Rows of a CSV file: features and one target column, split, encoded and scaled.
///
/// Batch:    tuple (features [N, F] float32, target), CPU; target [N] int64 for classification,
///           [N, 1] float32 for regression.
/// Columns:  a column is of numbers if all its values are; one that mixes mostly numbers with some
///           text is an error, and so is one of numbers that are written as text ("$5", "5 %",
///           "12 kg", or thousands and decimals in another way than the file's format); else it is
///           text. Missing is what na_values lists: an empty cell, "NA" or "NaN"; "inf" is an
///           error in a column of numbers, and so is what is beyond float32 once it is scaled. Text
///           is one-hot encoded over the texts of the training rows, sorted, at most 1000; a text
///           that only other rows have becomes all zeros, with a warning. True and False count as
///           one text each where they are spelled in several ways (true, TRUE). Only columns that
///           are used need a name of their own.
/// Format:   what sep, decimal, thousands and encoding leave to "auto" is found once, in the first
///           64 KiB (read_csv), and found_options() says it.
/// Missing:  Error stops; Drop leaves out each row that lacks a used value, before rows are
///           counted, and warns how many; Mean puts in the training rows' mean, and all zeros for a
///           text, but stops where the target is missing.
/// Classes:  sorted (numbers by value, else by text) over all rows, so that every row has one.
///           Numbers are told apart by their exact value, however long ("1" and "1.0" are one), and
///           named as the file writes them. A target of dates is an error unless task says
///           Classification.
/// Split:    with val_rows or test_rows from the end of the file: train, validation, test. What
///           is left to fractions is drawn by randperm of a private generator seeded with
///           split_seed over those rows, train first: floor(n * fraction) rows for validation and
///           for testing, the rest for training. Of test_rows alone, val_fraction takes its 0.2 of
///           the rows before them.
/// Scaling:  (value - mean) / deviation in double over the training rows, in the split's order,
///           divisor n, rounded once to float32; equal values are only centred.
/// Loaders:  training shuffles and drops the last batch as told, the others never do. There is
///           none for a part without rows. Prediction takes the test rows, or all rows in the
///           file's order where there are none.
/// Predict:  with a loaded state the target is not needed: where it is missing, or holds what
///           nothing can be learned from, prediction takes all rows whose features can be used, and
///           their target in a batch is -1, or not-a-number for regression. Anything else but
///           prediction throws what is wrong with the target (check_targets).
/// Warnings: take_warnings() tells what can be used, but hardly as meant (csv_notes.h). With a
///           loaded state it tells of the rows left out once it is known what the data is for:
///           prediction leaves out fewer.
/// State:    the encoding (columns, categories, classes, means, deviations); once loaded it is used
///           instead of fitting, and its columns instead of `features`.
/// Random:   reading draws nothing from the default generator. The file is read once, or once
///           more if a loaded state differs from what was fitted.
/// Throws:   MisconfigurationError for options that clash (constructor) or do not fit the file
///           (spec); DataError for the file and what it holds (spec); CheckpointError for a state
///           of another target (load_state_dict).
class LEYDEN_API CSVData final : public LightningDataModule,
                                 public DataFindings,
                                 public DataTargets,
                                 public DataWarnings
{
public:
    explicit CSVData(CSVDataOptions options);
    ~CSVData() override;

    std::string name() const override { return "CSVData"; }
    const DataSpec& spec() override;
    void setup(TrainerFn fn) override;
    DataLoaders train_dataloader() override;
    DataLoaders val_dataloader() override;
    bool has_val_dataloader() override { return spec().val_rows > 0; }
    DataLoaders test_dataloader() override;
    DataLoaders predict_dataloader() override;
    StateTree state_dict() const override; ///< None before the file was read
    void load_state_dict(const StateTree& state) override;
    void check_targets() override;
    std::vector<std::string> take_warnings() override;
    Json found_options() const override; ///< sep, decimal, thousands, encoding

    /// "batch_size", and "drop_last", which cannot be set
    StateTree attribute(std::string_view key) const override;
    bool set_attribute(std::string_view key, const StateTree& value) override;

    const CSVDataOptions& options() const { return options_; }

private:
    void load();
    void tell(std::vector<std::string>& warnings);
    DataLoaders loader_of(int64_t first, int64_t count, bool is_training) const;

    CSVDataOptions options_;
    std::unique_ptr<CsvEncoding> encoding_; ///< fitted or loaded; null before
    bool is_encoding_loaded_ = false;       ///< from a state: not to be fitted
    bool is_loaded_ = false;
    std::optional<CsvFormat> format_;   ///< of the table that was read
    std::exception_ptr target_problem_; ///< why only prediction is possible; null: it is not so
    at::Tensor features_; ///< [n, F]: training rows, validation, test, those only to be predicted
    at::Tensor target_;
    at::Tensor file_order_; ///< [n] int64: where the rows of the file stand in features_
    DataSpec spec_;
    std::vector<std::string> warnings_;         ///< not taken yet
    std::vector<std::string> target_warnings_;  ///< with a loaded state: for whoever uses targets
    std::vector<std::string> predict_warnings_; ///< the same for prediction alone
};

} // namespace leyden
