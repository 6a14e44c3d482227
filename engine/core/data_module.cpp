// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/data_module.h"

namespace leyden {

LightningDataModule::~LightningDataModule() = default;

const char* to_string(TrainerFn fn)
{
    switch (fn) {
    case TrainerFn::Fit:
        return "fit";
    case TrainerFn::Validate:
        return "validate";
    case TrainerFn::Test:
        return "test";
    case TrainerFn::Predict:
        return "predict";
    }
    return "";
}

} // namespace leyden
