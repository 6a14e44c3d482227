// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plots/export_file.h"

#include <QBuffer>
#include <QCoreApplication>
#include <QDir>
#include <QImage>
#include <QPdfWriter>
#include <QSaveFile>
#include <QSvgGenerator>

namespace leyden::ui {
namespace {
constexpr int pixelsPerInch = 96;
constexpr double pointsPerInch = 72.0;

QString notWritten(const QString& path, const QString& why)
{
    return QCoreApplication::translate("leyden::ui::ExportTarget", "%1 could not be written: %2.")
        .arg(QDir::toNativeSeparators(path), why);
}
} // namespace

QString finished(QSaveFile& file, bool isWritten)
{
    return isWritten && file.commit() ? QString() : notWritten(file.fileName(), file.errorString());
}

QString saved(const QString& path, const QByteArray& bytes)
{
    QSaveFile file(path);
    return finished(file, file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size());
}

QString savedPng(const QString& path, const QImage& image)
{
    QBuffer buffer;
    buffer.open(QIODevice::WriteOnly);
    return image.save(&buffer, "PNG") ? saved(path, buffer.data())
                                      : notWritten(path,
                                            QCoreApplication::translate("leyden::ui::ExportTarget",
                                                "the picture is too large for a PNG"));
}

QByteArray pdfOf(
    const QString& title, const QSize& size, const std::function<void(QPdfWriter&)>& draw)
{
    QBuffer buffer;
    buffer.open(QIODevice::WriteOnly);
    {
        QPdfWriter writer(&buffer);
        writer.setTitle(title);
        writer.setResolution(pixelsPerInch);
        writer.setPageSize(
            QPageSize(QSizeF(size) * pointsPerInch / pixelsPerInch, QPageSize::Point));
        writer.setPageMargins({});
        draw(writer);
    }
    return buffer.data();
}

QByteArray svgOf(
    const QString& title, const QSize& size, const std::function<void(QSvgGenerator&)>& draw)
{
    QBuffer buffer;
    buffer.open(QIODevice::WriteOnly);
    {
        QSvgGenerator generator;
        generator.setOutputDevice(&buffer);
        generator.setTitle(title);
        generator.setResolution(pixelsPerInch);
        generator.setSize(size);
        generator.setViewBox(QRect({}, size));
        draw(generator);
    }
    return buffer.data();
}

} // namespace leyden::ui
