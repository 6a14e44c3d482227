// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"

namespace leyden {

/// A data module that, once it knows how a model was trained, takes data without the answers:
/// prediction does not need them. A run of another kind asks first, so that it ends before its
/// folder is made.
class LEYDEN_API DataTargets
{
public:
    virtual ~DataTargets();

    /// Throws DataError where there is no target to train or evaluate with.
    virtual void check_targets() = 0;

    /// That of any object; nothing where it has no such check.
    template <class Data> static void check(Data& data)
    {
        if (auto* checked = dynamic_cast<DataTargets*>(&data))
            checked->check_targets();
    }
};

} // namespace leyden
