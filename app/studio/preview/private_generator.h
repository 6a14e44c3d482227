// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>

namespace leyden::app {

/// While it lives, this thread draws from a random generator of its own wherever LibTorch's
/// process-wide one would be used, and makes no more tensors than `maxBytes` hold. A model can so
/// be made for a look at it beside a run that trains: the run's numbers stay what they were.
///
/// Throws (out of what is made): MisconfigurationError where the bytes run out.
class PrivateGenerator final
{
public:
    explicit PrivateGenerator(int64_t maxBytes);
    ~PrivateGenerator();
    PrivateGenerator(const PrivateGenerator&) = delete;
    PrivateGenerator& operator=(const PrivateGenerator&) = delete;

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace leyden::app
