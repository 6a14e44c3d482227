// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plots/export_target.h"

#include "widgets/common/message_box.h"

#include <QCoreApplication>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QRegularExpression>

#include <array>

namespace leyden::ui {
namespace {

struct ExportWords
{
    Q_DECLARE_TR_FUNCTIONS(leyden::ui::ExportTarget)
};

struct Format
{
    ExportFormat format;
    const char* suffix;
    const char* filter;
};

constexpr std::array formats{
    Format{ExportFormat::Pdf, "pdf", QT_TRANSLATE_NOOP("leyden::ui::ExportTarget", "PDF (*.pdf)")},
    Format{ExportFormat::Svg, "svg", QT_TRANSLATE_NOOP("leyden::ui::ExportTarget", "SVG (*.svg)")},
    Format{ExportFormat::Png, "png", QT_TRANSLATE_NOOP("leyden::ui::ExportTarget", "PNG (*.png)")},
    Format{ExportFormat::Csv, "csv",
        QT_TRANSLATE_NOOP("leyden::ui::ExportTarget", "Data as CSV (*.csv)")}};

const Format& infoOf(ExportFormat format)
{
    return formats[size_t(format)];
}

ExportFormat formatOfFilter(const QString& filter)
{
    for (const auto& each : formats)
        if (filter == ExportWords::tr(each.filter))
            return each.format;
    return ExportFormat::Pdf;
}

} // namespace

ExportTarget exportTarget(const QString& typed, ExportFormat chosen)
{
    const auto suffix = QFileInfo(typed).suffix().toLower();
    for (const auto& each : formats)
        if (suffix == QLatin1String(each.suffix))
            return {typed, each.format};
    return {typed + QLatin1Char('.') + QLatin1String(infoOf(chosen).suffix), chosen};
}

QString proposedFileName(const QStringList& parts, ExportFormat format)
{
    static const QRegularExpression special(
        QStringLiteral("[^\\w.=+-]+"), QRegularExpression::UseUnicodePropertiesOption);
    constexpr qsizetype longest = 100;
    auto name = parts.join(QLatin1Char('-'));
    name.replace(special, QStringLiteral("-"));
    while (name.startsWith(QLatin1Char('-')) || name.startsWith(QLatin1Char('.')))
        name.remove(0, 1);
    if (name.isEmpty())
        name = ExportWords::tr("charts");
    return name.left(longest) + QLatin1Char('.') + QLatin1String(infoOf(format).suffix);
}

void askForExport(QWidget* parent, const QString& title, ExportFormat format, const QString& folder,
    const QString& fileName, const std::function<QString(const ExportTarget&)>& write)
{
    auto* dialog = new QFileDialog(parent, title, folder);
    dialog->setObjectName(QStringLiteral("exportDialog"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    QStringList filters;
    for (const auto& each : formats)
        filters += ExportWords::tr(each.filter);
    dialog->setNameFilters(filters);
    dialog->selectNameFilter(ExportWords::tr(infoOf(format).filter));
    dialog->setDefaultSuffix(QLatin1String(infoOf(format).suffix));
    dialog->selectFile(fileName);
    QObject::connect(dialog, &QFileDialog::filterSelected, dialog, [dialog](const QString& filter) {
        dialog->setDefaultSuffix(QLatin1String(infoOf(formatOfFilter(filter)).suffix));
    });
    QObject::connect(dialog, &QFileDialog::fileSelected, parent,
        [parent, title, dialog, write](const QString& typed) {
            const auto target = exportTarget(typed, formatOfFilter(dialog->selectedNameFilter()));
            // The dialog asked before it overwrites what was typed, and not what was made of it.
            const bool isAsked = target.path == typed || !QFileInfo::exists(target.path);
            const auto problem = isAsked
                ? write(target)
                : ExportWords::tr(
                      "%1 is there already; type its name with the suffix to replace it.")
                      .arg(QDir::toNativeSeparators(target.path));
            if (!problem.isEmpty())
                warn(parent, title, problem);
        });
    dialog->open();
}

} // namespace leyden::ui
