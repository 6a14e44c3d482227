// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/metrics/metric.h"

#include <vector>

namespace leyden {

/// A metric whose state is named tensors that each batch adds to. A metric says what a batch adds
/// and what the value of a state is; the rest is here.
///
/// State:  a Sum field is one tensor, a List field the list of every batch's tensor; on the inputs'
///         device, without graph. The last batch's state is kept beside it, for batch_value().
/// Throws: CheckpointError where a saved field has another shape than this metric's.
class LEYDEN_API AccumulatedMetric : public Metric
{
public:
    void update(const at::Tensor& preds, const at::Tensor& target) final;
    at::Tensor compute() const final;
    at::Tensor batch_value() const final;
    void reset() final;
    void convert(c10::ScalarType dtype) final;
    StateTree state_dict() const final;
    void load_state_dict(const StateTree& state) final;

protected:
    enum class Join { Sum, List };
    struct Field
    {
        const char* name;
        Join join = Join::Sum;
        at::Tensor initial{};     ///< of a Sum; 0-dim: takes the shape of what is added
        bool keeps_dtype = false; ///< of a Sum: what is added is converted, else the sum is
    };
    /// One tensor a field, in their order; a List without batches is undefined.
    using State = std::vector<at::Tensor>;

    explicit AccumulatedMetric(std::vector<Field> fields);

    /// Called without gradients. Throws MisconfigurationError for inputs that do not fit.
    virtual State state_of(const at::Tensor& preds, const at::Tensor& target) const = 0;
    virtual at::Tensor value_of(const State& state) const = 0;

private:
    std::vector<Field> fields_;
    std::vector<std::vector<at::Tensor>> parts_; ///< one of a Sum, one a batch of a List
    State batch_;
};

} // namespace leyden
