// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <string>
#include <vector>

namespace leyden {

/// What a fit takes from the checkpoint that it starts from. An evaluation takes all it needs.
struct RestoreParts
{
    bool weights = true;      ///< of the model, with what the data module fitted to its data
    bool optimizer = true;    ///< its moments and hyper-parameters, the loss scale
    bool lr_scheduler = true; ///< the place in the schedule and the rates there; else a schedule
                              ///< starts over, with the config's
    bool loops = true;        ///< epoch, step, place in the data, random states, callbacks, what
                              ///< was changed by hand

    RestoreParts() = default;
    /// Of `ckpt_restore` in a run config.
    explicit RestoreParts(const std::vector<std::string>& names)
        : weights(has(names, "weights"))
        , optimizer(has(names, "optimizer"))
        , lr_scheduler(has(names, "lr_scheduler"))
        , loops(has(names, "loops"))
    {
    }
    bool is_all() const { return weights && optimizer && lr_scheduler && loops; }

private:
    static bool has(const std::vector<std::string>& names, const char* name)
    {
        return std::find(names.begin(), names.end(), name) != names.end();
    }
};

} // namespace leyden
