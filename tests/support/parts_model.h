// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/json.h"
#include "engine/config/registry.h"
#include "engine/core/data_module.h"
#include "engine/core/lightning_module.h"

#include <nlohmann/json.hpp>
#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/linear.h>

#include <string>

namespace leyden::test {

/// What comes along, registered once a program.
const Registry& registry();

/// Two layers: what can be frozen or pruned, with and without batch norm. The twin of PartsModel in
/// tests/lightning/record_callbacks.py; `recorded` is a case of its.
class PartsModel final : public LightningModule
{
public:
    explicit PartsModel(const Json& recorded);

    StepOutput training_step(const Batch& batch, int64_t batch_idx) override;
    StateTree validation_step(
        const Batch& batch, int64_t batch_idx, int64_t dataloader_idx) override;
    StateTree predict_step(const Batch& batch, int64_t batch_idx, int64_t dataloader_idx) override;
    OptimizerSetup configure_optimizers() override;
    std::optional<int64_t> flops_per_batch() const override;

    torch::nn::Sequential backbone;
    torch::nn::Linear head;

private:
    at::Tensor loss_of(const Batch& batch);

    Json case_;
};

/// Its rows: the same numbers in every run.
class PartsData final : public LightningDataModule
{
public:
    explicit PartsData(const Json& recorded);

    std::string name() const override { return "PartsData"; }
    const DataSpec& spec() override { return spec_; }
    DataLoaders train_dataloader() override;
    DataLoaders val_dataloader() override;
    DataLoaders predict_dataloader() override;

private:
    std::shared_ptr<DataLoader> loader(int64_t rows, bool shuffle) const;

    int64_t rows_;
    int64_t val_rows_;
    int64_t batch_size_;
    bool shuffle_;
    DataSpec spec_;
};

} // namespace leyden::test
