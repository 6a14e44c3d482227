// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/metrics/number_text.h"

#include <QLocale>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace leyden::ui {
namespace {
template <typename Number> QByteArray shortest(Number value)
{
    if (std::isnan(value))
        return QByteArrayLiteral("nan");
    std::array<char, 40> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
    return QByteArray(text.data(), end - text.data());
}

// "1.5e-05" -> "1.5e-5"
QString withoutExponentPadding(QString text)
{
    const auto e = text.indexOf(QLatin1Char('e'));
    if (e < 0)
        return text;
    auto digit = e + 1;
    if (text.at(digit) == QLatin1Char('+'))
        text.remove(digit, 1);
    else if (text.at(digit) == QLatin1Char('-'))
        ++digit;
    while (digit + 1 < text.size() && text.at(digit) == QLatin1Char('0'))
        text.remove(digit, 1);
    return text;
}
/// As many decimals as tell ticks of that distance apart, each the same: 0.90 beside 0.95.
QString withDecimals(double value, double step)
{
    constexpr int most = 9;
    int decimals = 0;
    for (double scaled = step;
        decimals < most && std::abs(scaled - std::round(scaled)) > 1e-6 * scaled; scaled *= 10.0)
        ++decimals;
    return QString::number(value, 'f', decimals);
}
} // namespace

QByteArray shortestDouble(double value)
{
    return shortest(value);
}

QString exactNumber(double value)
{
    if (std::abs(value) < 1e15 && value == std::trunc(value))
        return QString::number(qint64(value)); // a count, 100000 and not 1e5
    const auto asFloat = static_cast<float>(value);
    const bool isFloat = static_cast<double>(asFloat) == value;
    return withoutExponentPadding(
        QString::fromLatin1(isFloat ? shortest(asFloat) : shortest(value)));
}

QString roundedNumber(double value, int digits)
{
    if (!std::isfinite(value))
        return QString::fromLatin1(shortest(value));
    return withoutExponentPadding(QString::number(value, 'g', digits));
}

QString tickNumber(double value, double tickStep)
{
    const double step = std::abs(tickStep);
    if (step > 0.0 && std::abs(value) < step * 1e-6)
        return QStringLiteral("0");
    const auto isWhole = [step](double unit) { return step >= unit * 0.999; };
    if (std::abs(value) >= 1e6 && isWhole(1e4))
        return withDecimals(value / 1e6, step / 1e6) + QLatin1Char('M');
    if (std::abs(value) >= 1e4 && isWhole(1e1))
        return withDecimals(value / 1e3, step / 1e3) + QLatin1Char('k');
    if (std::isfinite(step) && step >= 1e-4 && std::abs(value) < 1e6)
        return withDecimals(value, step);
    int digits = 6;
    if (step > 0.0 && std::isfinite(step))
        digits = std::clamp(int(std::ceil(std::log10(std::abs(value) / step))) + 2, 3, 15);
    return roundedNumber(value, digits);
}

QString durationText(double seconds)
{
    if (!std::isfinite(seconds))
        return {};
    const auto whole = qint64(std::abs(seconds));
    const auto sign = seconds < 0 && whole > 0 ? QStringLiteral("-") : QString();
    if (whole < 60)
        return sign + QStringLiteral("%1 s").arg(whole);
    const auto two = [](qint64 n) { return QStringLiteral("%1").arg(n, 2, 10, QLatin1Char('0')); };
    if (whole < 3600)
        return sign + QStringLiteral("%1:%2").arg(whole / 60).arg(two(whole % 60));
    return sign
        + QStringLiteral("%1:%2:%3").arg(whole / 3600).arg(two(whole / 60 % 60), two(whole % 60));
}

QString byteSizeText(qint64 bytes)
{
    return bytes < 0 ? QString()
                     : QLocale::c().formattedDataSize(bytes, 1, QLocale::DataSizeSIFormat);
}
} // namespace leyden::ui
