// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/lightning_module.h"

#include "engine/accelerators/batch_transfer.h"
#include "engine/callbacks/callback.h"
#include "engine/core/errors.h"
#include "engine/core/is_overridden.h"
#include "engine/metrics/metric.h"
#include "engine/optim/gradient_clipping.h"
#include "engine/strategies/strategy.h"
#include "engine/trainer/trainer.h"

#include <c10/core/DefaultDtype.h>
#include <spdlog/fmt/fmt.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace leyden {

namespace {

template <class Function> bool overrides(const LightningModule& module, Function function)
{
    static LightningModule plain; // asked for the addresses of its functions alone
    return is_overridden(const_cast<LightningModule&>(module), plain, function);
}

} // namespace

LightningModule::~LightningModule() = default;

bool LightningModule::has_validation_step() const
{
    return overrides(*this, &LightningModule::validation_step);
}

bool LightningModule::has_test_step() const
{
    return overrides(*this, &LightningModule::test_step);
}

bool LightningModule::has_training_step() const
{
    return overrides(*this, &LightningModule::training_step);
}

bool LightningModule::has_val_dataloader() const
{
    return overrides(*this, &LightningModule::val_dataloader);
}

DataLoaders LightningModule::val_dataloader()
{
    return {};
}

StepOutput LightningModule::training_step(const Batch&, int64_t)
{
    throw MisconfigurationError(fmt::format("{}: fit needs training_step; override it", name()));
}

StateTree LightningModule::validation_step(const Batch&, int64_t, int64_t)
{
    throw MisconfigurationError(
        fmt::format("{}: validation needs validation_step; override it, or let "
                    "has_validation_step() return false",
            name()));
}

StateTree LightningModule::test_step(const Batch&, int64_t, int64_t)
{
    throw MisconfigurationError(fmt::format("{}: test needs test_step; override it", name()));
}

StateTree LightningModule::predict_step(const Batch& batch, int64_t, int64_t)
{
    // Lightning's default is forward(batch). forward_example falls back to this step in its turn:
    // where a model overrides neither, the call comes back here.
    static thread_local const LightningModule* asked = nullptr;
    if (asked == this)
        throw MisconfigurationError(fmt::format(
            "{}: predict needs predict_step, or forward_example that takes a batch; override one",
            name()));
    struct Asking
    {
        const LightningModule* before;
        ~Asking() { asked = before; }
    } const asking{std::exchange(asked, this)};
    return forward_example(batch);
}

std::vector<std::unique_ptr<Callback>> LightningModule::configure_callbacks()
{
    return {};
}

OptimizerSetup LightningModule::configure_optimizers()
{
    if (configured_optimizers)
        return configured_optimizers(*this);
    throw MisconfigurationError(fmt::format(
        "{}: fit needs an optimizer; override configure_optimizers or name one in the config",
        name()));
}

void LightningModule::on_validation_model_zero_grad()
{
    for (auto& parameter : parameters())
        parameter.mutable_grad().reset();
}

void LightningModule::on_validation_model_eval()
{
    eval();
}

void LightningModule::on_validation_model_train()
{
    train();
}

void LightningModule::on_test_model_train()
{
    train();
}

void LightningModule::on_test_model_eval()
{
    eval();
}

void LightningModule::on_predict_model_eval()
{
    eval();
}

Batch LightningModule::transfer_batch_to_device(Batch batch, const c10::Device& target, int64_t)
{
    return move_to_device(std::move(batch), target);
}

void LightningModule::backward(const at::Tensor& loss, const BackwardOptions& options)
{
    if (!loss.defined())
        throw MisconfigurationError(fmt::format("{}: there is no loss to go back from: the tensor "
                                                "is not defined; return the loss of the step",
            name()));
    if (!loss.requires_grad())
        throw MisconfigurationError(fmt::format(
            "{}: the loss has no graph, so nothing can be trained with it; compute it from the "
            "parameters, with gradients enabled and without detach() or item(), and see that a "
            "parameter wants gradients",
            name()));
    if (loss.numel() != 1 && !options.gradient.defined())
        throw MisconfigurationError(fmt::format(
            "{}: the loss has {} elements, and a backward pass begins at one number; return its "
            "mean() or sum(), or give BackwardOptions::gradient",
            name(), loss.numel()));
    loss.backward(options.gradient, options.retain_graph, options.create_graph);
}

void LightningModule::optimizer_step(int64_t, int64_t, Optimizer& optimizer, const Closure& closure)
{
    attached("optimizer_step").step_optimizer(optimizer, closure);
}

void LightningModule::optimizer_zero_grad(int64_t, int64_t, Optimizer& optimizer)
{
    optimizer.zero_grad();
}

void LightningModule::configure_gradient_clipping(
    Optimizer& optimizer, std::optional<double> clip_val, ClipAlgorithm algorithm)
{
    clip_gradients(optimizer, clip_val, algorithm);
}

void LightningModule::clip_gradients(
    Optimizer& optimizer, std::optional<double> clip_val, std::optional<ClipAlgorithm> algorithm)
{
    auto& trainer = attached("clip_gradients");
    const auto& plan = trainer.plan();
    const auto said = plan.live.gradient_clip_val;
    if (clip_val && said && *clip_val != *said)
        throw MisconfigurationError(
            fmt::format("clip_gradients(..., {}): the Trainer has gradient_clip_val = {}; "
                        "give one of them",
                *clip_val, *said));
    if (algorithm && plan.has_clip_algorithm && *algorithm != plan.gradient_clip_algorithm)
        throw MisconfigurationError(
            "clip_gradients: the Trainer has another gradient_clip_algorithm; give one of them");
    clip_val = clip_val ? clip_val : said;
    if (!clip_val || *clip_val <= 0.0)
        return;
    if (trainer_)
        trainer_->strategy().precision().check_clipping(optimizer);
    std::vector<at::Tensor> params;
    for (const auto& group : optimizer.param_groups())
        params.insert(params.end(), group.params.begin(), group.params.end());
    if (algorithm.value_or(plan.gradient_clip_algorithm) == ClipAlgorithm::Value)
        clip_grad_value_(params, *clip_val);
    else
        clip_grad_norm_(params, *clip_val);
}

void LightningModule::lr_scheduler_step(LRScheduler& scheduler, std::optional<double> metric)
{
    scheduler.step(metric);
}

Trainer& LightningModule::attached(const char* service) const
{
    if (!trainer_)
        throw MisconfigurationError(
            fmt::format("{}: {} works only inside a Trainer's run", name(), service));
    return *trainer_;
}

std::vector<LightningOptimizer>& LightningModule::optimizers()
{
    return attached("optimizers()").lightning_optimizers();
}

std::vector<LRScheduler*> LightningModule::lr_schedulers()
{
    std::vector<LRScheduler*> schedulers;
    for (const auto& config : attached("lr_schedulers()").lr_scheduler_configs())
        schedulers.push_back(config.scheduler.get());
    return schedulers;
}

void LightningModule::manual_backward(const at::Tensor& loss, const BackwardOptions& options)
{
    auto& trainer = attached("manual_backward");
    if (automatic_optimization)
        throw MisconfigurationError(fmt::format(
            "{}: manual_backward needs automatic_optimization = false; set it in the constructor",
            name()));
    trainer.run_backward(loss, options);
}

void LightningModule::toggle_optimizer(Optimizer& optimizer)
{
    requires_grad_before_.clear();
    std::unordered_map<const c10::TensorImpl*, bool> before;
    for (const auto& other : attached("toggle_optimizer").optimizers()) {
        for (const auto& group : other->param_groups()) {
            for (const auto& param : group.params) {
                if (before.emplace(param.unsafeGetTensorImpl(), param.requires_grad()).second) {
                    requires_grad_before_.emplace_back(param, param.requires_grad());
                    param.set_requires_grad(false);
                }
            }
        }
    }
    for (const auto& group : optimizer.param_groups()) {
        for (const auto& param : group.params) {
            if (const auto found = before.find(param.unsafeGetTensorImpl()); found != before.end())
                param.set_requires_grad(found->second);
        }
    }
}

void LightningModule::untoggle_optimizer(Optimizer& optimizer)
{
    // Those of the toggled optimizer alone have what they had, or what training_step gave them
    // since.
    std::unordered_set<const c10::TensorImpl*> others;
    if (trainer_) {
        for (const auto& other : trainer_->optimizers()) {
            if (other.get() == &optimizer)
                continue;
            for (const auto& group : other->param_groups()) {
                for (const auto& param : group.params)
                    others.insert(param.unsafeGetTensorImpl());
            }
        }
    }
    for (const auto& [param, requires_grad] : requires_grad_before_) {
        if (others.contains(param.unsafeGetTensorImpl()))
            param.set_requires_grad(requires_grad);
    }
    requires_grad_before_.clear();
}

int64_t LightningModule::current_epoch() const
{
    return trainer_ ? trainer_->current_epoch() : 0;
}

int64_t LightningModule::global_step() const
{
    return trainer_ ? trainer_->global_step() : 0;
}

void LightningModule::freeze()
{
    for (const auto& parameter : parameters())
        parameter.set_requires_grad(false);
    eval();
}

void LightningModule::unfreeze()
{
    for (const auto& parameter : parameters())
        parameter.set_requires_grad(true);
    train();
}

void LightningModule::save_hyperparameters(std::initializer_list<StateTree::Entry> values, bool log)
{
    for (const auto& [key, value] : values)
        std::visit([&](const auto& k) { hparams.set(k, value); }, key);
    logs_hparams = log;
}

StateTree LightningModule::attribute(std::string_view key) const
{
    const auto* found = hparams.find(key);
    return found ? *found : StateTree();
}

bool LightningModule::set_attribute(std::string_view key, const StateTree& value)
{
    if (!hparams.contains(key))
        return false;
    hparams.set(key, value);
    return true;
}

bool LightningModule::can_log(std::string_view key)
{
    if (trainer_) {
        if (!trainer_->plan().barebones)
            return true;
        trainer_->connector().warn_once("log() does nothing while barebones = true");
        return false;
    }
    if (!std::exchange(warned_without_trainer_, true))
        // standard output is for results
        spdlog::logger("leyden", std::make_shared<spdlog::sinks::stderr_sink_mt>())
            .warn("log('{}', ...) outside of a Trainer's run records nothing", key);
    return false;
}

void LightningModule::record(
    std::string_view key, LoggedValue value, Metric* metric, const LogOptions& options)
{
    auto& connector = trainer_->connector();
    if (options.logger.value_or(false) && trainer_->loggers().empty())
        connector.warn_once(fmt::format(
            "log('{}', logger = true): the Trainer has no logger, so that no row is written", key));
    connector.log(trainer_->current_hook(), key, std::move(value), metric, options);
}

void LightningModule::log(std::string_view key, const at::Tensor& value, const LogOptions& options)
{
    if (!can_log(key))
        return;
    if (!value.defined() || value.numel() != 1)
        throw MisconfigurationError(
            fmt::format("log('{}', ...): expected one number, found a tensor of {} elements; "
                        "log its mean, or each element under its own name",
                key, value.defined() ? value.numel() : 0));
    record(key, LoggedValue::of(value), nullptr, options);
}

void LightningModule::log(std::string_view key, double value, const LogOptions& options)
{
    if (!can_log(key))
        return;
    const bool is_float64 = c10::get_default_dtype_as_scalartype() == at::kDouble;
    record(key, {.number = is_float64 ? value : double(float(value)), .is_float64 = is_float64},
        nullptr, options);
}

void LightningModule::log(std::string_view key, Metric& metric, const LogOptions& options)
{
    if (can_log(key))
        record(key, {}, &metric, options);
}

void LightningModule::log_dict(const std::vector<LogEntry>& values, const LogOptions& options)
{
    for (const auto& entry : values) {
        if (const auto* tensor = std::get_if<at::Tensor>(&entry.value))
            log(entry.name, *tensor, options);
        else if (const auto* number = std::get_if<double>(&entry.value))
            log(entry.name, *number, options);
        else
            log(entry.name, *std::get<Metric*>(entry.value), options);
    }
}

void LightningModule::register_metric(std::string key, Metric& metric)
{
    for (const auto& [taken, other] : metrics_) {
        if (taken == key)
            throw MisconfigurationError(fmt::format(
                "{}: two metrics are registered as '{}'; give each its own name", name(), key));
    }
    metrics_.emplace_back(std::move(key), &metric);
}

namespace {

/// Parameters, then buffers, module by module, as Python's Module.state_dict goes.
void collect_state(const torch::nn::Module& module, const std::string& prefix, StateTree& state)
{
    for (const auto& parameter : module.named_parameters(/*recurse=*/false))
        state.set(prefix + parameter.key(), parameter.value().detach());
    for (const auto& buffer : module.named_buffers(/*recurse=*/false))
        state.set(prefix + buffer.key(), buffer.value().detach());
    for (const auto& child : module.named_children())
        collect_state(*child.value(), prefix + child.key() + ".", state);
}

/// torch.nn.utils.prune saves a pruned weight as weight_orig and weight_mask; this model takes
/// their product.
StateTree with_masks_applied(const StateTree& saved)
{
    const auto is_pruned = [](const auto& entry) {
        const auto* key = std::get_if<std::string>(&entry.first);
        return key && key->ends_with("_mask") && entry.second.is_tensor();
    };
    const auto& entries = saved.entries();
    if (std::none_of(entries.begin(), entries.end(), is_pruned))
        return saved;
    auto state = saved;
    for (const auto& entry : entries) {
        if (!is_pruned(entry))
            continue;
        const auto mask_key = std::get<std::string>(entry.first);
        const auto key = mask_key.substr(0, mask_key.size() - 5);
        const auto* own = saved.find(key + "_orig");
        if (!own || !own->is_tensor() || own->tensor().sizes() != entry.second.tensor().sizes())
            continue;
        state.set(key, own->tensor() * entry.second.tensor().to(own->tensor().dtype()));
        state.erase(key + "_orig");
        state.erase(mask_key);
    }
    return state;
}

std::string some_of(const std::vector<std::string>& names)
{
    constexpr size_t shown = 5;
    auto text = fmt::format("{}",
        fmt::join(names.begin(), names.begin() + int64_t(std::min(shown, names.size())), ", "));
    return names.size() > shown ? text + fmt::format(" and {} more", names.size() - shown) : text;
}

} // namespace

StateTree LightningModule::module_state_dict() const
{
    auto state = StateTree::ordered_dict();
    collect_state(*this, "", state);
    return state;
}

void LightningModule::load_module_state_dict(const StateTree& saved, bool strict)
{
    const at::NoGradGuard no_grad;
    const auto state = with_masks_applied(saved);
    const auto mine = module_state_dict();
    std::vector<std::string> missing;
    std::vector<std::string> misshapen;
    for (const auto& [key, tensor] : mine.entries()) {
        const auto& key_text = std::get<std::string>(key);
        const auto* found = state.find(key_text);
        if (!found || !found->is_tensor())
            missing.push_back(key_text);
        else if (found->tensor().sizes() != tensor.tensor().sizes())
            misshapen.push_back(key_text);
    }
    std::vector<std::string> unexpected;
    for (const auto& [key, value] : state.entries()) {
        const auto* text = std::get_if<std::string>(&key);
        if (!text || !mine.contains(*text))
            unexpected.push_back(text ? *text : std::to_string(std::get<int64_t>(key)));
    }
    if (!misshapen.empty() || (strict && (!missing.empty() || !unexpected.empty()))) {
        std::vector<std::string> parts;
        if (strict && !missing.empty())
            parts.push_back("missing " + some_of(missing));
        if (strict && !unexpected.empty())
            parts.push_back("unexpected " + some_of(unexpected));
        if (!misshapen.empty())
            parts.push_back("other shapes: " + some_of(misshapen));
        throw CheckpointError(fmt::format(
            "the checkpoint's weights do not fit this model ({}); use the config it was "
            "trained with{}",
            fmt::join(parts, "; "),
            misshapen.empty() ? ", or strict_loading = false, which takes those whose names fit"
                              : ""));
    }
    const auto tell = [&](const std::string& text) {
        if (trainer_)
            trainer_->warn(text);
        else
            TORCH_WARN(text);
    };
    if (!missing.empty())
        tell("the checkpoint lacks " + some_of(missing) + "; the model keeps its own");
    if (!unexpected.empty())
        tell("the checkpoint has weights that the model has no place for: " + some_of(unexpected));
    for (const auto& [key, tensor] : mine.entries()) {
        if (const auto* found = state.find(std::get<std::string>(key));
            found && found->is_tensor()) {
            auto target = tensor.tensor();
            target.copy_(found->tensor());
        }
    }
}

} // namespace leyden
