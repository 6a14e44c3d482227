// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"
#include "engine/core/file_system.h"
#include "engine/trainer/run_observer.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace leyden {

/// When each row of metrics.csv was logged: times.csv beside it, for Lightning's file holds no
/// times.
///
/// Format: `row,wall_s,active_s`, a line per row; row counts from 0, the seconds from the start of
///         the training, the second ones without pauses. A resumed run counts on where it was cut.
/// Threads: add() and take() under the caller's lock, write() by one thread without it.
class LEYDEN_API RowTimes
{
public:
    /// What waits to be written.
    struct Waiting
    {
        bool is_cut = false;    ///< the file is written anew with `kept`
        std::string old_text{}; ///< of the file before the cut, to be set aside
        std::string kept{};     ///< with the header
        std::string lines{};    ///< after it
        bool empty() const { return !is_cut && lines.empty(); }
    };

    /// Reads what a run that is resumed in its folder has written so far. Throws FileError.
    void open(FileSystem& files, const std::filesystem::path& folder, bool is_resumed);
    void add(const RowEvent& row);
    Waiting take();
    void put_back(Waiting waiting); ///< what could not be written
    /// Writes and takes out of `waiting` what was written. Throws FileError.
    void write(FileSystem& files, Waiting& waiting);
    void sync();

private:
    struct Time
    {
        int64_t row = 0;
        double wall = 0.0;
        double active = 0.0;
    };
    void cut_at(int64_t row); ///< once the first row tells where the run goes on

    std::filesystem::path file_;
    std::unique_ptr<AppendFile> append_;
    std::string before_;       ///< text of the file at the resume
    bool is_started_ = false;  ///< the file has its header, or that waits
    bool is_placed_ = false;   ///< the first row has come
    double wall_offset_ = 0.0; ///< up to the resume
    double active_offset_ = 0.0;
    Waiting waiting_;
};

} // namespace leyden
