// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QSize>
#include <QString>

#include <functional>

class QImage;
class QPdfWriter;
class QSaveFile;
class QSvgGenerator;

namespace leyden::ui {

// The files of an export. A text says what failed, as a sentence; "" is success.

/// Puts the file in its place once it was written, and leaves the one before where it was not.
QString finished(QSaveFile& file, bool isWritten);
QString saved(const QString& path, const QByteArray& bytes);
QString savedPng(const QString& path, const QImage& image);

/// A PDF with pages of that size in pixels; `draw` fills it.
QByteArray pdfOf(
    const QString& title, const QSize& size, const std::function<void(QPdfWriter&)>& draw);
QByteArray svgOf(
    const QString& title, const QSize& size, const std::function<void(QSvgGenerator&)>& draw);

} // namespace leyden::ui
