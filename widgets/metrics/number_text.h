// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QString>

namespace leyden::ui {
/// The shortest decimal text that reads back as exactly this double; "nan", "inf", "-inf". For
/// files.
QByteArray shortestDouble(double value);

/// Exact, and as short as the value allows: one that is a float is printed as a float, a whole
/// number below 1e15 in digits. For people.
QString exactNumber(double value);

/// A few significant digits, without exponent padding: "0.0412", "1.5e-5".
QString roundedNumber(double value, int digits = 4);

/// An axis label that tells ticks `tickStep` apart: "12.5k", "0.90" (beside 0.95), "2e-5".
QString tickNumber(double value, double tickStep);

/// "42 s", "3:05", "2:03:05".
QString durationText(double seconds);

/// "1.4 MB"; an empty text for a negative size (unknown).
QString byteSizeText(qint64 bytes);
} // namespace leyden::ui
