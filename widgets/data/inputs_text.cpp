// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/data/inputs_text.h"

#include "widgets/metrics/count_text.h"

#include <QCoreApplication>
#include <QStringList>

namespace leyden::ui {
namespace {
struct InputWords
{
    Q_DECLARE_TR_FUNCTIONS(leyden::ui::inputsText)
};
} // namespace

QString inputsText(const QString& shape)
{
    if (!shape.startsWith(QLatin1String("[N, ")) || !shape.endsWith(QLatin1Char(']')))
        return shape;
    const auto extents = shape.mid(4).chopped(1).split(QStringLiteral(", "));
    if (extents.size() > 1)
        return InputWords::tr("inputs of %1").arg(extents.join(QStringLiteral(" × ")));
    bool isNumber = false;
    const auto count = extents.first().toLongLong(&isNumber);
    return !isNumber ? shape
        : count == 1 ? InputWords::tr("1 input")
                     : InputWords::tr("%1 inputs").arg(countText(count));
}

} // namespace leyden::ui
