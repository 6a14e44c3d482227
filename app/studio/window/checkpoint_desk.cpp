// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/window/checkpoint_desk.h"

#include "app/headless/inspect_command.h"
#include "app/headless/weights_command.h"
#include "engine/trainer/run_session.h"
#include "widgets/common/background_reader.h"
#include "widgets/common/text_dialog.h"
#include "widgets/runs/comparison_dialog.h"

#include <QDir>
#include <QFileDialog>
#include <QFileInfo>

#include <algorithm>
#include <array>
#include <exception>
#include <utility>

namespace leyden::app {
namespace {
template <class Result> struct Reply
{
    Result result;
    QString problem;
};

QString textOf(const std::string& utf8)
{
    return QString::fromStdString(utf8);
}

QList<ui::CheckpointDifferenceRow> rowsOf(
    const std::vector<headless::CheckpointDifference>& differences)
{
    QList<ui::CheckpointDifferenceRow> rows;
    for (const auto& each : differences)
        rows.append({textOf(each.place), textOf(each.first), textOf(each.second),
            textOf(each.amount), each.largest.value_or(ui::notANumber)});
    return rows;
}

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

template <class Result>
void CheckpointDesk::start(
    const QString& doing, std::function<Result()> work, std::function<void(const Result&)> then)
{
    auto* reader = new ui::BackgroundReader(this);
    Q_EMIT said(doing);
    const auto read = [work = std::move(work)] {
        Reply<Result> reply;
        try {
            reply.result = work();
        } catch (const std::exception& error) {
            RunOutcome outcome;
            describe_failure(error, outcome);
            reply.problem = QString::fromStdString(outcome.failure);
        } catch (...) {
            reply.problem = tr("an error of an unknown kind");
        }
        return reply;
    };
    reader->start(read, [this, reader, then = std::move(then)](const Reply<Result>& reply) {
        reader->deleteLater();
        Q_EMIT said({});
        if (reply.problem.isEmpty())
            then(reply.result);
        else
            Q_EMIT failed(reply.problem);
    });
}

void CheckpointDesk::showContents(const QString& file)
{
    start<std::string>(
        tr("Reading %1…").arg(nameOf(file)),
        [path = file.toStdString()] { return headless::inspection_text(path); },
        [this, file](const std::string& read) {
            (new ui::TextDialog(nameOf(file), textOf(read), m_window))->open();
        });
}

void CheckpointDesk::compare(const QString& older, const QString& newer)
{
    using Rows = QList<ui::CheckpointDifferenceRow>;
    start<Rows>(
        tr("Comparing %1 and %2…").arg(nameOf(older), nameOf(newer)),
        [first = older.toStdString(), second = newer.toStdString()] {
            return rowsOf(headless::differences_of_files(first, second));
        },
        [this, older, newer](const Rows& rows) {
            const auto name
                = [](const QString& file) { return QFileInfo(file).completeBaseName(); };
            (new ui::ComparisonDialog(rows, name(older), name(newer), m_window))->open();
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
    start<std::string>(
        tr("Exporting %1…").arg(nameOf(file)),
        [arguments, registry = &m_registry] {
            return headless::write_weights(arguments, *registry);
        },
        [this](const std::string& written) { Q_EMIT said(textOf(written)); });
}

} // namespace leyden::app
