// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plots/plot_style.h"

#include "widgets/common/theme.h"

#include <algorithm>
#include <array>

namespace leyden::ui {
namespace {
enum SeriesColor { Blue, Vermilion, Green, Purple, Orange, Sky, Grey, Olive, ColorCount };

constexpr std::array<QRgb, ColorCount> lightColors{
    0xff0072b2, 0xffd55e00, 0xff008a64, 0xffa8548a, 0xffa87400, 0xff2a8fc4, 0xff6a6f76, 0xff7d7a00};
constexpr std::array<QRgb, ColorCount> darkColors{
    0xff5cb8f0, 0xffff8b4d, 0xff2fcf9f, 0xffe39ac8, 0xfff2b13c, 0xff9fb4ff, 0xffb4bac2, 0xfff0e442};

QColor mixed(const QColor& a, const QColor& b, double share)
{
    return QColor::fromRgbF(float(a.redF() + (b.redF() - a.redF()) * share),
        float(a.greenF() + (b.greenF() - a.greenF()) * share),
        float(a.blueF() + (b.blueF() - a.blueF()) * share));
}
} // namespace

PlotColors PlotColors::of(const QPalette& palette)
{
    const auto theme = themeColors(palette);
    PlotColors colors;
    colors.background = palette.color(QPalette::Base);
    colors.text = palette.color(QPalette::Text);
    colors.isDark = leyden::ui::isDark(palette);
    colors.faintText = mixed(colors.text, colors.background, 0.35);
    colors.axis = mixed(colors.text, colors.background, 0.65);
    colors.grid = mixed(colors.background, colors.text, colors.isDark ? 0.11 : 0.08);
    colors.error = theme.error;
    colors.accent = theme.accent;
    return colors;
}

QColor seriesColor(int index, bool isDark)
{
    return (isDark ? darkColors : lightColors)[size_t(index % ColorCount)];
}

bool isOfValidation(const QString& name)
{
    return name.startsWith(QLatin1String("val"));
}

SeriesStyle nextSeriesStyle(const QString& name, const QList<SeriesStyle>& taken)
{
    QList<int> wanted;
    auto dash = Qt::SolidLine;
    if (name.startsWith(QLatin1String("train"))) {
        wanted = {Blue, Sky};
    } else if (isOfValidation(name)) {
        wanted = {Vermilion, Orange};
        dash = Qt::DashLine;
    } else if (name.startsWith(QLatin1String("test"))) {
        wanted = {Green, Olive};
        dash = Qt::DotLine;
    }
    for (int color = 0; color < ColorCount; ++color)
        wanted += color;
    for (const int color : wanted)
        if (std::none_of(taken.begin(), taken.end(),
                [color](const auto& style) { return style.color == color; }))
            return {color, dash};
    // All colours are out: the next round is told apart by its dashes.
    constexpr std::array dashes{Qt::DashDotLine, Qt::DashDotDotLine, Qt::DotLine, Qt::DashLine};
    const auto round = size_t(taken.size() / ColorCount - 1);
    return {int(taken.size() % ColorCount), dashes[round % dashes.size()]};
}
} // namespace leyden::ui
