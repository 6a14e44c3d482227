// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/trainer/trace.h"

#include "engine/core/number_text.h"

#include <spdlog/fmt/fmt.h>

namespace leyden {

TraceWriter::TraceWriter(FileSystem& files, const std::filesystem::path& file,
    std::function<void(const std::string&)> report)
    : report_(std::move(report))
{
    if (file.has_parent_path())
        files.create_directories(file.parent_path());
    file_ = files.open_append(file);
    if (file_->size() > 0) // a pipe or a device has none
        file_->truncate(0);
}

TraceWriter::~TraceWriter()
{
    write();
}

void TraceWriter::line(std::string text)
{
    buffer_ += text;
    buffer_ += '\n';
    if (buffer_.size() > 1 << 16)
        write();
}

void TraceWriter::write()
{
    if (!file_) {
        buffer_.clear();
        return;
    }
    try {
        file_->append(buffer_);
    } catch (const std::exception& error) {
        file_.reset();
        report_(std::string("the trace ends here: ") + error.what());
    }
    buffer_.clear();
}

void TraceWriter::hook(
    Hook hook, HookOwner owner, int64_t epoch, int64_t global_step, HookPlace place)
{
    if (leaves_out_callbacks_ && owner == HookOwner::Callback)
        return;
    std::string text;
    if (is_call(hook)) {
        text = fmt::format(R"({{"call": "{}", "epoch": {}, "global_step": {}}})", hook_name(hook),
            epoch, global_step);
    } else {
        const auto* on = owner == HookOwner::Callback ? "callback"
            : owner == HookOwner::Module              ? "module"
                                                      : "datamodule";
        text = fmt::format(R"({{"hook": "{}", "on": "{}", "epoch": {}, "global_step": {})",
            hook_name(hook), on, epoch, global_step);
        if (place.batch_idx >= 0)
            text += fmt::format(R"(, "batch_idx": {})", place.batch_idx);
        if (place.dataloader_idx >= 0)
            text += fmt::format(R"(, "dataloader_idx": {})", place.dataloader_idx);
        text += '}';
    }
    line(std::move(text));
}

void TraceWriter::row(const MetricRow& row)
{
    std::string text = R"({"log": {)";
    for (const auto& value : row.values) {
        if (&value != row.values.data())
            text += ", ";
        text += json_quoted(value.name) + ": "
            + (value.is_integer ? std::to_string(int64_t(value.value)) : json_number(value.value));
    }
    text += fmt::format(R"(}}, "step": {}}})", row.step);
    line(std::move(text));
}

} // namespace leyden
