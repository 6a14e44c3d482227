// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/optim/torch_optimizer.h"

#include "engine/core/errors.h"

#include <ATen/ops/empty.h>
#include <torch/optim/optimizer.h>
#include <torch/serialize/archive.h>

#include <algorithm>
#include <cstring>
#include <sstream>
#include <utility>

namespace leyden {
namespace {

std::vector<ParamGroup> groups_of(const std::shared_ptr<torch::optim::Optimizer>& optimizer)
{
    if (!optimizer)
        throw MisconfigurationError("TorchOptimizer: the optimizer is null; give one");
    std::vector<ParamGroup> groups;
    for (const auto& group : optimizer->param_groups())
        groups.push_back({.params = group.params(),
            .lr = group.options().get_lr(),
            .options = StateTree::dict()});
    return groups;
}

} // namespace

TorchOptimizer::TorchOptimizer(std::shared_ptr<torch::optim::Optimizer> optimizer, std::string name)
    : Optimizer(groups_of(optimizer)), optimizer_(std::move(optimizer)), name_(std::move(name))
{
}

void TorchOptimizer::give_rates()
{
    auto& theirs = optimizer_->param_groups();
    const auto& ours = std::as_const(*this).param_groups();
    if (ours.size() != theirs.size())
        throw MisconfigurationError(name_
            + ": a parameter group was added here; add it to the optimizer of LibTorch instead");
    for (size_t i = 0; i < ours.size(); ++i)
        theirs[i].options().set_lr(ours[i].lr);
}

at::Tensor TorchOptimizer::step(const Closure& closure)
{
    give_rates();
    return closure ? optimizer_->step(closure) : optimizer_->step();
}

void TorchOptimizer::update(ParamGroup&, size_t)
{
    throw MisconfigurationError(name_
        + ": an optimizer of LibTorch knows no loss scale; choose another precision, or an "
          "optimizer of leyden");
}

StateTree TorchOptimizer::param_state(size_t index) const
{
    if (index != 0 || optimizer_->state().empty())
        return {};
    torch::serialize::OutputArchive archive;
    optimizer_->save(archive);
    std::ostringstream stream;
    archive.save_to(stream);
    const auto bytes = std::move(stream).str();
    auto tensor = at::empty({int64_t(bytes.size())}, at::kByte);
    std::memcpy(tensor.mutable_data_ptr(), bytes.data(), bytes.size());
    return StateTree::dict({{"libtorch_archive", std::move(tensor)}});
}

void TorchOptimizer::load_param_state(size_t index, const at::Tensor&, const StateTree& state)
{
    const auto* saved = state.find("libtorch_archive");
    if (index != 0 || !saved) {
        if (state.size() > 0)
            throw CheckpointError(
                name_ + ": the saved state is not that of an optimizer of LibTorch");
        return;
    }
    const auto bytes = saved->tensor().contiguous();
    std::istringstream stream(
        std::string(static_cast<const char*>(bytes.const_data_ptr()), size_t(bytes.numel())));
    torch::serialize::InputArchive archive;
    archive.load_from(stream);
    optimizer_->load(archive);
}

} // namespace leyden
