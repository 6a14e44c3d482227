// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"

#include <string>
#include <string_view>
#include <vector>

namespace leyden {

/// What the option `encoding` of CSVData names besides "auto", by Python's names.
inline constexpr const char* text_encodings[]
    = {"utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1", "cp1252"};

/// The encoding of a text that begins with `start`: by its byte order mark; else UTF-16 where every
/// other byte is 0; UTF-8 where the bytes are such; else cp1252, which is Latin-1 with printable
/// signs, unless that has none of the bytes, or most of the text is UTF-8 after all. What cannot be
/// told is "utf-8", and the reader names the byte that is not.
LEYDEN_API std::string find_encoding(std::string_view start);

/// The text as UTF-8. That of "utf-8" and "utf-8-sig" comes back as it is, checked by nobody.
/// Throws: DataError for the byte order mark of another encoding, and for bytes that are not of this
///         one, whose line it names.
LEYDEN_API std::vector<char> to_utf8(
    std::vector<char> bytes, const std::string& encoding, const std::string& name);

/// Whether a text is UTF-8 with letters beyond ASCII, which a text of one byte a letter hardly is.
bool is_wide_utf8(std::string_view text);

/// Length of the UTF-8 character at the start of `text`, which is not empty; 0 where there is none
/// (Unicode 15, table 3-7).
size_t utf8_length(std::string_view text);

} // namespace leyden
