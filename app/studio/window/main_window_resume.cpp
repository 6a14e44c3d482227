// SPDX-License-Identifier: GPL-3.0-or-later
// The window's part that goes on with runs of the past: resume, go back, branch.
#include "app/studio/inspector/inspector.h"
#include "app/studio/inspector/steering_panel.h"
#include "app/studio/session/run_name.h"
#include "app/studio/window/main_window.h"
#include "app/studio/window/notice_bar.h"
#include "app/studio/window/question.h"
#include "widgets/config/json_text.h"
#include "widgets/metrics/count_text.h"
#include "widgets/runs/branch_dialog.h"
#include "widgets/runs/run_folder_scanner.h"

#include <QDir>
#include <QFileInfo>

#include <utility>

namespace leyden::app {

void MainWindow::resumeRun(const QString& folder, const QString& checkpoint)
{
    resume({folder, checkpoint});
}

void MainWindow::resume(const Resumption& resumption)
{
    if (m_controller.isActive()) {
        report(tr("A run is in progress: it has to end before %1 can be resumed")
                .arg(shortName(resumption.folder)));
        return;
    }
    readForResume(resumption);
}

void MainWindow::readForResume(const Resumption& resumption)
{
    if (m_resumeHistory.isBusy() && resumption == m_resumption)
        return; // a second click
    forgetResume(tr("%1 was asked for").arg(shortName(resumption.folder)));
    m_resumption = resumption;
    m_resumeHistory.load(resumption.folder);
    m_resumeNotice.start();
}

void MainWindow::forgetResume(const QString& why)
{
    m_resumeNotice.stop();
    m_notices->drop(QStringLiteral("resume"));
    if (!m_resumeHistory.isBusy())
        return;
    m_resumeHistory.forget();
    log(ui::LogLevel::Warning,
        (m_resumption.isBranch ? tr("No branch of %1 was made: %2") : tr("%1 was not resumed: %2"))
            .arg(shortName(m_resumption.folder), why));
}

void MainWindow::goOn(const RunHistory& history)
{
    m_resumeNotice.stop();
    m_notices->drop(QStringLiteral("resume"));
    const auto resumption = std::exchange(m_resumption, {});
    if (!history.problem.isEmpty()) {
        report(history.problem);
        m_scanner->rescan();
        return;
    }
    if (resumption.isBranch) {
        openBranch(history, resumption);
        return;
    }
    if (asksToGoBack(history, resumption))
        return;
    auto read = ui::parseJsonText(QString::fromUtf8(history.config));
    if (!read.problem.isEmpty() || !read.document.is_object()) {
        report(tr("%1 cannot be resumed: its config.json cannot be read")
                .arg(QDir::toNativeSeparators(history.folder)));
        return;
    }
    read.document["ckpt_path"] = resumption.checkpoint.toStdString();
    read.document.erase("ckpt_restore"); // what it once took from its parent
    RunOrder order;
    order.config = ui::jsonText(read.document).toUtf8();
    order.configFolder = history.folder;
    order.outputRoot = runsFolder();
    order.runDir = history.folder;
    order.name = shortName(history.folder);
    RunRecord first;
    first.config = read.document;
    first.desk = {order.name, {}, {}, read.document, {}, {}, {}};
    first.parent = history.parent;
    begin(order, history, first);
    if (resumption.isPaused)
        m_controller.pause(); // so that the learning rate can be lowered before it goes on
}

bool MainWindow::asksToGoBack(const RunHistory& history, const Resumption& resumption)
{
    const bool isOfLast = resumption.checkpoint == QLatin1String("last");
    const auto file = isOfLast ? history.newestCheckpoint : resumption.checkpoint;
    double step = 0.0;
    for (const auto& entry : history.checkpoints)
        if (entry.path == file)
            step = entry.step;
    const bool isKnown = step > 0.0 || file.isEmpty();
    if (resumption.mayGoBack || !isKnown || step >= history.loggedSteps)
        return false;
    auto wanted = resumption;
    wanted.mayGoBack = true;
    QList<Answer> answers{{QStringLiteral("resume"),
        file.isEmpty() ? tr("Start over") : tr("Go back"), [this, wanted] { resume(wanted); }}};
    const auto last = ui::countText(qint64(history.loggedSteps));
    if (file.isEmpty()) {
        ask(this, QStringLiteral("resumeQuestion"), tr("Start this run over?"),
            tr("It logged up to step %1 and has no checkpoint to continue from. What it logged is "
               "set aside (metrics.csv.0.old).")
                .arg(last),
            answers);
        return true;
    }
    answers.append({QStringLiteral("branch"), tr("Branch"),
        [this, folder = history.folder, file] { readForResume({folder, file, false, true}); }});
    ask(this, QStringLiteral("resumeQuestion"),
        tr("Go back to step %1 in this run?").arg(ui::countText(qint64(step))),
        tr("It logged up to step %1. What it logged after step %2 is set aside "
           "(metrics.csv.0.old), and the curves continue from there. A branch is a new run, and "
           "leaves this one as it is.")
            .arg(last, ui::countText(qint64(step))),
        answers);
    return true;
}

void MainWindow::branchRun(const QString& checkpoint)
{
    auto* dialog = new ui::BranchDialog(QFileInfo(checkpoint).fileName(), this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QDialog::accepted, this,
        [this, dialog, checkpoint, folder = m_context.shown().folder] {
            readForResume({folder, checkpoint, false, true, false, dialog->parts()});
        });
    dialog->open();
}

void MainWindow::openBranch(const RunHistory& parent, const Resumption& branch)
{
    auto read = ui::parseJsonText(QString::fromUtf8(parent.config));
    if (!read.problem.isEmpty() || !read.document.is_object()) {
        report(tr("%1 cannot be branched: its config.json cannot be read")
                .arg(QDir::toNativeSeparators(parent.folder)));
        return;
    }
    read.document["ckpt_path"] = branch.checkpoint.toStdString();
    read.document.erase("ckpt_restore");
    for (const auto& part : branch.parts)
        read.document["ckpt_restore"].push_back(part.toStdString());
    const auto name = QFileInfo(parent.folder).dir().dirName(); // of its series
    report(m_session.openText(ui::jsonText(read.document).toUtf8(),
        tr("%1-branch").arg(name.isEmpty() ? QFileInfo(parent.folder).fileName() : name),
        parent.folder));
}

} // namespace leyden::app
