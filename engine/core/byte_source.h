// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/errors.h"

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace leyden {

/// Bytes whose number is known, read from any place among them: those of a file, or of memory.
/// Threads: any number of them may read at once.
class ByteSource
{
public:
    virtual ~ByteSource() = default;
    virtual uint64_t size() const = 0;
    /// `count` bytes from `offset` on; the place lies within size(). Throws: FileError where the
    /// disk fails.
    virtual void read(uint64_t offset, char* to, size_t count) = 0;

    std::string text(uint64_t offset, size_t count)
    {
        std::string bytes(count, '\0');
        read(offset, bytes.data(), count);
        return bytes;
    }
};

/// Bytes in memory, which must outlive it.
class MemorySource final : public ByteSource
{
public:
    explicit MemorySource(std::string_view bytes) : bytes_(bytes) { }

    uint64_t size() const override { return bytes_.size(); }
    void read(uint64_t offset, char* to, size_t count) override
    {
        LEYDEN_ASSERT(offset <= bytes_.size() && count <= bytes_.size() - offset);
        if (count != 0)
            std::memcpy(to, bytes_.data() + offset, count);
    }

private:
    std::string_view bytes_;
};

} // namespace leyden
