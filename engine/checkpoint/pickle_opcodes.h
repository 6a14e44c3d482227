// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string_view>

namespace leyden {

/// The instructions of Python's pickle machine that plain data uses.
/// Source: CPython, Lib/pickletools.py.
enum class PickleOp : uint8_t {
    Mark = '(',
    Stop = '.',
    Pop = '0',
    BinInt = 'J',
    BinInt1 = 'K',
    BinInt2 = 'M',
    None = 'N',
    BinPersId = 'Q',
    Reduce = 'R',
    BinUnicode = 'X',
    BinFloat = 'G',
    EmptyList = ']',
    Append = 'a',
    Appends = 'e',
    Build = 'b',
    Global = 'c',
    EmptyDict = '}',
    BinGet = 'h',
    LongBinGet = 'j',
    BinPut = 'q',
    LongBinPut = 'r',
    SetItem = 's',
    SetItems = 'u',
    Tuple = 't',
    EmptyTuple = ')',
    Proto = 0x80,
    Tuple1 = 0x85,
    Tuple2 = 0x86,
    Tuple3 = 0x87,
    NewTrue = 0x88,
    NewFalse = 0x89,
    Long1 = 0x8a,
    ShortBinUnicode = 0x8c,
    BinUnicode8 = 0x8d,
    StackGlobal = 0x93,
    Memoize = 0x94,
    Frame = 0x95,
};

} // namespace leyden
