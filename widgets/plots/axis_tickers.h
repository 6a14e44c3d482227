// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QSharedPointer>

class QCPAxisTicker;

namespace leyden::ui {
/// Labels such as "12.5k" and "2e-5"; in multiples of `smallestStep`, where it is not 0.
QSharedPointer<QCPAxisTicker> makeNumberTicker(double smallestStep = 0.0);
/// Decades, or plain numbers where less than two are in view.
QSharedPointer<QCPAxisTicker> makeLogTicker();
/// Seconds as "3:05".
QSharedPointer<QCPAxisTicker> makeDurationTicker();
} // namespace leyden::ui
