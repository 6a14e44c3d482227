// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/window/checkpoint_desk.h"

#include "app/headless/inspect_command.h"
#include "app/headless/weights_command.h"
#include "engine/trainer/run_session.h"
#include "widgets/common/background_reader.h"
#include "widgets/common/text_dialog.h"

#include <QDir>
#include <QFileDialog>
#include <QFileInfo>

#include <algorithm>
#include <array>
#include <exception>
#include <utility>

namespace leyden::app {
namespace {
struct Reply
{
    QString text;
    QString problem;
};

QString nameOf(const QString& file)
{
    return QFileInfo(file).fileName();
}

std::string formatOf(const QString& output)
{
    const auto suffix = QFileInfo(output).suffix();
    return suffix == QLatin1String("safetensors") ? "safetensors"
        : suffix == QLatin1String("torchscript")  ? "torchscript"
                                                  : "state_dict";
}
} // namespace

CheckpointDesk::CheckpointDesk(const Registry& registry, QWidget* window)
    : QObject(window), m_registry(registry), m_window(window)
{
}

void CheckpointDesk::start(const QString& doing, std::function<std::string()> work,
    std::function<void(const QString&)> then)
{
    auto* reader = new ui::BackgroundReader(this);
    Q_EMIT said(doing);
    const auto read = [work = std::move(work)] {
        Reply reply;
        try {
            reply.text = QString::fromStdString(work());
        } catch (const std::exception& error) {
            RunOutcome outcome;
            describe_failure(error, outcome);
            reply.problem = QString::fromStdString(outcome.failure);
        } catch (...) {
            reply.problem = tr("an error of an unknown kind");
        }
        return reply;
    };
    reader->start(read, [this, reader, then = std::move(then)](const Reply& reply) {
        reader->deleteLater();
        Q_EMIT said({});
        if (reply.problem.isEmpty())
            then(reply.text);
        else
            Q_EMIT failed(reply.problem);
    });
}

void CheckpointDesk::showContents(const QString& file)
{
    start(
        tr("Reading %1…").arg(nameOf(file)),
        [path = file.toStdString()] { return headless::inspection_text(path); },
        [this, file](
            const QString& text) { (new ui::TextDialog(nameOf(file), text, m_window))->open(); });
}

void CheckpointDesk::compare(const QString& older, const QString& newer)
{
    start(
        tr("Comparing %1 and %2…").arg(nameOf(older), nameOf(newer)),
        [first = older.toStdString(), second = newer.toStdString()] {
            return headless::comparison_text(first, second);
        },
        [this, older, newer](const QString& text) {
            (new ui::TextDialog(tr("%1 and %2").arg(nameOf(older), nameOf(newer)), text, m_window))
                ->open();
        });
}

void CheckpointDesk::exportAs(const QString& file)
{
    const QStringList filters{tr("safetensors (*.safetensors)"),
        tr("PyTorch state_dict (*.pt *.pth)"), tr("TorchScript (*.torchscript)")};
    static constexpr std::array suffixes = {".safetensors", ".pt", ".torchscript"};
    const QFileInfo info(file);
    QString filter;
    auto output
        = QFileDialog::getSaveFileName(m_window, tr("Export the weights of %1").arg(nameOf(file)),
            info.dir().filePath(info.completeBaseName() + QStringLiteral(".safetensors")),
            filters.join(QStringLiteral(";;")), &filter);
    if (output.isEmpty())
        return;
    if (QFileInfo(output).suffix().isEmpty())
        output += QLatin1String(suffixes[size_t(std::max<qsizetype>(0, filters.indexOf(filter)))]);
    exportTo(file, output);
}

void CheckpointDesk::exportTo(const QString& file, const QString& output)
{
    const headless::ExportArguments arguments{.ckpt_path = file.toStdString(),
        .run_dir = {},
        .format = formatOf(output),
        .output = output.toStdString()};
    start(
        tr("Exporting %1…").arg(nameOf(file)),
        [arguments, registry = &m_registry] {
            return headless::write_weights(arguments, *registry);
        },
        [this](const QString& written) { Q_EMIT said(written); });
}

} // namespace leyden::app
