// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/metrics/count_text.h"

#include <QLocale>

namespace leyden::ui {
QString countText(qint64 count)
{
    static const QLocale english(QLocale::English, QLocale::UnitedStates);
    return english.toString(count);
}
} // namespace leyden::ui
