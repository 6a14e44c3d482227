// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/common/icon.h"

#include "widgets/common/theme.h"

#include <QFile>
#include <QGuiApplication>
#include <QIconEngine>
#include <QPainter>
#include <QPalette>
#include <QPixmapCache>
#include <QSvgRenderer>

static void initLeydenResources() // outside any namespace, as Q_INIT_RESOURCE asks
{
    Q_INIT_RESOURCE(leyden);
}

namespace leyden::ui {

namespace {

QColor toneColor(IconTone tone, QIcon::Mode mode)
{
    const auto palette = QGuiApplication::palette();
    if (mode == QIcon::Disabled)
        return palette.color(QPalette::Disabled, QPalette::ButtonText);
    const auto colors = themeColors(palette);
    switch (tone) {
    case IconTone::Text:
        return palette.color(
            mode == QIcon::Selected ? QPalette::HighlightedText : QPalette::ButtonText);
    case IconTone::Muted:
        return colors.muted;
    case IconTone::Accent:
        return colors.accent;
    case IconTone::Error:
        return colors.error;
    case IconTone::Warning:
        return colors.warning;
    case IconTone::Success:
        return colors.success;
    }
    return {};
}

class ThemedIconEngine final : public QIconEngine
{
public:
    ThemedIconEngine(QString name, QByteArray svg, IconTone tone)
        : m_name(std::move(name)), m_svg(std::move(svg)), m_tone(tone)
    {
    }

    QIconEngine* clone() const override { return new ThemedIconEngine(*this); }
    QString iconName() override { return m_name; }
    QString key() const override { return QStringLiteral("leyden"); }

    void paint(QPainter* painter, const QRect& rect, QIcon::Mode mode, QIcon::State) override
    {
        const auto ratio = painter->device()->devicePixelRatioF();
        painter->drawPixmap(rect, render(rect.size() * ratio, mode));
    }

    QPixmap pixmap(const QSize& size, QIcon::Mode mode, QIcon::State) override
    {
        return render(size, mode);
    }

private:
    /// `size` in device pixels.
    QPixmap render(const QSize& size, QIcon::Mode mode) const
    {
        if (size.isEmpty()) // of a button that has no room for it
            return {};
        const auto color = toneColor(m_tone, mode).name(QColor::HexRgb);
        const auto cacheKey = QStringLiteral("leyden/%1/%2/%3x%4")
                                  .arg(m_name, color)
                                  .arg(size.width())
                                  .arg(size.height());
        QPixmap pixmap;
        if (QPixmapCache::find(cacheKey, &pixmap))
            return pixmap;
        pixmap = QPixmap(size);
        pixmap.fill(Qt::transparent);
        QSvgRenderer renderer(QByteArray(m_svg).replace("currentColor", color.toLatin1()));
        QPainter painter(&pixmap);
        renderer.render(&painter);
        QPixmapCache::insert(cacheKey, pixmap);
        return pixmap;
    }

    QString m_name;
    QByteArray m_svg;
    IconTone m_tone;
};

} // namespace

QIcon Icon::themed(const QString& name, IconTone tone)
{
    initLeydenResources();
    QFile file(QStringLiteral(":/leyden/icons/%1.svg").arg(name));
    if (!file.open(QIODevice::ReadOnly))
        return {};
    return QIcon(new ThemedIconEngine(name, file.readAll(), tone)); // the icon owns it
}

QIcon Icon::application()
{
    initLeydenResources();
    QSvgRenderer renderer(QStringLiteral(":/leyden/icons/leyden.svg"));
    QIcon icon;
    for (const int size : {16, 22, 24, 32, 48, 64, 128, 256}) {
        QPixmap pixmap(size, size);
        pixmap.fill(Qt::transparent);
        QPainter painter(&pixmap);
        renderer.render(&painter);
        icon.addPixmap(pixmap);
    }
    return icon;
}

} // namespace leyden::ui
