// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/json.h"
#include "engine/core/export.h"

namespace leyden {

/// A data module that finds out some of its options by itself, where a config leaves them to it
/// ("auto"). A run writes down what was found: config.json and checkpoints then read the same data
/// in the same way.
class LEYDEN_API DataFindings
{
public:
    virtual ~DataFindings();

    /// The options as found, by their names in init_args; an empty object before the data was read.
    virtual Json found_options() const = 0;

    /// Puts what any object found in the place of what a resolved config says of the data.
    template <class Data> static void write(const Data& data, Json& config)
    {
        if (const auto* found = dynamic_cast<const DataFindings*>(&data))
            put(*found, config);
    }

private:
    static void put(const DataFindings& found, Json& config);
};

} // namespace leyden
