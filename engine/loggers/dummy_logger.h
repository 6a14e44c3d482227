// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/loggers/logger.h"

#include <string>

namespace leyden {

/// Takes everything and keeps nothing: what fast_dev_run puts in the place of the run's loggers, so
/// that callbacks which need a logger find one.
///
/// Source: PyTorch Lightning 2.6, loggers/logger.py.
class DummyLogger final : public Logger
{
public:
    std::string name() const override { return {}; }
    std::string version() const override { return {}; }
    std::filesystem::path log_dir() const override { return {}; }
    void open(FileSystem&, const std::filesystem::path&, const std::filesystem::path&) override { }
    void resume_at(int64_t) override { }
    void log_metrics(const MetricRow&) override { }
    void finalize(LoggerStatus) override { }
};

} // namespace leyden
