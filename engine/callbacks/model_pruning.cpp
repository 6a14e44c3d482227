// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/callbacks/model_pruning.h"

#include "engine/callbacks/layer_reset.h"
#include "engine/config/check_options.h"
#include "engine/core/errors.h"
#include "engine/core/lightning_module.h"
#include "engine/trainer/trainer.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/ones_like.h>

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <regex>
#include <set>
#include <utility>

namespace leyden {
namespace {

const std::vector<std::pair<std::string, PruningMethod>> methods
    = {{"l1_unstructured", PruningMethod::L1Unstructured},
        {"random_unstructured", PruningMethod::RandomUnstructured},
        {"ln_structured", PruningMethod::LnStructured},
        {"random_structured", PruningMethod::RandomStructured}};

std::string method_name(PruningMethod method)
{
    for (const auto& [name, known] : methods)
        if (known == method)
            return name;
    return {};
}

bool is_structured(PruningMethod method)
{
    return method == PruningMethod::LnStructured || method == PruningMethod::RandomStructured;
}

std::string check_amount(const Json& value)
{
    if (value.is_number_integer())
        return value.get<int64_t>() >= 0
            ? ""
            : "expected a number of parameters >= 0 or a share from 0.0 to 1.0";
    const auto share = value.get<double>();
    return share >= 0.0 && share <= 1.0
        ? ""
        : "expected a share from 0.0 to 1.0 or a whole number of parameters";
}

void check_patterns(const ModelPruningOptions& options, OptionClashes& clashes)
{
    for (const auto& pattern : options.parameters_to_prune) {
        try {
            const std::regex checked(pattern);
        } catch (const std::regex_error&) {
            clashes.add("parameters_to_prune", "'" + pattern + "' is no regular expression");
        }
    }
}

void check_method(const ModelPruningOptions& options, OptionClashes& clashes)
{
    const auto name = method_name(options.pruning_fn);
    if (is_structured(options.pruning_fn) && options.use_global_unstructured)
        clashes.add("use_global_unstructured",
            "found true while pruning_fn is " + name
                + "; set it to false, or choose an unstructured one");
    if (is_structured(options.pruning_fn) && !options.pruning_dim)
        clashes.add("pruning_dim", "has to be given for " + name);
    if (options.pruning_fn == PruningMethod::LnStructured && !options.pruning_norm)
        clashes.add("pruning_norm", "has to be given for " + name);
}

} // namespace

void describe(OptionTable<ModelPruningOptions>& table)
{
    using Options = ModelPruningOptions;
    table.add("pruning_fn", &Options::pruning_fn, "Which parameters go first")
        .required()
        .choices(methods)
        .ignore_case()
        .details("l1_unstructured: the smallest; random_unstructured: any; ln_structured: channels "
                 "with the smallest norm; "
                 "random_structured: any channels.");
    table.add("amount", &Options::amount, "How much is pruned each time, of what is left")
        .check(check_amount)
        .details("A number with a decimal point is a share, a whole number counts parameters or "
                 "channels.");
    table
        .add("parameters_to_prune", &Options::parameters_to_prune,
            "Names of the parameters, as regular expressions; empty: all")
        .details("A pattern matches whole names, e.g. \"net\\\\.0\\\\..*\".");
    table
        .add("parameter_names", &Options::parameter_names,
            "Which parameters of a layer: weight, bias; unset: both")
        .choices({"weight", "bias"});
    table.add("use_global_unstructured", &Options::use_global_unstructured,
        "Rank all parameters together, not each tensor by itself");
    table.add("prune_on_train_epoch_end", &Options::prune_on_train_epoch_end,
        "Prune at the end of training epochs; false: after validations");
    table.add("use_lottery_ticket_hypothesis", &Options::use_lottery_ticket_hypothesis,
        "Put what is left back to its first values");
    table
        .add("resample_parameters", &Options::resample_parameters,
            "Put it to new random values instead")
        .depends_on("use_lottery_ticket_hypothesis");
    table
        .add("make_pruning_permanent", &Options::make_pruning_permanent,
            "Keep the masked weights alone, at the end and in checkpoints")
        .advanced();
    table
        .add("pruning_dim", &Options::pruning_dim,
            "Dimension of the channels that structured pruning removes")
        .advanced();
    table.add("pruning_norm", &Options::pruning_norm, "Which norm ln_structured ranks channels by")
        .at_least(0)
        .advanced();
    table.add("apply_pruning", &Options::apply_pruning, "Prune at all").advanced();
    table
        .add("verbose", &Options::verbose,
            "Lines about what was pruned: 0 none, 1 one, 2 one a tensor")
        .choices({0, 1, 2})
        .advanced();
    table.check(check_method);
    table.check(check_patterns);
}

ModelPruning::ModelPruning(ModelPruningOptions options, PruningFunctions functions)
    : options_(std::move(options))
    , functions_(std::move(functions))
    , rule_{.method = options_.pruning_fn,
          .dim = options_.pruning_dim.value_or(-1),
          .norm = double(options_.pruning_norm.value_or(2))}
{
    check_options(options_);
}

void ModelPruning::setup(Trainer& trainer, LightningModule& module, TrainerFn)
{
    if (!pruned_.empty() && pruned_.front().state->mask.defined())
        return; // a second fit goes on with its masks
    pruned_.clear();
    collect(module);
    share(trainer);
    if (pruned_.empty())
        throw MisconfigurationError("ModelPruning: parameters_to_prune and parameter_names match "
                                    "no parameter of the model");
    if (!options_.use_lottery_ticket_hypothesis)
        return;
    for (auto& one : pruned_)
        one.first = one.param.detach().clone();
}

void ModelPruning::share(const Trainer& trainer)
{
    for (const auto& callback : trainer.callbacks()) {
        const auto* earlier = dynamic_cast<const ModelPruning*>(callback.get());
        if (earlier == this)
            return;
        if (!earlier)
            continue;
        for (const auto& known : earlier->pruned_) {
            for (auto& one : pruned_) {
                if (!one.param.is_same(known.param))
                    continue;
                one.state = known.state;
                one.is_owner = false;
            }
        }
    }
}

void ModelPruning::collect(LightningModule& module)
{
    std::vector<std::regex> patterns;
    for (const auto& pattern : options_.parameters_to_prune)
        patterns.emplace_back(pattern);
    const auto is_wanted = [&](const std::string& name) {
        return patterns.empty()
            || std::any_of(patterns.begin(), patterns.end(),
                [&](const std::regex& pattern) { return std::regex_match(name, pattern); });
    };
    const auto add = [&](torch::nn::Module& layer, const std::string& prefix,
                         const std::string& parameter_name) {
        const auto parameters = layer.named_parameters(/*recurse=*/false);
        const auto* param = parameters.find(parameter_name);
        const auto name = prefix + parameter_name;
        const bool is_known = param
            && std::any_of(pruned_.begin(), pruned_.end(),
                [&](const Pruned& known) { return known.param.is_same(*param); });
        if (param && param->defined() && !is_known && is_wanted(name))
            pruned_.push_back(
                {.name = name, .parameter_name = parameter_name, .layer = &layer, .param = *param});
    };
    const auto names = options_.parameter_names && !options_.parameter_names->empty()
        ? *options_.parameter_names
        : std::vector<std::string>{"weight", "bias"};
    if (patterns.empty()) { // as Lightning lists them: all weights, then all biases
        for (const auto& parameter_name : names)
            for (const auto& layer : module.named_modules({}, /*include_self=*/false))
                add(*layer.value(), layer.key() + ".", parameter_name);
        return;
    }
    for (const auto& layer : module.named_modules({}, /*include_self=*/false))
        for (const auto& parameter_name : names)
            add(*layer.value(), layer.key() + ".", parameter_name);
}

void ModelPruning::on_fit_start(Trainer& trainer, LightningModule&)
{
    for (const auto& optimizer : trainer.optimizers()) {
        if (optimizer->name() == "LBFGS")
            throw MisconfigurationError(
                "ModelPruning: LBFGS runs the model in the middle of its step, where the weights "
                "have no mask; choose another optimizer");
    }
    if (!saved_.is_dict())
        return;
    are_tickets_drawn_ = saved_.at("are_tickets_drawn").to_bool();
    for (auto& one : pruned_) {
        const auto* state = saved_.at("parameters").find(one.name);
        if (!state)
            continue;
        const auto read = [&](const char* key, at::Tensor& tensor) {
            if (const auto* value = state->find(key))
                tensor = value->tensor().to(one.param.device()).clone();
        };
        read("first", one.first);
        read("mask", one.state->mask);
        read("own", one.state->own);
        read("used", one.state->used);
    }
    saved_ = {};
}

void ModelPruning::forward_comes()
{
    for (auto& one : pruned_)
        one.state->used.reset();
}

void ModelPruning::on_train_batch_start(Trainer&, LightningModule&, const Batch&, int64_t)
{
    forward_comes();
}

void ModelPruning::on_validation_batch_start(
    Trainer&, LightningModule&, const Batch&, int64_t, int64_t)
{
    forward_comes();
}

void ModelPruning::on_before_backward(Trainer&, LightningModule&, const at::Tensor&)
{
    for (auto& one : pruned_) {
        if (!one.state->mask.defined() || !one.is_owner || !one.param.requires_grad())
            continue;
        if (!one.pass_mask) {
            one.pass_mask = std::make_shared<at::Tensor>();
            // Called with what this pass gives, before it is accumulated. It may outlive this
            // callback.
            one.hook = one.param.register_hook(
                [weak = std::weak_ptr(one.pass_mask)](const at::Tensor& grad) {
                    const auto mask = weak.lock();
                    return mask && mask->defined() ? at::mul(grad, *mask) : at::Tensor();
                });
        }
        *one.pass_mask = one.state->mask;
    }
}

void ModelPruning::remove_hooks()
{
    for (auto& one : pruned_) {
        if (std::exchange(one.pass_mask, nullptr))
            one.param.remove_hook(one.hook);
    }
}

void ModelPruning::on_before_optimizer_step(Trainer&, LightningModule&, Optimizer&)
{
    const at::NoGradGuard no_grad;
    is_stepping_ = true;
    for (auto& one : pruned_) {
        if (!one.state->mask.defined() || !one.is_owner)
            continue;
        one.state->used = one.param.detach().clone();
        one.param.detach().copy_(one.state->own);
    }
}

void ModelPruning::on_train_batch_end(
    Trainer&, LightningModule&, const StateTree&, const Batch&, int64_t)
{
    if (!std::exchange(is_stepping_, false))
        return;
    const at::NoGradGuard no_grad;
    for (auto& one : pruned_) {
        if (!one.state->mask.defined() || !one.is_owner)
            continue;
        one.state->own.copy_(one.param.detach());
        one.param.detach().mul_(one.state->mask);
    }
}

void ModelPruning::on_train_epoch_end(Trainer& trainer, LightningModule&)
{
    if (options_.prune_on_train_epoch_end)
        run_pruning(trainer);
}

void ModelPruning::on_validation_epoch_end(Trainer& trainer, LightningModule&)
{
    if (!options_.prune_on_train_epoch_end && !trainer.sanity_checking()
        && !trainer.is_beside_the_run() && trainer.state().fn == TrainerFn::Fit)
        run_pruning(trainer);
}

void ModelPruning::run_pruning(Trainer& trainer)
{
    const auto epoch = trainer.current_epoch();
    const bool applies
        = functions_.apply_pruning ? functions_.apply_pruning(epoch) : options_.apply_pruning;
    const auto amount = functions_.amount ? functions_.amount(epoch) : options_.amount;
    const bool is_nothing = std::visit([](auto value) { return value == 0; }, amount);
    if (!applies || is_nothing)
        return;
    const at::NoGradGuard no_grad;
    const auto before = zeros();
    prune(amount);
    tell_sparsity(trainer, before, amount);
    const bool is_lottery = functions_.use_lottery_ticket_hypothesis
        ? functions_.use_lottery_ticket_hypothesis(epoch)
        : options_.use_lottery_ticket_hypothesis;
    if (is_lottery)
        draw_tickets();
}

void ModelPruning::prune(const PruningAmount& amount)
{
    const auto scores_of = [](const Pruned& one) {
        return one.state->used.defined() ? one.state->used : one.param.detach();
    };
    if (!options_.use_global_unstructured) {
        for (auto& one : pruned_)
            set_mask(one, pruned_mask(rule_, scores_of(one), one.state->mask, amount));
        return;
    }
    std::vector<at::Tensor> scores, masks;
    for (const auto& one : pruned_) {
        scores.push_back(scores_of(one).reshape(-1));
        masks.push_back(
            (one.state->mask.defined() ? one.state->mask : at::ones_like(one.param)).reshape(-1));
    }
    const auto mask = pruned_mask(rule_, at::cat(scores), at::cat(masks), amount);
    int64_t begin = 0;
    for (auto& one : pruned_) {
        const auto count = one.param.numel();
        set_mask(one, mask.slice(0, begin, begin + count).view(one.param.sizes()));
        begin += count;
    }
}

void ModelPruning::set_mask(Pruned& one, const at::Tensor& mask)
{
    if (!one.state->mask.defined())
        one.state->own = one.param.detach().clone();
    one.state->mask = mask.to(one.param.dtype()).clone();
    one.param.detach().copy_(at::mul(one.state->mask, one.state->own));
    one.state->used.reset();
}

void ModelPruning::draw_tickets()
{
    const auto take = [](Pruned& one, const at::Tensor& values) {
        // PyTorch's attribute keeps the values from before until a forward pass; scores are those.
        one.state->used = one.param.detach().clone();
        one.state->own.copy_(values);
        one.param.detach().copy_(at::mul(one.state->mask, one.state->own));
    };
    if (!options_.resample_parameters) {
        if (are_tickets_drawn_)
            return;
        for (auto& one : pruned_) {
            if (one.first.device() == one.param.device())
                are_tickets_drawn_ = true;
            take(one, one.first);
        }
        return;
    }
    std::vector<const torch::nn::Module*> done;
    for (const auto& first : pruned_) {
        if (std::find(done.begin(), done.end(), first.layer) != done.end())
            continue;
        done.push_back(first.layer);
        const auto drawn = redrawn_parameters(*first.layer);
        for (auto& one : pruned_)
            if (one.layer == first.layer)
                take(one, drawn.empty() ? one.first : drawn.at(one.parameter_name));
    }
}

std::vector<int64_t> ModelPruning::zeros() const
{
    std::vector<int64_t> counts;
    if (options_.verbose == 0)
        return counts;
    for (const auto& one : pruned_)
        counts.push_back(
            one.state->mask.defined() ? one.state->mask.eq(0).sum().item<int64_t>() : 0);
    return counts;
}

ModelPruning::Sparsity ModelPruning::sparsity() const
{
    Sparsity sum;
    for (const auto& one : pruned_) {
        sum.total += one.param.numel();
        sum.pruned += one.state->mask.defined() ? one.state->mask.eq(0).sum().item<int64_t>() : 0;
    }
    return sum;
}

void ModelPruning::tell_sparsity(
    Trainer& trainer, const std::vector<int64_t>& before, const PruningAmount& amount) const
{
    if (options_.verbose == 0)
        return;
    const auto after = zeros();
    const auto line = [&](const std::string& what, int64_t from, int64_t to, int64_t total) {
        const auto share = [total](int64_t count) {
            return 100.0 * double(count) / double(std::max<int64_t>(total, 1));
        };
        trainer.message(MessageEvent::Level::Info,
            fmt::format("pruned {} by {}: {} ({:.2f}%) -> {} ({:.2f}%) of {}", what,
                method_name(rule_.method), from, share(from), to, share(to), total));
    };
    int64_t from = 0, to = 0, total = 0;
    for (size_t i = 0; i < pruned_.size(); ++i) {
        from += before[i];
        to += after[i];
        total += pruned_[i].param.numel();
    }
    line(std::visit([](auto value) { return fmt::format("{} of what was left", value); }, amount),
        from, to, total);
    for (size_t i = 0; options_.verbose == 2 && i < pruned_.size(); ++i)
        line(pruned_[i].name, before[i], after[i], pruned_[i].param.numel());
}

void ModelPruning::on_train_end(Trainer&, LightningModule&)
{
    remove_hooks();
    if (!options_.make_pruning_permanent)
        return;
    for (auto& one : pruned_) // the parameters are masked already
        for (auto* tensor : {&one.state->mask, &one.state->own, &one.state->used})
            tensor->reset();
}

void ModelPruning::on_save_checkpoint(Trainer&, LightningModule& module, StateTree& checkpoint)
{
    if (options_.make_pruning_permanent)
        return;
    std::set<std::string> parameters;
    for (const auto& parameter : module.named_parameters())
        parameters.insert(parameter.key());
    const auto layer_of
        = [](const std::string& name) { return name.substr(0, name.rfind('.') + 1); };
    const auto is_pruned = [this](const std::string& name) {
        return std::any_of(pruned_.begin(), pruned_.end(), [&](const Pruned& one) {
            return one.name == name && one.is_owner && one.state->mask.defined();
        });
    };
    const auto& entries = checkpoint.at("state_dict").entries();
    auto weights = StateTree::ordered_dict();
    for (size_t first = 0, end = 0; first < entries.size(); first = end) {
        const auto layer = layer_of(std::get<std::string>(entries[first].first));
        while (end < entries.size() && layer_of(std::get<std::string>(entries[end].first)) == layer)
            ++end;
        const auto keep = [&](bool are_parameters) {
            for (size_t i = first; i < end; ++i) {
                const auto& name = std::get<std::string>(entries[i].first);
                if (parameters.contains(name) == are_parameters && !is_pruned(name))
                    weights.set(name, entries[i].second);
            }
        };
        const auto add = [&](const char* suffix, at::Tensor Masked::* tensor) {
            for (const auto& one : pruned_)
                if (one.is_owner && one.state->mask.defined() && layer_of(one.name) == layer)
                    weights.set(one.name + suffix, (*one.state).*tensor);
        };
        // In Python a pruned parameter is registered anew, after those that are not, and its mask
        // after the buffers.
        keep(/*are_parameters=*/true);
        add("_orig", &Masked::own);
        keep(/*are_parameters=*/false);
        add("_mask", &Masked::mask);
    }
    checkpoint.set("state_dict", std::move(weights));
}

StateTree ModelPruning::resume_state() const
{
    auto parameters = StateTree::dict();
    for (const auto& one : pruned_) {
        auto state = StateTree::dict();
        const auto note = [&](const char* key, const at::Tensor& tensor) {
            if (tensor.defined())
                state.set(key, tensor);
        };
        note("first", are_tickets_drawn_ ? at::Tensor() : one.first);
        if (one.is_owner) {
            note("mask", one.state->mask);
            note("own", one.state->own);
            note("used", one.state->used);
        }
        parameters.set(one.name, std::move(state));
    }
    return StateTree::dict(
        {{"are_tickets_drawn", are_tickets_drawn_}, {"parameters", std::move(parameters)}});
}

void ModelPruning::load_resume_state(const StateTree& state)
{
    saved_ = state;
}

} // namespace leyden
