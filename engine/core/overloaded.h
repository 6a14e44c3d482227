// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace leyden {

/// Several lambdas as one visitor: `std::visit(Overloaded{[](int) {...}, [](double) {...}}, value)`.
template <class... Functions> struct Overloaded : Functions...
{
    using Functions::operator()...;
};
template <class... Functions> Overloaded(Functions...) -> Overloaded<Functions...>;

} // namespace leyden
