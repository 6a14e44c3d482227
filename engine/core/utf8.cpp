// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/utf8.h"

#include <cstddef>
#include <cstdint>

namespace leyden {

bool is_utf8(std::string_view bytes)
{
    for (size_t i = 0; i < bytes.size();) {
        const auto lead = static_cast<uint8_t>(bytes[i]);
        const int followers = lead < 0x80 ? 0
            : lead >= 0xc2 && lead < 0xe0 ? 1
            : lead >= 0xe0 && lead < 0xf0 ? 2
            : lead >= 0xf0 && lead < 0xf5 ? 3
                                          : -1;
        if (followers < 0 || bytes.size() - i <= static_cast<size_t>(followers))
            return false;
        for (int k = 1; k <= followers; ++k) {
            const auto follower = static_cast<uint8_t>(bytes[i + static_cast<size_t>(k)]);
            // The first follower also rules out overlong forms, surrogates and what lies past
            // U+10FFFF.
            const uint8_t low = k > 1 ? 0x80 : lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
            const uint8_t high = k > 1 ? 0xbf : lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
            if (follower < low || follower > high)
                return false;
        }
        i += 1 + static_cast<size_t>(followers);
    }
    return true;
}

} // namespace leyden
