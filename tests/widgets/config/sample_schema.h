// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/config/json.h"

#include <fstream>

namespace leyden::ui {

/// A schema as `leyden schema` prints it, with one model that has an option of every kind.
inline const Json& sampleSchema()
{
    static const Json schema = [] {
        std::ifstream file(LEYDEN_SOURCE_DIR "/tests/data/schema/sample_schema.json");
        return Json::parse(file);
    }();
    return schema;
}

inline Json sampleConfig()
{
    return Json::parse(R"({
        "seed_everything": 42,
        "model": {"class_path": "MLP", "init_args": {"hidden_sizes": [128, 64], "activation": "relu"}},
        "data": {"class_path": "CSVData", "init_args": {"path": "digits.csv", "target": "digit", "batch_size": 64}},
        "optimizer": {"class_path": "AdamW", "init_args": {"lr": 0.001, "weight_decay": 0.01}},
        "lr_scheduler": {"class_path": "CosineAnnealingLR", "init_args": {"T_max": 10}, "interval": "epoch"},
        "trainer": {
            "max_epochs": 10, "gradient_clip_val": 0.5, "val_check_interval": 1.0,
            "logger": [{"class_path": "CSVLogger", "init_args": {"save_dir": "runs"}}],
            "callbacks": [{"class_path": "EarlyStopping", "init_args": {"monitor": "val_loss", "patience": 3}},
                          {"class_path": "ModelCheckpoint", "init_args": {"monitor": "val_loss", "save_top_k": 2}}]
        }
    })");
}

/// A config whose model has an option of every kind.
inline Json everyKindConfig()
{
    auto config = sampleConfig();
    config["model"] = Json::parse(R"({"class_path": "EveryKind", "init_args": {"needed": "x"}})");
    return config;
}

} // namespace leyden::ui
