// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/json.h"
#include "engine/core/lightning_module.h"
#include "engine/optim/adam.h"
#include "engine/optim/lbfgs.h"
#include "engine/optim/sgd.h"
#include "engine/optim/step_lr.h"
#include "engine/trainer/trainer.h"

#include <ATen/ops/binary_cross_entropy_with_logits.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/zeros_like.h>
#include <nlohmann/json.hpp>
#include <torch/nn/modules/activation.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/linear.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace leyden::test {

/// The GAN of tests/lightning/record_manual.py; what a case says is how training_step goes about
/// it.
class GAN final : public LightningModule
{
public:
    explicit GAN(const Json& one_) : LightningModule("GAN"), one(one_)
    {
        // One statement a layer: arguments of a call would be initialised in any order.
        generator = register_module("generator", torch::nn::Sequential());
        generator->push_back(torch::nn::Linear(4, 8));
        generator->push_back(torch::nn::ReLU());
        generator->push_back(torch::nn::Linear(8, 64));
        discriminator = register_module("discriminator", torch::nn::Sequential());
        discriminator->push_back(torch::nn::Linear(64, 8));
        discriminator->push_back(
            torch::nn::LeakyReLU(torch::nn::LeakyReLUOptions().negative_slope(0.2)));
        discriminator->push_back(torch::nn::Linear(8, 1));
        automatic_optimization = one.at("automatic").get<bool>();
    }

    StepOutput training_step(const Batch& batch, int64_t idx) override
    {
        const auto real = batch[0].tensor().flatten(1);
        if (one.at("manual_backward").get<bool>())
            manual_backward(generator_loss(real.size(0)));
        if (automatic_optimization) {
            auto loss = generator_loss(real.size(0));
            log("g_loss", loss);
            if (returns("dict without loss"))
                return {{}, StateTree::dict({{"odd", loss}})};
            return loss;
        }
        const auto g_loss
            = turn(0, [&] { return generator_loss(real.size(0)); }, "g_loss", {}, idx, true);
        at::Tensor d_loss;
        if (optimizers().size() > 1) {
            const bool steps = idx % one.at("discriminator_every").get<int64_t>() == 0;
            d_loss = turn(
                1, [&] { return discriminator_loss(real); }, "d_loss", one.at("clip"), idx, steps);
        }
        if (one.at("schedulers").get<bool>()) {
            lr_schedulers()[0]->step();
            log("lr", optimizers()[0].param_groups()[0].lr);
        }
        if (returns("loss"))
            return g_loss;
        if (returns("dict"))
            return {g_loss, StateTree::dict({{"d", d_loss}})};
        if (returns("dict without loss"))
            return {{}, StateTree::dict({{"d", d_loss.detach()}})};
        return {};
    }
    void on_train_batch_end(const StateTree& outputs, const Batch&, int64_t) override
    {
        for (const auto& [key, value] : outputs.entries()) {
            is_detached = is_detached && !value.tensor().requires_grad();
            log("out_" + std::get<std::string>(key), value.tensor());
        }
    }
    void on_train_epoch_end() override
    {
        if (one.at("schedulers").get<bool>())
            lr_schedulers()[1]->step();
    }
    StateTree validation_step(const Batch& batch, int64_t, int64_t) override
    {
        const auto verdict = discriminator->forward(batch[0].tensor().flatten(1));
        log("val_loss", bce(verdict, true));
        return {};
    }
    void configure_gradient_clipping(
        Optimizer& optimizer, std::optional<double> clip_val, ClipAlgorithm algorithm) override
    {
        if (one.at("clip_by_hook").is_null())
            LightningModule::configure_gradient_clipping(optimizer, clip_val, algorithm);
        else
            clip(optimizer, one.at("clip_by_hook"));
    }
    OptimizerSetup configure_optimizers() override
    {
        const auto kind = one.at("optimizer").get<std::string>();
        OptimizerSetup setup;
        setup.optimizers
            = {make(*generator, kind == "LBFGS" ? "Adam" : kind), make(*discriminator, kind)};
        setup.optimizers.resize(one.at("optimizers").get<size_t>());
        const auto schedule = [&](Optimizer& optimizer, int64_t step_size, double gamma) {
            LRSchedulerConfig config;
            config.scheduler = std::make_shared<StepLR>(
                optimizer, StepLROptions{.step_size = step_size, .gamma = gamma});
            setup.lr_schedulers.push_back(std::move(config));
        };
        if (one.at("foreign_scheduler").get<bool>()) {
            foreign_ = make(*discriminator, kind);
            schedule(*foreign_, 1, 0.1);
        } else if (one.at("schedulers").get<bool>()) {
            schedule(*setup.optimizers[0], 2, 0.9);
            schedule(*setup.optimizers[1], 1, 0.5);
        }
        return setup;
    }

    const Json one;
    torch::nn::Sequential generator{nullptr};
    torch::nn::Sequential discriminator{nullptr};
    bool is_detached = true; ///< what on_train_batch_end got

private:
    bool returns(const char* what) const { return one.at("returns") == what; }

    static at::Tensor bce(const at::Tensor& verdict, bool is_real)
    {
        return at::binary_cross_entropy_with_logits(
            verdict, is_real ? at::ones_like(verdict) : at::zeros_like(verdict));
    }
    at::Tensor generator_loss(int64_t rows)
    {
        fake_ = generator->forward(at::randn({rows, 4}));
        return bce(discriminator->forward(fake_), true);
    }
    at::Tensor discriminator_loss(const at::Tensor& real)
    {
        const auto on_real = discriminator->forward(real);
        const auto on_fake = discriminator->forward(fake_.detach());
        return (bce(on_real, true) + bce(on_fake, false)) / 2;
    }
    void clip(Optimizer& optimizer, const Json& how)
    {
        clip_gradients(optimizer, how.at(0).get<double>(),
            how.at(1) == "norm" ? ClipAlgorithm::Norm : ClipAlgorithm::Value);
    }

    /// Loss, backward pass and step of one network.
    at::Tensor turn(size_t which, const std::function<at::Tensor()>& make_loss, const char* name,
        const Json& how_to_clip, int64_t idx, bool steps)
    {
        auto& optimizer = optimizers()[which];
        const auto every = one.at("accumulate").get<int64_t>();
        const auto kind = one.at("toggle").get<std::string>();
        at::Tensor loss;
        const Closure backward = [&] {
            loss = make_loss();
            if (idx % every == 0)
                optimizer.zero_grad();
            manual_backward(loss / every);
            return loss;
        };
        const auto go = [&] {
            if (one.at("closures").get<bool>() || optimizer.name() == "LBFGS") {
                optimizer.step(backward);
                return;
            }
            backward();
            if (!how_to_clip.is_null())
                clip(optimizer, how_to_clip);
            if (!steps || (idx + 1) % every != 0)
                return;
            if (one.at("raw").get<bool>())
                optimizer.optimizer().step();
            else
                optimizer.step();
        };
        if (kind == "scope") {
            const auto toggled = toggled_optimizer(optimizer);
            go();
        } else if (kind == "model") {
            const auto toggled = optimizer.toggle_model(/*sync_grad=*/false);
            go();
        } else {
            if (kind == "calls")
                toggle_optimizer(optimizer);
            go();
            if (kind == "calls")
                untoggle_optimizer(optimizer);
        }
        log(name, loss, {.on_step = true, .on_epoch = true});
        return loss;
    }
    static std::shared_ptr<Optimizer> make(
        const torch::nn::Module& network, const std::string& kind)
    {
        if (kind == "Adam")
            return std::make_shared<Adam>(
                network.parameters(), AdamOptions{.lr = 0.01, .betas = {0.5, 0.999}});
        if (kind == "SGD")
            return std::make_shared<SGD>(
                network.parameters(), SGDOptions{.lr = 0.05, .momentum = 0.9});
        return std::make_shared<LBFGS>(
            network.parameters(), LBFGSOptions{.lr = 0.1, .max_iter = 3});
    }

    at::Tensor fake_;
    std::shared_ptr<Optimizer> foreign_;
};

} // namespace leyden::test
