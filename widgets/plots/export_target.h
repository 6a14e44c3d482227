// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QStringList>

#include <functional>

class QWidget;

namespace leyden::ui {

enum class ExportFormat { Pdf, Svg, Png, Csv };

/// A file to write, and as what.
struct ExportTarget
{
    QString path;
    ExportFormat format = ExportFormat::Pdf;
};

/// What a typed name means: a suffix of one of the formats is followed, else that of `chosen` is
/// added.
ExportTarget exportTarget(const QString& typed, ExportFormat chosen);

/// "digits-mlp-version_0-loss.pdf": a name that every file system takes.
QString proposedFileName(const QStringList& parts, ExportFormat format);

/// Asks for a file without an event loop of its own. `write` says what failed, as a sentence; "" is
/// success. `folder`: where the dialog begins; "": where the program does.
void askForExport(QWidget* parent, const QString& title, ExportFormat format, const QString& folder,
    const QString& fileName, const std::function<QString(const ExportTarget&)>& write);

} // namespace leyden::ui
