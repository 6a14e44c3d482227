// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/file_system.h"
#include "engine/loggers/logger.h"
#include "engine/trainer/hook.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace leyden {

/// Which batch a hook belongs to; -1 where the hook has none.
struct HookPlace
{
    int64_t batch_idx = -1;
    int64_t dataloader_idx = -1;
};

/// Writes `--trace`: one JSON object a line for every hook, step and row (contract.md section 5).
class LEYDEN_API TraceWriter
{
public:
    /// report: told once where the file cannot be written any more; the trace ends there, the run
    /// goes on.
    TraceWriter(FileSystem& files, const std::filesystem::path& file,
        std::function<void(const std::string&)> report);
    ~TraceWriter();

    void hook(Hook hook, HookOwner owner, int64_t epoch, int64_t global_step, HookPlace place);
    void row(const MetricRow& row);
    /// While the tuner tries something out, the run's callbacks are set aside: the module's hooks
    /// alone leave lines.
    void leave_out_callbacks(bool leave_out) { leaves_out_callbacks_ = leave_out; }

private:
    void line(std::string text);

    std::unique_ptr<AppendFile> file_;
    void write();

    std::function<void(const std::string&)> report_;
    std::string buffer_;
    bool leaves_out_callbacks_ = false;
};

} // namespace leyden
