// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/check_options.h"
#include "engine/optim/chainable_lr_scheduler.h"

namespace leyden {

/// A chainable scheduler whose settings are numbers that describe(OptionTable<Options>&) lists, in
/// its order: what a config says is what a checkpoint holds.
template <class Options> class DescribedLRScheduler : public ChainableLRScheduler
{
protected:
    /// Throws MisconfigurationError for bad options.
    DescribedLRScheduler(Optimizer& optimizer, const Options& options)
        : ChainableLRScheduler(optimizer), options_(options)
    {
        check_options(options);
    }

    StateTree settings() const override
    {
        auto settings = StateTree::dict();
        for (const auto& option : options_of<Options>().options) {
            if (is_setting(option)) {
                const auto value = option.get(&options_);
                settings.set(option.name,
                    value.is_number_integer() ? StateTree(value.template get<int64_t>())
                                              : StateTree(value.template get<double>()));
            }
        }
        return settings;
    }

    void load_settings(const StateTree& state) override
    {
        for (const auto& option : options_of<Options>().options) {
            if (is_setting(option)) {
                const auto& value = state.at(option.name);
                option.set(
                    &options_, value.is_int() ? Json(value.to_int()) : Json(value.to_double()));
            }
        }
    }

    Options options_;

private:
    // has its own
    static bool is_setting(const Option& option) { return option.name != "last_epoch"; }
};

} // namespace leyden
