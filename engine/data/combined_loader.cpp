// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/data/combined_loader.h"

#include "engine/core/errors.h"

#include <algorithm>
#include <numeric>
#include <optional>

namespace leyden {
namespace {

/// Carries a combined loader through a hook's DataLoaders; it has no batches of its own.
class CarriedLoader final : public Dataset
{
public:
    explicit CarriedLoader(CombinedLoader loader) : combined(std::move(loader)) { }
    int64_t size() const override { return combined.rows(); }
    Batch get_batch(std::span<const int64_t>) const override
    {
        throw MisconfigurationError(
            "a combined loader is read by the Trainer alone; read the loaders that it combines");
    }
    CombinedLoader combined;
};

int64_t count_of(CombinedMode mode, const std::vector<int64_t>& counts)
{
    const bool has_no_end = std::find(counts.begin(), counts.end(), unknown_size) != counts.end();
    if (mode == CombinedMode::Sequential && has_no_end)
        return unknown_size;
    if (mode == CombinedMode::Sequential)
        return std::accumulate(counts.begin(), counts.end(), int64_t(0));
    return mode == CombinedMode::MinSize ? *std::min_element(counts.begin(), counts.end())
                                         : *std::max_element(counts.begin(), counts.end());
}

class CombinedIterator final : public BatchIterator
{
public:
    CombinedIterator(DataLoaders loaders, std::vector<std::string> names, CombinedMode mode)
        : loaders_(std::move(loaders))
        , names_(std::move(names))
        , mode_(mode)
        , has_ended_(loaders_.size(), false)
    {
        for (const auto& loader : loaders_)
            iterators_.push_back(loader->iterate());
    }

    CombinedIterator(DataLoaders loaders, std::vector<std::string> names, CombinedMode mode,
        const StateTree& position)
        : loaders_(std::move(loaders)), names_(std::move(names)), mode_(mode)
    {
        if (!position.contains("loaders") || position.at("loaders").size() != loaders_.size())
            throw CheckpointError("The checkpoint stands in another number of training loaders: "
                                  "resume with the data of "
                                  "the saved run.");
        for (size_t i = 0; i < loaders_.size(); ++i) {
            const auto& one = position.at("loaders")[i];
            iterators_.push_back(loaders_[i]->resume(one.at("position")));
            has_ended_.push_back(one.at("has_ended").to_bool());
        }
    }

    bool next(Batch& batch) override
    {
        std::vector<StateTree> parts(loaders_.size());
        bool is_any_left = false;
        for (size_t i = 0; i < loaders_.size(); ++i) {
            if (iterators_[i]->next(parts[i])) {
                is_any_left = true;
                continue;
            }
            if (mode_ == CombinedMode::MinSize)
                return false;
            if (mode_ == CombinedMode::MaxSizeCycle) {
                if (!begin_again(i, parts[i]))
                    return false;
                is_any_left = true;
            } else {
                parts[i] = {};
            }
        }
        if (is_any_left)
            batch = joined(std::move(parts));
        return is_any_left;
    }

    StateTree state_dict() const override
    {
        auto states = StateTree::list();
        for (size_t i = 0; i < iterators_.size(); ++i)
            states.push_back(StateTree::dict(
                {{"position", iterators_[i]->state_dict()}, {"has_ended", bool(has_ended_[i])}}));
        return StateTree::dict({{"loaders", std::move(states)}});
    }

private:
    /// False where every loader has ended once.
    bool begin_again(size_t i, Batch& batch)
    {
        has_ended_[i] = true;
        if (std::all_of(
                has_ended_.begin(), has_ended_.end(), [](bool has_ended) { return has_ended; }))
            return false;
        iterators_[i].reset(); // one pass at a time
        iterators_[i] = loaders_[i]->iterate();
        return iterators_[i]->next(batch);
    }

    Batch joined(std::vector<StateTree> parts) const
    {
        if (names_.empty())
            return StateTree::list(std::move(parts));
        auto batch = StateTree::dict();
        for (size_t i = 0; i < parts.size(); ++i)
            batch.set(names_[i], std::move(parts[i]));
        return batch;
    }

    DataLoaders loaders_;
    std::vector<std::string> names_;
    CombinedMode mode_;
    std::vector<std::unique_ptr<BatchIterator>> iterators_;
    std::vector<bool> has_ended_;
};

} // namespace

const char* to_string(CombinedMode mode)
{
    switch (mode) {
    case CombinedMode::MinSize:
        return "min_size";
    case CombinedMode::MaxSize:
        return "max_size";
    case CombinedMode::MaxSizeCycle:
        return "max_size_cycle";
    case CombinedMode::Sequential:
        return "sequential";
    }
    return "";
}

CombinedLoader::CombinedLoader(DataLoaders loaders, CombinedMode mode)
    : loaders_(std::move(loaders)), mode_(mode)
{
    if (loaders_.empty() || std::find(loaders_.begin(), loaders_.end(), nullptr) != loaders_.end())
        throw MisconfigurationError(
            "CombinedLoader: expected at least one loader, and none that is null");
}

CombinedLoader::CombinedLoader(Named loaders, CombinedMode mode)
    : CombinedLoader(
          [&] {
              DataLoaders plain;
              for (const auto& [name, loader] : loaders)
                  plain.push_back(loader);
              return plain;
          }(),
          mode)
{
    for (auto& [name, loader] : loaders)
        names_.push_back(std::move(name));
}

CombinedLoader::operator DataLoaders() const
{
    return {
        std::make_shared<DataLoader>(std::make_shared<CarriedLoader>(*this), DataLoaderOptions{})};
}

CombinedLoader CombinedLoader::of(const DataLoaders& returned, CombinedMode mode)
{
    if (returned.size() == 1 && returned.front())
        if (const auto* carried = dynamic_cast<const CarriedLoader*>(&returned.front()->dataset()))
            return carried->combined;
    CombinedLoader plain(returned, mode);
    plain.is_plain_ = true;
    return plain;
}

bool CombinedLoader::shuffles() const
{
    return std::any_of(loaders_.begin(), loaders_.end(),
        [](const auto& loader) { return loader->options().shuffle || loader->options().sampler; });
}

int64_t CombinedLoader::rows() const
{
    std::vector<int64_t> counts;
    for (const auto& loader : loaders_)
        counts.push_back(loader->dataset().size());
    return count_of(mode_, counts);
}

int64_t CombinedLoader::size(const std::vector<int64_t>& batches) const
{
    LEYDEN_ASSERT(batches.size() == loaders_.size());
    return count_of(mode_, batches);
}

std::unique_ptr<BatchIterator> CombinedLoader::iterate()
{
    if (is_single())
        return loaders_.front()->iterate();
    LEYDEN_ASSERT(mode_ != CombinedMode::Sequential);
    return std::make_unique<CombinedIterator>(loaders_, names_, mode_);
}

std::unique_ptr<BatchIterator> CombinedLoader::resume(const StateTree& position)
{
    if (is_single())
        return loaders_.front()->resume(position);
    return std::make_unique<CombinedIterator>(loaders_, names_, mode_, position);
}

CombinedLoader CombinedLoader::in_order() const
{
    auto result = *this;
    for (auto& loader : result.loaders_)
        if (loader->options().shuffle || loader->options().sampler)
            loader = loader->in_order();
    return result;
}

} // namespace leyden
