// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/trainer/run_printer.h"

#include "engine/callbacks/callback.h"
#include "engine/core/number_text.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include <sys/ioctl.h>
#include <unistd.h>

namespace leyden {
namespace {

std::string bar_clock_text(double seconds)
{
    if (seconds < 0)
        return "?";
    const auto whole = int64_t(seconds + 0.5);
    return whole >= 3600 ? fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60)
                         : fmt::format("{:02}:{:02}", whole / 60, whole % 60);
}

const char* bar_stage_text(StageKind stage)
{
    switch (stage) {
    case StageKind::SanityChecking:
        return "Sanity Checking";
    case StageKind::Validating:
        return "Validation";
    case StageKind::Testing:
        return "Testing";
    case StageKind::Predicting:
        return "Predicting";
    default:
        return "Epoch";
    }
}

size_t terminal_width()
{
    winsize size{};
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20 ? size.ws_col : 80;
}

std::string values_text(const std::vector<std::pair<std::string, double>>& values)
{
    std::string text;
    for (const auto& [name, value] : values)
        text += fmt::format("{}{}={:.4g}", text.empty() ? "" : " ", name, unsigned_nan(value));
    return text;
}

} // namespace

PrintStyle PrintStyle::of_terminal()
{
    return {.has_color = !std::getenv("NO_COLOR") && isatty(STDERR_FILENO) != 0};
}

RunPrinter::RunPrinter(PrintStyle style, BarStyle bar_style)
    : style_(style)
    , bar_style_(bar_style)
    , shows_bar_(bar_style.is_shown && !style.is_quiet)
    , is_terminal_(isatty(STDERR_FILENO) != 0)
{
}

RunPrinter::~RunPrinter()
{
    end();
}

void RunPrinter::end()
{
    const std::lock_guard lock(mutex_);
    if (!bar_.empty() && bar_style_.stays)
        std::fputs("\n", stderr);
    else
        wipe();
    bar_.clear();
}

void RunPrinter::wipe() const
{
    if (bar_.empty())
        return;
    const auto lines = size_t(bar_style_.position);
    std::fputs((std::string(lines, '\n') + "\r\033[K").c_str(), stderr);
    if (lines > 0)
        std::fputs(fmt::format("\033[{}A", lines).c_str(), stderr);
}

void RunPrinter::put() const
{
    const auto lines = size_t(bar_style_.position);
    std::fputs((std::string(lines, '\n') + bar_).c_str(), stderr);
    if (lines > 0)
        std::fputs(fmt::format("\r\033[{}A", lines).c_str(), stderr);
    std::fflush(stderr);
}

void RunPrinter::line(const std::string& text)
{
    wipe();
    std::fputs((text.ends_with('\n') ? text : text + '\n').c_str(), stderr);
    std::fflush(stderr);
    if (!bar_.empty())
        put();
}

void RunPrinter::on_event(const RunEvent& event)
{
    const std::lock_guard lock(mutex_);
    if (const auto* progress = std::get_if<ProgressEvent>(&event)) {
        if (shows_bar_ && is_terminal_ && is_due(*progress))
            draw(*progress);
    } else if (const auto* logged = std::get_if<RowEvent>(&event)) {
        if (shows_bar_)
            row(*logged);
    } else if (const auto* summary = std::get_if<SummaryEvent>(&event)) {
        if (!style_.is_quiet)
            line(summary->text);
    } else if (const auto* folder = std::get_if<FolderEvent>(&event)) {
        if (!style_.is_quiet)
            line("run folder: " + folder->path);
    } else if (const auto* message = std::get_if<MessageEvent>(&event)) {
        using Level = MessageEvent::Level;
        const bool is_problem = message->level == Level::Warning || message->level == Level::Error;
        if (is_problem)
            line((style_.has_color ? "\033[33mwarning:\033[0m " : "warning: ") + message->text);
        else if (!style_.is_quiet && (message->level == Level::Info || style_.is_verbose))
            line(message->text);
    }
}

bool RunPrinter::is_due(const ProgressEvent& progress) const
{
    const auto every = std::max<int64_t>(1, bar_style_.batches_between); // its multiples
    const bool is_new
        = bar_.empty() || progress.stage != drawn_.stage || progress.epoch != drawn_.epoch;
    return is_new || progress.batch == progress.batches
        || (progress.batch / every != drawn_.batch / every
            && progress.seconds - drawn_.seconds >= bar_style_.seconds_between);
}

void RunPrinter::row(const RowEvent& row)
{
    // Only what an evaluation or an epoch gave: a line for every training row would flood a log
    // file.
    const bool is_evaluation
        = std::any_of(row.values.begin(), row.values.end(), [](const auto& value) {
              return value.first.starts_with("val_") || value.first.starts_with("test_");
          });
    if (is_evaluation)
        line(fmt::format("epoch {:.0f} step {}: {}", // from 0, as in the names of checkpoints
            std::max(0.0, std::ceil(row.epoch) - 1.0), row.global_step, values_text(row.values)));
}

void RunPrinter::draw(const ProgressEvent& progress)
{
    constexpr size_t bar_width = 20;
    constexpr double waiting_share = 0.2; // less is everyday life
    const double share
        = progress.batches > 0 ? double(progress.batch) / double(progress.batches) : 0.0;
    const auto filled = std::min(bar_width, size_t(share * bar_width));
    std::string bar;
    for (size_t i = 0; i < bar_width; ++i)
        bar += i < filled ? "█" : "·";
    auto head = std::string(bar_stage_text(progress.stage));
    if (progress.stage == StageKind::Training)
        epoch_ = progress.epoch;
    else if (progress.stage == StageKind::Idle && progress.epoch > 0)
        epoch_ = progress.epoch - 1; // all are counted; the last batches were perhaps not drawn
    if (progress.stage == StageKind::Training || progress.stage == StageKind::Idle)
        head += progress.max_epochs > 0 ? fmt::format(" {}/{}", epoch_, progress.max_epochs - 1)
                                        : fmt::format(" {}", epoch_);
    auto speed = progress.batches_per_second > 0
        ? fmt::format("{:.0f} it/s", progress.batches_per_second)
        : std::string("? it/s");
    if (progress.cpu_wait_share >= waiting_share)
        speed += fmt::format(", waits for the CPU {:.0f} %", 1e2 * progress.cpu_wait_share);
    auto tail = fmt::format(" {}/{} [{}<{}, {}] {}", progress.batch,
        progress.batches < 0 ? std::string("?") : std::to_string(progress.batches),
        bar_clock_text(progress.active_seconds), bar_clock_text(progress.remaining_seconds), speed,
        values_text(progress.bar));
    const auto used = head.size() + bar_width + 1;
    if (const auto width = terminal_width() - 1; used + tail.size() > width)
        tail.resize(width > used ? width - used : 0);
    if (bar_style_.stays && !bar_.empty() && progress.epoch != drawn_.epoch)
        std::fputs("\n", stderr);
    bar_ = "\r\033[K" + head + " " + bar + tail;
    drawn_ = progress;
    put();
}

BarStyle bar_style_of(bool is_enabled, const std::vector<std::unique_ptr<Callback>>& callbacks)
{
    BarStyle style;
    style.is_shown = is_enabled;
    for (const auto& callback : callbacks) {
        if (const auto* bar = dynamic_cast<const ProgressBarCallback*>(callback.get()))
            style = bar->style();
    }
    return style;
}

std::string results_table(
    const std::vector<std::vector<std::pair<std::string, double>>>& results, TrainerFn fn)
{
    std::vector<std::string> names;
    for (const auto& loader : results) {
        for (const auto& [name, value] : loader) {
            if (std::find(names.begin(), names.end(), name) == names.end())
                names.push_back(name);
        }
    }
    std::sort(names.begin(), names.end());
    std::vector<std::vector<std::string>> rows{
        {fn == TrainerFn::Test ? "Test metric" : "Validate metric"}};
    for (size_t i = 0; i < results.size(); ++i)
        rows.front().push_back(fmt::format("DataLoader {}", i));
    for (const auto& name : names) {
        rows.push_back({name});
        for (const auto& loader : results) {
            const auto found = std::find_if(loader.begin(), loader.end(),
                [&](const auto& entry) { return entry.first == name; });
            rows.back().push_back(found == loader.end() ? "" : python_repr(found->second));
        }
    }
    size_t width = 0;
    for (const auto& row : rows) {
        for (const auto& cell : row)
            width = std::max(width, cell.size());
    }
    const std::string rule((width + 3) * rows.front().size() + 1, '-');
    std::string text = rule + "\n";
    for (const auto& row : rows) {
        for (const auto& cell : row)
            text += fmt::format("| {:<{}} ", cell, width);
        text += "|\n";
        if (&row == rows.data())
            text += rule + "\n";
    }
    return text + rule;
}

} // namespace leyden
