// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/support/recorded_cpu.h"

#include <QRegularExpression>
#include <QString>
#include <QStringList>

#include <algorithm>
#include <cmath>
#include <utility>

namespace leyden::test {

/// Whether two names are one apart from digits of metrics: what is written with a point or an
/// exponent has to be near, also by one in the last place shown. Of two metrics that are so near,
/// another CPU may find the other one better: then epochs and steps beside them may differ.
inline bool isSameName(const QString& found, const QString& expected, const Tolerance& tolerance)
{
    if (found == expected || tolerance.is_bitwise())
        return found == expected;
    static const QRegularExpression number(
        QStringLiteral("[+-]?\\d+(?<decimals>\\.\\d+)?(?<exponent>e[+-]?\\d+)?"));
    const auto texts = std::pair(found.split(number), expected.split(number));
    if (texts.first != texts.second)
        return false;
    bool hasMetric = false, hasOtherCount = false;
    auto left = number.globalMatch(found), right = number.globalMatch(expected);
    while (left.hasNext() && right.hasNext()) {
        const auto a = left.next(), b = right.next();
        const auto decimals = b.captured(u"decimals"), exponent = b.captured(u"exponent");
        if (decimals.isEmpty() && exponent.isEmpty()) {
            hasOtherCount = hasOtherCount || a.captured() != b.captured();
            continue;
        }
        hasMetric = true;
        const auto shown = std::max(qsizetype(0), decimals.size() - 1);
        const auto lastPlace = std::pow(10.0, exponent.mid(1).toDouble() - double(shown));
        const auto values = std::pair(a.captured().toDouble(), b.captured().toDouble());
        if (!tolerance.accepts(values.first, values.second)
            && std::abs(values.first - values.second) > 1.001 * lastPlace)
            return false;
    }
    return hasMetric || !hasOtherCount;
}

/// For each expected name the one found that is the same; "" where there is none. Each is used
/// once.
inline QStringList namesFor(
    const QStringList& expected, QStringList found, const Tolerance& tolerance)
{
    QStringList names;
    for (const auto& name : expected)
        names << (found.removeOne(name) ? name : QString());
    for (qsizetype i = 0; i < names.size(); ++i)
        for (qsizetype j = 0; names[i].isEmpty() && j < found.size(); ++j)
            if (isSameName(found[j], expected[i], tolerance))
                names[i] = found.takeAt(j);
    return names;
}

/// Empty, or what is wrong with names.
inline QString nameDifference(
    const QStringList& found, const QStringList& expected, const Tolerance& tolerance)
{
    const auto names = namesFor(expected, found, tolerance);
    if (found.size() == expected.size() && !names.contains(QString()))
        return {};
    return QStringLiteral("found %1; recorded %2").arg(found.join(u", "), expected.join(u", "));
}

} // namespace leyden::test
