// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QList>
#include <QPalette>
#include <QString>

namespace leyden::ui {
/// The colours of a chart, from the palette it stands in.
struct PlotColors
{
    QColor background;
    QColor text;
    QColor faintText;
    QColor axis;
    QColor grid;
    QColor error; ///< NaN and Inf
    QColor accent;
    bool isDark = false;

    static PlotColors of(const QPalette& palette);
};

/// Colour and dash together tell series apart, so that neither has to alone.
struct SeriesStyle
{
    int color = 0; ///< index for seriesColor()
    Qt::PenStyle dash = Qt::SolidLine;
};

/// Okabe and Ito's colours, which the colour-blind can tell apart, as far as each background lets
/// them be read (3:1 at least).
QColor seriesColor(int index, bool isDark);

/// By its name, as everywhere: "val_loss", "val/acc".
bool isOfValidation(const QString& name);

/// Training solid and blue, validation dashed and vermilion, test dotted and green; what else there
/// is takes the first free colour. `taken` are the styles of the chart's series so far.
SeriesStyle nextSeriesStyle(const QString& name, const QList<SeriesStyle>& taken);
} // namespace leyden::ui
