// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"
#include "engine/core/lifetime.h"
#include "engine/core/state_tree.h"
#include "engine/data/data_loader.h"

#include <c10/core/Device.h>
#include <c10/core/ScalarType.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace leyden {

class Trainer;

enum class TrainerFn { Fit, Validate, Test, Predict };
LEYDEN_API const char* to_string(TrainerFn fn); ///< "fit", "validate", "test", "predict"

enum class Task { Classification, Regression };

/// What the data is, known before a model is built. Reading it draws no random number.
struct DataSpec
{
    std::vector<int64_t> feature_shape{}; ///< of one sample, without the batch dimension
    c10::ScalarType feature_dtype = c10::kFloat;
    Task task = Task::Classification;
    int64_t outputs = 0;                      ///< classes, or width of the numeric target
    std::vector<std::string> class_names{};   ///< in the order of their indices
    std::vector<std::string> feature_names{}; ///< one a column after encoding; may be empty
    std::string target_name{};
    double target_mean = 0.0; ///< of a standardized target: unit = value * deviation + mean
    double target_deviation = 1.0;
    int64_t train_rows = 0;
    int64_t val_rows = 0;
    int64_t test_rows = 0;
    std::vector<int64_t> predict_rows{}; ///< row of the file, from 1, of each prediction; may be
                                         ///< empty
};

using DataLoaders = std::vector<std::shared_ptr<DataLoader>>;

/// Which transfer hooks a data module has; they take the place of the module's.
struct TransferHooks
{
    bool on_before_batch_transfer = false;
    bool transfer_batch_to_device = false;
    bool on_after_batch_transfer = false;
};

/// Where a run's data comes from. Hooks and their order are Lightning's.
///
/// State: what was fitted on training rows; saved under name() in every checkpoint. After
///        load_state_dict the module uses that state and never fits again.
/// Source: PyTorch Lightning 2.6, core/datamodule.py.
class LEYDEN_API LightningDataModule
{
public:
    virtual ~LightningDataModule();

    virtual std::string name() const = 0; ///< class name; the key of its state in a checkpoint
    /// What a model that a config names is made for; reads and fits on first use. A program that
    /// builds its own model need not override it. Throws DataError.
    virtual const DataSpec& spec();
    virtual void prepare_data() { }
    virtual void setup(TrainerFn) { }
    virtual DataLoaders train_dataloader() { return {}; }
    virtual DataLoaders val_dataloader();
    /// Whether a fit validates. Default: whether val_dataloader is overridden, which is what Lightning
    /// looks at; one that is and gives no loader is a validation without batches.
    virtual bool has_val_dataloader();
    virtual DataLoaders test_dataloader() { return {}; }
    virtual DataLoaders predict_dataloader() { return {}; }
    virtual void teardown(TrainerFn) { }
    virtual TransferHooks transfer_hooks() const { return {}; }
    virtual Batch on_before_batch_transfer(Batch batch, int64_t) { return batch; }
    virtual Batch transfer_batch_to_device(Batch batch, const c10::Device& device, int64_t);
    virtual Batch on_after_batch_transfer(Batch batch, int64_t) { return batch; }
    virtual void on_exception(const std::exception&) { }
    virtual StateTree state_dict() const { return {}; }
    virtual void load_state_dict(const StateTree&) { }
    /// What the tuner finds and sets by name ("batch_size").
    virtual StateTree attribute(std::string_view) const { return {}; } ///< None where there is none
    /// false: none
    virtual bool set_attribute(std::string_view, const StateTree&) { return false; }

    StateTree hparams; ///< what it was made of, for its checkpoints; None or a dict

    /// A data module of data sets: training shuffles (but no IterableDataset), the others do not; one
    /// that is null is absent.
    static std::unique_ptr<LightningDataModule> from_datasets(std::shared_ptr<const Dataset> train,
        std::shared_ptr<const Dataset> val = {}, std::shared_ptr<const Dataset> test = {},
        std::shared_ptr<const Dataset> predict = {}, int64_t batch_size = 1,
        int64_t num_workers = 0);

private:
    friend class Trainer;
    Lifetime lifetime_;
};

} // namespace leyden
