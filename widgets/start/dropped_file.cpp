// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/start/dropped_file.h"

#include <QCoreApplication>
#include <QFileInfo>
#include <QList>
#include <QMimeData>
#include <QUrl>

namespace leyden::ui {
namespace {

struct Texts
{
    Q_DECLARE_TR_FUNCTIONS(leyden::ui::DroppedFile)
};

} // namespace

DroppedFile droppedFile(const QMimeData* mimeData)
{
    using Kind = DroppedFile::Kind;
    const auto urls = mimeData ? mimeData->urls() : QList<QUrl>();
    if (urls.isEmpty())
        return {};
    if (urls.size() > 1)
        return {Kind::None, {}, Texts::tr("Drop one file at a time.")};
    const QFileInfo file(urls.first().toLocalFile());
    const auto name = file.fileName();
    if (!urls.first().isLocalFile())
        return {Kind::None, {}, Texts::tr("Only files of this computer can be dropped.")};
    const auto endsWith = [&](const char* suffix) {
        return name.endsWith(QLatin1String(suffix), Qt::CaseInsensitive);
    };
    if (endsWith(".json") || endsWith(".yaml") || endsWith(".yml"))
        return {Kind::Config, file.filePath(), {}};
    if (endsWith(".csv") || endsWith(".csv.gz"))
        return {Kind::Csv, file.filePath(), {}};
    if (file.isDir()) // asked last, for a disk may not answer
        return {Kind::None, {}, Texts::tr("%1 is a folder; drop a file.").arg(name)};
    return {Kind::None, {},
        Texts::tr("%1 is neither a config (.json, .yaml) nor a table (.csv, .csv.gz).").arg(name)};
}

} // namespace leyden::ui
