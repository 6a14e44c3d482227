// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/callbacks/prediction_writer.h"

#include "engine/checkpoint/checkpoint_file.h"
#include "engine/config/check_options.h"
#include "engine/config/path_roots.h"
#include "engine/trainer/trainer.h"

#include <spdlog/fmt/fmt.h>

#include <utility>

namespace leyden {
namespace {

/// A list a loader, or the one loader's list.
StateTree by_loader(std::vector<StateTree> lists)
{
    return lists.size() == 1 ? std::move(lists.front()) : StateTree::list(std::move(lists));
}

} // namespace

void describe(OptionTable<PredictionWriterOptions>& table)
{
    using Options = PredictionWriterOptions;
    table.add("output_dir", &Options::output_dir, "Folder of the files")
        .required()
        .not_empty()
        .output_path();
    table.add("write_interval", &Options::write_interval, "When predictions are written")
        .choices({{"batch", WriteInterval::OnBatch}, {"epoch", WriteInterval::OnEpoch},
            {"batch_and_epoch", WriteInterval::OnBatchAndEpoch}})
        .details("batch: <loader>/<batch>.pt after each batch. epoch: predictions.pt and "
                 "batch_indices.pt at the end. torch.load opens them.");
}

PredictionWriter::PredictionWriter(PredictionWriterOptions options)
    : BasePredictionWriter(options.write_interval)
{
    check_options(options);
    folder_ = output_path(options.output_dir, "PredictionWriter: output_dir");
}

void PredictionWriter::write_on_batch_end(Trainer& trainer, LightningModule&,
    const StateTree& prediction, const BatchIndices&, const Batch&, int64_t batch_idx,
    int64_t dataloader_idx)
{
    save_checkpoint_file(trainer.files(),
        folder_ / std::to_string(dataloader_idx) / fmt::format("{}.pt", batch_idx), prediction);
}

void PredictionWriter::write_on_epoch_end(Trainer& trainer, LightningModule&,
    const std::vector<std::vector<StateTree>>& predictions,
    const std::vector<std::vector<BatchIndices>>& batch_indices)
{
    std::vector<StateTree> outputs, rows;
    for (const auto& loader : predictions)
        outputs.push_back(StateTree::list(loader));
    for (const auto& loader : batch_indices) {
        std::vector<StateTree> batches;
        for (const auto& batch : loader)
            batches.push_back(StateTree::list({batch.begin(), batch.end()}));
        rows.push_back(StateTree::list(std::move(batches)));
    }
    save_checkpoint_file(
        trainer.files(), folder_ / "predictions.pt", by_loader(std::move(outputs)));
    save_checkpoint_file(trainer.files(), folder_ / "batch_indices.pt", by_loader(std::move(rows)));
}

} // namespace leyden
