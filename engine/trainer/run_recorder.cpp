// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/trainer/run_recorder.h"

#include "engine/core/clock.h"
#include "engine/core/number_text.h"

#include <spdlog/fmt/fmt.h>
#include <torch/version.h>

#include <array>
#include <chrono>
#include <cmath>
#include <ctime>
#include <fstream>
#include <sstream>

#include <csignal>
#include <unistd.h>

namespace leyden {
namespace {
constexpr auto write_period = std::chrono::milliseconds(500);

constexpr size_t most_waiting_bytes = size_t(16) << 20;

/// A path or a message may hold bytes that are no UTF-8; JSON may not.
std::string document(const Json& json)
{
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

double now()
{
    return std::chrono::duration<double>(Clock::system().wall()).count();
}

Json number(double value)
{
    if (std::isnan(value))
        return "NaN";
    if (std::isinf(value))
        return value < 0 ? "-Infinity" : "Infinity";
    return value;
}

/// Start time of a process in clock ticks since boot; tells a process from a later one of the same
/// id.
std::string process_start(int64_t pid)
{
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    std::string text((std::istreambuf_iterator<char>(file)), {});
    const auto name_end = text.rfind(')');
    if (name_end == std::string::npos)
        return {};
    std::istringstream fields(text.substr(name_end + 2));
    std::string field;
    for (int i = 0; i < 20 && fields >> field; ++i) { }
    return field;
}

std::string host_name()
{
    std::array<char, 256> name{};
    gethostname(name.data(), name.size() - 1);
    return name.data();
}

const char* level_name(MessageEvent::Level level)
{
    switch (level) {
    case MessageEvent::Level::Debug:
        return "debug";
    case MessageEvent::Level::Warning:
        return "warning";
    case MessageEvent::Level::Error:
        return "error";
    case MessageEvent::Level::Info:
        break;
    }
    return "info";
}

/// Events of a run that is resumed at `step`: later ones move aside.
void cut_events(FileSystem& files, const std::filesystem::path& file, int64_t step)
{
    if (!files.exists(file))
        return;
    const auto text = files.read(file);
    std::istringstream lines(text);
    std::string kept;
    bool is_cut = !text.empty() && text.back() != '\n';
    for (std::string line; std::getline(lines, line);) {
        const auto event = Json::parse(line, nullptr, false);
        if (!event.is_object() || event.value("global_step", int64_t(0)) > step)
            is_cut = true;
        else
            kept += line + "\n";
    }
    if (!is_cut)
        return;
    int number = 0;
    auto aside = file;
    do {
        aside = file.parent_path() / fmt::format("events.jsonl.{}.old", number++);
    } while (files.exists(aside));
    files.write_atomic(aside, text);
    files.write_atomic(file, kept);
}

} // namespace

std::string iso_time(double seconds)
{
    const auto whole = std::time_t(std::floor(seconds));
    std::tm parts{};
    gmtime_r(&whole, &parts);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", parts.tm_year + 1900,
        parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
        int((seconds - double(whole)) * 1000));
}

Json process_facts()
{
    return {{"host", host_name()}, {"pid", int64_t(getpid())},
        {"pid_start", process_start(getpid())},
        {"versions", {{"leyden", LEYDEN_VERSION}, {"libtorch", TORCH_VERSION}}}};
}

bool is_process_alive(const Json& run)
{
    if (run.value("host", "") != host_name())
        return true; // cannot be seen from here
    const auto pid = run.value("pid", int64_t(0));
    return pid > 0 && kill(pid_t(pid), 0) == 0 && process_start(pid) == run.value("pid_start", "");
}

RunRecorder::RunRecorder(FileSystem& files, RunObserver* next, Json facts)
    : files_(files), next_(next), run_(std::move(facts))
{
}

RunRecorder::~RunRecorder()
{
    if (!thread_.joinable())
        return;
    {
        const std::lock_guard lock(mutex_);
        is_ending_ = true;
    }
    has_work_.notify_one();
    thread_.join();
}

void RunRecorder::open(
    const std::filesystem::path& folder, const Json& config, bool is_resumed, int64_t resumed_step)
{
    folder_ = folder;
    files_.create_directories(folder);
    if (is_resumed) {
        cut_events(files_, folder / "events.jsonl", resumed_step);
        keep_checkpoints();
    }
    files_.write_atomic(folder / "config.json", document(config));
    run_["started"] = iso_time(now());
    run_["state"] = "running";
    write_run_json();
    times_.open(files_, folder, is_resumed);
    log_ = files_.open_append(folder / "log.txt");
    events_ = files_.open_append(folder / "events.jsonl");
    thread_ = std::thread([this] { work(); });
}

void RunRecorder::keep_checkpoints()
{
    const auto file = folder_ / "run.json";
    if (!files_.exists(file))
        return;
    const auto before = Json::parse(files_.read(file), nullptr, false);
    if (before.is_object() && before.contains("metrics") && before["metrics"].is_object())
        run_["metrics"] = before["metrics"]; // until there are newer ones
    if (!before.is_object() || !before.contains("checkpoints")
        || !before["checkpoints"].is_object())
        return;
    for (const auto& [name, entry] : before["checkpoints"].items()) {
        if (files_.exists(folder_ / name))
            run_["checkpoints"][name] = entry;
    }
    if (before.contains("best"))
        run_["best"] = before["best"];
}

void RunRecorder::note_checkpoint(const CheckpointEvent& event)
{
    const std::filesystem::path path(event.path);
    const auto below = path.lexically_relative(folder_);
    const auto name = (below.empty() || *below.begin() == ".." ? path : below).string();
    is_run_changed_ = true;
    if (event.removed) {
        if (run_.contains("checkpoints"))
            run_["checkpoints"].erase(name);
        return;
    }
    Json entry{{"epoch", event.epoch}, {"global_step", event.global_step}};
    if (!event.monitor.empty()) {
        entry["metric"] = event.monitor;
        entry["value"] = number(event.monitor_value);
    }
    if (event.is_best)
        run_["best"]
            = Json{{"metric", event.monitor}, {"value", entry["value"]}, {"checkpoint", name}};
    run_["checkpoints"][name] = std::move(entry);
}

void RunRecorder::write_run_json()
{
    files_.write_atomic(folder_ / "run.json", document(run_));
}

void RunRecorder::note(const MessageEvent& message)
{
    waiting_log_ += fmt::format(
        "{} {:7} {}\n", iso_time(message.wall_seconds), level_name(message.level), message.text);
    if (message.level == MessageEvent::Level::Warning) {
        run_["warnings"].push_back(message.text);
        is_run_changed_ = true;
    }
}

void RunRecorder::on_event(const RunEvent& event)
{
    {
        const std::lock_guard lock(mutex_);
        if (const auto* message = std::get_if<MessageEvent>(&event)) {
            note(*message);
        } else if (const auto* summary = std::get_if<SummaryEvent>(&event)) {
            waiting_log_ += summary->text;
        } else if (const auto* row = std::get_if<RowEvent>(&event)) {
            for (const auto& [name, value] : row->values)
                run_["metrics"][name] = number(value);
            run_["epoch"] = int64_t(row->epoch);
            run_["global_step"] = row->global_step;
            is_run_changed_ = true;
            times_.add(*row);
        } else if (const auto* progress = std::get_if<ProgressEvent>(&event)) {
            run_["epoch"] = progress->epoch;
            run_["global_step"] = progress->global_step;
            is_run_changed_ = true;
        } else if (const auto* checkpoint = std::get_if<CheckpointEvent>(&event)) {
            note_checkpoint(*checkpoint);
        } else if (const auto* done = std::get_if<InterventionEvent>(&event)) {
            Json line{{"time", iso_time(now())}, {"event", done->event}, {"epoch", done->epoch},
                {"batch_idx", done->batch_idx}, {"global_step", done->global_step},
                {"by", done->by}};
            Json value = nullptr;
            if (done->event == "set")
                value = {{done->option, Json::parse(done->value)}};
            else if (!done->option.empty())
                value = done->option;
            line["value"] = std::move(value);
            waiting_events_ += line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
            if (done->event == "pause" || done->event == "resume") {
                run_["state"] = done->event == "pause" ? "paused" : "running";
                is_run_changed_ = true;
            }
            is_urgent_ = true;
            has_work_.notify_one();
        }
    }
    if (next_)
        next_->on_event(event);
}

void RunRecorder::write_waiting(std::unique_lock<std::mutex>& lock)
{
    auto log = std::exchange(waiting_log_, {});
    auto events = std::exchange(waiting_events_, {});
    auto times = times_.take();
    const auto run = std::exchange(is_run_changed_, false) ? document(run_) : std::string();
    is_urgent_ = false;
    lock.unlock();
    std::string failure;
    const auto attempt = [&](auto&& action) {
        try {
            action();
            return true;
        } catch (const std::exception& error) {
            failure = error.what();
            return false;
        }
    };
    const auto append = [&](AppendFile& file, std::string& text) {
        if (text.empty() || !attempt([&] { file.append(text); }))
            return;
        text.clear();
        attempt([&] { file.sync(); });
    };
    append(*log_, log);
    append(*events_, events);
    if (!times.empty() && attempt([&] { times_.write(files_, times); }))
        attempt([&] { times_.sync(); });
    const bool is_run_written
        = run.empty() || attempt([&] { files_.write_atomic(folder_ / "run.json", run); });
    lock.lock();
    if (log.size() < most_waiting_bytes) // else it is given up
        waiting_log_.insert(0, log);
    if (events.size() < most_waiting_bytes)
        waiting_events_.insert(0, events);
    if (times.lines.size() < most_waiting_bytes)
        times_.put_back(std::move(times));
    is_run_changed_ |= !is_run_written;
    const bool was_failing = std::exchange(is_failing_, !failure.empty());
    if (was_failing == is_failing_)
        return;
    const MessageEvent message{MessageEvent::Level::Warning,
        is_failing_ ? "the run folder cannot be written: " + failure
                    : "the run folder can be written again",
        now()};
    note(message);
    lock.unlock();
    if (next_) { // the observer takes events from any thread that the run owns
        next_->on_event(SavingEvent{SavingEvent::What::RunFolder, is_failing_, failure});
        next_->on_event(message);
    }
    lock.lock();
}

void RunRecorder::work()
{
    std::unique_lock lock(mutex_);
    while (!is_ending_) {
        has_work_.wait_for(lock, write_period, [this] { return is_ending_ || is_urgent_; });
        if (!waiting_log_.empty() || !waiting_events_.empty() || is_run_changed_)
            write_waiting(lock);
    }
    write_waiting(lock);
}

bool RunRecorder::has_checkpoints()
{
    const std::lock_guard lock(mutex_);
    return run_.contains("checkpoints") && !run_["checkpoints"].empty();
}

void RunRecorder::close(
    const std::string& state, int exit_code, const std::string& failure, const RunVerdict& verdict)
{
    if (!is_open())
        return;
    {
        const std::lock_guard lock(mutex_);
        run_["state"] = state;
        run_["ended"] = iso_time(now());
        run_["exit_code"] = exit_code;
        run_["outcome"] = verdict.outcome.empty() ? Json() : Json(verdict.outcome);
        run_["checkpoint_saved"]
            = verdict.checkpoint_saved ? Json(*verdict.checkpoint_saved) : Json();
        if (!failure.empty()) {
            run_["failure"] = failure;
            waiting_log_ += fmt::format("{} {:7} {}\n", iso_time(now()), "error", failure);
        }
        is_run_changed_ = true;
        is_ending_ = true;
    }
    has_work_.notify_one();
    thread_.join();
}

} // namespace leyden
