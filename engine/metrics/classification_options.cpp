// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/metrics/classification_options.h"

#include "engine/core/errors.h"

#include <spdlog/fmt/fmt.h>

namespace leyden {
namespace {

void check_classes(
    ClassificationTask task, int64_t num_classes, bool may_be_unset, const char* metric)
{
    if (task == ClassificationTask::Binary || num_classes >= 2
        || (may_be_unset && num_classes == 0))
        return;
    throw MisconfigurationError(
        fmt::format("{}: num_classes = {}: expected the number of {}, at least 2", metric,
            num_classes, task == ClassificationTask::Multilabel ? "labels" : "classes"));
}

} // namespace

void check_options(const ClassificationOptions& options, const char* metric)
{
    const bool is_multiclass = options.task == ClassificationTask::Multiclass;
    check_classes(options.task, options.num_classes,
        is_multiclass && options.average == Average::Micro, metric);
    if (!(options.threshold >= 0.0 && options.threshold <= 1.0))
        throw MisconfigurationError(fmt::format(
            "{}: threshold = {}: expected a probability in [0, 1]", metric, options.threshold));
    if (options.top_k < 1 || (!is_multiclass && options.top_k != 1)
        || (options.num_classes > 0 && options.top_k > options.num_classes))
        throw MisconfigurationError(
            fmt::format("{}: top_k = {}: expected 1 to num_classes = {} of a multiclass task",
                metric, options.top_k, options.num_classes));
    if (options.zero_division != 0.0 && options.zero_division != 1.0)
        throw MisconfigurationError(
            fmt::format("{}: zero_division = {}: expected 0 or 1", metric, options.zero_division));
}

void check_options(const CurveOptions& options, const char* metric)
{
    check_classes(options.task, options.num_classes, false, metric);
    if (options.task == ClassificationTask::Multiclass && options.average == Average::Micro)
        throw MisconfigurationError(fmt::format(
            "{}: average = micro: a multiclass task has macro, weighted or none", metric));
    if (options.thresholds && *options.thresholds < 2)
        throw MisconfigurationError(
            fmt::format("{}: thresholds = {}: expected at least 2, or unset for all", metric,
                *options.thresholds));
}

} // namespace leyden
