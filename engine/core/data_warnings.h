// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"

#include <string>
#include <vector>

namespace leyden {

/// A data module that notices more than errors while it reads: a run takes it over and warns,
/// `leyden check` tells it.
class LEYDEN_API DataWarnings
{
public:
    virtual ~DataWarnings();

    /// What was noticed since the last call, one sentence each.
    virtual std::vector<std::string> take_warnings() = 0;

    /// Those of any object; none where it has none to tell.
    template <class Data> static std::vector<std::string> of(Data& data)
    {
        auto* noticed = dynamic_cast<DataWarnings*>(&data);
        return noticed ? noticed->take_warnings() : std::vector<std::string>();
    }
};

} // namespace leyden
