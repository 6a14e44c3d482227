// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/profilers/simple_profiler.h"

#include "engine/config/path_roots.h"
#include "engine/core/errors.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

namespace leyden {
namespace {

/// As Python writes f"{value:.5}".
std::string five_digits(double value)
{
    auto text = fmt::format("{:.5g}", value);
    if (text.find_first_not_of("-0123456789") == std::string::npos)
        text += ".0";
    return text;
}

/// Characters of UTF-8 text.
size_t length_of(const std::string& text)
{
    return size_t(
        std::count_if(text.begin(), text.end(), [](char c) { return (c & '\xC0') != '\x80'; }));
}

/// Columns on a terminal, the line's own end included.
size_t width_of(std::string_view text)
{
    size_t column = 0, width = 0;
    for (const char c : text) {
        if ((c & '\xC0') == '\x80')
            continue;
        const size_t step = c == '\t' ? 8 - column % 8 : 1;
        column = c == '\n' ? 0 : column + step;
        width += step;
    }
    return width;
}

std::string cell(std::string_view text, size_t width)
{
    return fmt::format("|  {:<{}}\t", text, width);
}

std::string row(const std::string& action, size_t width, const std::vector<std::string>& values)
{
    auto line = "\n" + cell(action, width);
    for (const auto& value : values)
        line += cell(value, 15);
    return line + "|";
}

} // namespace

void describe(OptionTable<SimpleProfilerOptions>& table)
{
    using T = SimpleProfilerOptions;
    table.add("dirpath", &T::dirpath, "Folder of the report")
        .output_path()
        .not_empty()
        .details("Unset: profiler in the run folder. Where a run has none, the report goes to the "
                 "log alone.");
    table
        .add("filename", &T::filename,
            "Write the report to a file of this name alone, not to the log")
        .not_empty()
        .details("The file is <stage>-<filename>.txt, such as fit-times.txt.");
    table.add(
        "extended", &T::extended, "Show how often each action ran, and its share of the time");
}

SimpleProfiler::SimpleProfiler(SimpleProfilerOptions options, const Clock& clock)
    : Profiler(output_path(options.dirpath.value_or(""), "SimpleProfiler: dirpath"),
          options.filename.value_or(""))
    , options_(std::move(options))
    , clock_(clock)
    , began_(now())
{
}

double SimpleProfiler::now() const
{
    return std::chrono::duration<double>(clock_.monotonic()).count();
}

void SimpleProfiler::start(const std::string& action)
{
    if (!running_.emplace(action, now()).second)
        throw Error(fmt::format(
            "SimpleProfiler: '{}' was started while it runs; stop it first, or give the inner one "
            "another name",
            action));
}

void SimpleProfiler::stop(const std::string& action) noexcept
{
    const auto end = now();
    const auto found = running_.find(action);
    if (found == running_.end())
        return;
    const auto place = places_.try_emplace(action, actions_.size()).first->second;
    if (place == actions_.size())
        actions_.push_back({.name = action});
    ++actions_[place].calls;
    actions_[place].seconds += end - found->second;
    running_.erase(found);
}

std::string SimpleProfiler::summary() const
{
    if (actions_.empty())
        return "\n";
    const auto total = now() - began_;
    auto sorted = actions_;
    const auto mean = [](const Action& action) { return action.seconds / double(action.calls); };
    std::stable_sort(sorted.begin(), sorted.end(), [&](const Action& one, const Action& other) {
        return options_.extended ? one.seconds > other.seconds : mean(one) > mean(other);
    });
    size_t width = 0;
    int64_t calls = 0;
    for (const auto& action : sorted) {
        width = std::max(width, length_of(action.name));
        calls += action.calls;
    }
    std::vector<std::string> titles{"Mean duration (s)", "Total time (s)"};
    if (options_.extended)
        titles = {"Mean duration (s)", "Num calls", "Total time (s)", "Percentage %"};
    const auto header = row("Action", width, titles);
    const auto rule = "\n" + std::string(width_of(header), '-');
    auto text = rule + header + rule;
    if (options_.extended)
        text += row("Total", width, {"-", std::to_string(calls), five_digits(total), "100 %"})
            + rule;
    for (const auto& action : sorted) {
        const auto each = five_digits(mean(action)), all = five_digits(action.seconds);
        text += row(action.name, width,
            options_.extended ? std::vector{each, std::to_string(action.calls), all,
                                    five_digits(100.0 * action.seconds / total)}
                              : std::vector{each, all});
    }
    return text + rule + "\n";
}

} // namespace leyden
