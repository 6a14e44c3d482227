// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"

#include <cstdint>
#include <optional>

namespace leyden {

enum class ClassificationTask { Binary, Multiclass, Multilabel };

/// How the values of classes or labels become one: over all cases, their plain mean, their mean by
/// how often each occurs in the targets, or not at all (compute() gives one a class).
enum class Average { Micro, Macro, Weighted, None };

/// What Accuracy, PrecisionScore, RecallScore, F1Score and ConfusionMatrix are told.
struct ClassificationOptions
{
    ClassificationTask task = ClassificationTask::Multiclass;
    int64_t num_classes = 0; ///< classes, or labels of a multilabel task, >= 2; Binary: unused.
                             ///< 0 is enough for a multiclass Average::Micro
    Average average = Average::Macro;      ///< unused for Binary
    double threshold = 0.5;                ///< of probabilities, in [0, 1]; Binary and Multilabel
    int64_t top_k = 1;                     ///< a hit among the k highest scores counts; Multiclass
    std::optional<int64_t> ignore_index{}; ///< target that does not count
    double zero_division = 0.0;            ///< value of 0 / 0: 0 or 1; not of Accuracy
};

/// What AUROC and AveragePrecision are told.
struct CurveOptions
{
    ClassificationTask task = ClassificationTask::Binary;
    int64_t num_classes = 0;             ///< as above
    Average average = Average::Macro;    ///< Micro: Multilabel only
    std::optional<int64_t> thresholds{}; ///< evenly from 0 to 1, >= 2; unset: every score counts
    std::optional<int64_t> ignore_index{};
};

/// Throws MisconfigurationError naming `metric` and the option that is out of its range.
LEYDEN_API void check_options(const ClassificationOptions& options, const char* metric);
LEYDEN_API void check_options(const CurveOptions& options, const char* metric);

} // namespace leyden
