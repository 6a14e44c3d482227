// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace leyden {

/// Whether an object's class has a virtual function of its own in place of `Base`'s, as Lightning's
/// is_overridden says; `plain` is an object of Base (or of one that leaves the function alone).
/// The function has to be defined in a source file of ours, so that it has one address.
/// Compilers other than GCC cannot tell: true.
template <class Base, class Function>
bool is_overridden(
    [[maybe_unused]] Base& object, [[maybe_unused]] Base& plain, [[maybe_unused]] Function function)
{
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpmf-conversions"
#pragma GCC diagnostic ignored "-Wpedantic"
    using Address = void (*)();
    return reinterpret_cast<Address>(object.*function)
        != reinterpret_cast<Address>(plain.*function);
#pragma GCC diagnostic pop
#else
    return true;
#endif
}

} // namespace leyden
