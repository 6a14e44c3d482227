// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"
#include "engine/core/state_tree.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace leyden {

/// A logged number: a scalar where it was on the CPU, else a tensor that is read when somebody
/// asks.
struct LEYDEN_API LoggedValue
{
    double number = 0.0;
    bool is_float64 = false;  ///< of a float64 tensor; else float32 widened
    at::Tensor device{};      ///< defined: the value, still on its device
    bool is_integral = false; ///< of an integer tensor, as it was logged

    /// Of a tensor of one element: integers and halves as float32; read at once on the CPU alone.
    static LoggedValue of(const at::Tensor& value);

    double read() const; ///< synchronises with the device where it has to
};

/// Name -> value in the order in which values came first, as in Lightning's dicts, with indices that
/// stay valid, so that the hot path never looks up a name.
class LEYDEN_API MetricDict
{
public:
    size_t intern(std::string_view name);
    void set(size_t index, LoggedValue value)
    {
        auto& entry = entries_[index];
        entry.value = std::move(value);
        if (!entry.present) {
            entry.present = true;
            order_.push_back(index);
        }
    }
    void clear(); ///< values go, indices stay
    StateTree state_dict() const;
    void load_state_dict(const StateTree& state); ///< adds to what is there

    std::optional<double> find(std::string_view name) const;
    const LoggedValue* find_value(std::string_view name) const;
    std::vector<std::string> names() const; ///< of what is present

    template <class Function> void for_each(Function&& function) const
    {
        for (const auto index : order_)
            function(entries_[index].name, entries_[index].value);
    }

private:
    struct Entry
    {
        std::string name;
        LoggedValue value;
        bool present = false;
    };
    std::vector<Entry> entries_;
    std::vector<size_t> order_; ///< of what is present
};

} // namespace leyden
