// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/data_module.h"

#include "engine/accelerators/batch_transfer.h"
#include "engine/core/data_findings.h"
#include "engine/core/data_targets.h"
#include "engine/core/data_warnings.h"
#include "engine/core/is_overridden.h"

#include <nlohmann/json.hpp>

#include <utility>

namespace leyden {
namespace {

class DatasetsData final : public LightningDataModule
{
public:
    using Part = std::shared_ptr<const Dataset>;
    DatasetsData(Part train, Part val, Part test, Part predict, DataLoaderOptions options)
        : train_(std::move(train))
        , val_(std::move(val))
        , test_(std::move(test))
        , predict_(std::move(predict))
        , options_(options)
    {
        spec_.train_rows = rows_of(train_);
        spec_.val_rows = rows_of(val_);
        spec_.test_rows = rows_of(test_);
    }

    std::string name() const override { return "LightningDataModule"; }
    const DataSpec& spec() override { return spec_; }
    DataLoaders train_dataloader() override { return loader_of(train_, true); }
    DataLoaders val_dataloader() override { return loader_of(val_, false); }
    bool has_val_dataloader() override { return val_ != nullptr; }
    DataLoaders test_dataloader() override { return loader_of(test_, false); }
    DataLoaders predict_dataloader() override { return loader_of(predict_, false); }
    StateTree attribute(std::string_view key) const override
    {
        return key == "batch_size" ? StateTree(options_.batch_size) : StateTree();
    }
    bool set_attribute(std::string_view key, const StateTree& value) override
    {
        if (key != "batch_size")
            return false;
        options_.batch_size = value.to_int();
        return true;
    }

private:
    static int64_t rows_of(const Part& part)
    {
        return part && part->size() != unknown_size ? part->size() : 0;
    }

    DataLoaders loader_of(const Part& part, bool shuffle) const
    {
        if (!part)
            return {};
        auto options = options_;
        options.shuffle = shuffle && part->size() != unknown_size;
        return {std::make_shared<DataLoader>(part, options)};
    }

    Part train_, val_, test_, predict_;
    DataLoaderOptions options_;
    DataSpec spec_;
};

/// Overrides nothing but what it must.
class PlainData final : public LightningDataModule
{
public:
    std::string name() const override { return "LightningDataModule"; }
};

} // namespace

LightningDataModule::~LightningDataModule() = default;

const DataSpec& LightningDataModule::spec()
{
    static const DataSpec nothing_known;
    return nothing_known;
}

DataLoaders LightningDataModule::val_dataloader()
{
    return {};
}

bool LightningDataModule::has_val_dataloader()
{
    static PlainData plain;
    return is_overridden<LightningDataModule>(*this, plain, &LightningDataModule::val_dataloader);
}

DataTargets::~DataTargets() = default;
DataWarnings::~DataWarnings() = default;
DataFindings::~DataFindings() = default;

void DataFindings::put(const DataFindings& found, Json& config)
{
    if (config.contains("data") && config["data"].contains("init_args"))
        config["data"]["init_args"].update(found.found_options());
}

Batch LightningDataModule::transfer_batch_to_device(Batch batch, const c10::Device& device, int64_t)
{
    return move_to_device(std::move(batch), device);
}

std::unique_ptr<LightningDataModule> LightningDataModule::from_datasets(
    std::shared_ptr<const Dataset> train, std::shared_ptr<const Dataset> val,
    std::shared_ptr<const Dataset> test, std::shared_ptr<const Dataset> predict, int64_t batch_size,
    int64_t num_workers)
{
    return std::make_unique<DatasetsData>(std::move(train), std::move(val), std::move(test),
        std::move(predict),
        DataLoaderOptions{.batch_size = batch_size, .num_workers = num_workers});
}

const char* to_string(TrainerFn fn)
{
    switch (fn) {
    case TrainerFn::Fit:
        return "fit";
    case TrainerFn::Validate:
        return "validate";
    case TrainerFn::Test:
        return "test";
    case TrainerFn::Predict:
        return "predict";
    }
    return "";
}

} // namespace leyden
