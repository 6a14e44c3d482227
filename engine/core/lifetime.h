// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

namespace leyden {

/// A member by which others can tell whether its owner is still there. A copy has a life of its own.
class Lifetime
{
public:
    Lifetime() = default;
    Lifetime(const Lifetime&) : Lifetime() { }
    Lifetime& operator=(const Lifetime&) { return *this; }
    ~Lifetime() = default;

    std::weak_ptr<const void> watch() const { return token_; }

private:
    std::shared_ptr<const void> token_ = std::make_shared<const char>();
};

} // namespace leyden
