// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/data/csv_rows.h"

#include <functional>
#include <string>
#include <vector>

namespace leyden {

/// What a person should know of a table that can be used, but hardly as meant: texts that differ in
/// spaces or case alone, dates and identifiers among the features, about as many classes or
/// categories as rows, numbers beyond what a double or the loss can tell apart. One sentence each.
void note_encoding(const CSVDataOptions& options, const CsvTable& table,
    const std::vector<CsvSource>& features, const CsvSource& target, const CsvEncoding& encoding,
    const CsvSplit& split, const std::function<void(const std::string&)>& warn);

} // namespace leyden
