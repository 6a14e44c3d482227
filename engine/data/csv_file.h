// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace leyden {

/// The text of a CSV file. What is packed with gzip is unpacked, whatever the file is called: it is
/// known by its first bytes.
///
/// Throws: DataError for a file that cannot be opened or unpacked, that holds more than `max_bytes`
///         of text, or that is something else: a workbook, an archive, a web page. The message says
///         what it is and what to do.
std::vector<char> read_csv_file(const std::filesystem::path& file, uint64_t max_bytes);

} // namespace leyden
