// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/window/threads_dialog.h"

#include "widgets/metrics/number_text.h"

#include <QCoreApplication>
#include <QDialogButtonBox>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QTreeWidget>
#include <QVBoxLayout>

namespace leyden::app {
namespace {
constexpr double busyShare = 0.1; ///< of the time without a free core, as the command has it
} // namespace

QString ThreadsDialog::command()
{
    const QDir folder(QCoreApplication::applicationDirPath());
    for (const auto* place : {"leyden", "../bin/leyden"})
        if (const QFileInfo file(folder.filePath(QLatin1String(place))); file.isExecutable())
            return file.absoluteFilePath();
    return {};
}

ThreadsDialog::ThreadsDialog(const QByteArray& config, const QString& program, QWidget* parent)
    : QDialog(parent)
    , m_text(new QLabel(this))
    , m_progress(new QProgressBar(this))
    , m_table(new QTreeWidget(this))
    , m_use(new QPushButton(this))
{
    setObjectName(QStringLiteral("threadsDialog"));
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Number of threads"));
    setupLayout();
    connect(&m_process, &QProcess::finished, this, &ThreadsDialog::take);
    connect(&m_process, &QProcess::errorOccurred, this, [this](QProcess::ProcessError error) {
        if (error == QProcess::FailedToStart)
            fail(m_process.errorString());
    });
    start(config, program);
}

ThreadsDialog::~ThreadsDialog()
{
    m_process.disconnect(this);
    if (m_process.state() != QProcess::NotRunning) {
        m_process.kill();
        m_process.waitForFinished(1000);
    }
}

void ThreadsDialog::setupLayout()
{
    m_text->setObjectName(QStringLiteral("threadsText"));
    m_text->setWordWrap(true);
    m_text->setTextFormat(Qt::PlainText);
    m_text->setText(tr("Training a moment with each number of threads. Nothing is written, and the "
                       "config stays as it is."));
    m_progress->setObjectName(QStringLiteral("threadsProgress"));
    m_progress->setAccessibleName(tr("The search is in progress"));
    m_progress->setRange(0, 0);
    m_table->setObjectName(QStringLiteral("threadsTable"));
    m_table->setAccessibleName(tr("Speed by number of threads"));
    m_table->setHeaderLabels({tr("Threads"), tr("ms per batch"), tr("Batches per second")});
    for (int column = 0; column < m_table->columnCount(); ++column) // as the numbers below it
        m_table->headerItem()->setTextAlignment(column, Qt::AlignRight | Qt::AlignVCenter);
    m_table->setRootIsDecorated(false);
    m_table->hide();
    m_use->setObjectName(QStringLiteral("threadsUse"));
    m_use->setText(tr("Use it"));
    m_use->setEnabled(false);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
    buttons->addButton(m_use, QDialogButtonBox::AcceptRole);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(buttons, &QDialogButtonBox::accepted, this, [this] {
        Q_EMIT chosen(m_suggestion);
        accept();
    });
    auto* layout = new QVBoxLayout(this);
    layout->addWidget(m_text);
    layout->addWidget(m_progress);
    layout->addWidget(m_table, 1);
    layout->addWidget(buttons);
    resize(420, 280);
}

void ThreadsDialog::start(const QByteArray& config, const QString& program)
{
    QFile file(m_folder.filePath(QStringLiteral("run.json")));
    if (!file.open(QIODevice::WriteOnly) || file.write(config) != config.size()) {
        fail(file.errorString());
        return;
    }
    file.close();
    m_process.setWorkingDirectory(m_folder.path());
    m_process.start(program,
        {QStringLiteral("tune"), QStringLiteral("threads"), QStringLiteral("--config"),
            file.fileName(), QStringLiteral("--json"), QStringLiteral("--quiet"),
            QStringLiteral("--no_color")});
    m_process.closeWriteChannel();
}

void ThreadsDialog::take(int exitCode, QProcess::ExitStatus status)
{
    if (status != QProcess::NormalExit) {
        fail(tr("the search ended unexpectedly"));
        return;
    }
    if (exitCode == 0) {
        showFound(m_process.readAllStandardOutput());
        return;
    }
    auto reason = QString::fromUtf8(m_process.readAllStandardError())
                      .trimmed()
                      .section(QLatin1Char('\n'), -1);
    const auto prefix = QStringLiteral("error: ");
    if (reason.startsWith(prefix))
        reason.remove(0, prefix.size());
    fail(reason);
}

void ThreadsDialog::fail(const QString& reason)
{
    m_progress->hide();
    m_text->setText(tr("No number of threads was found: %1").arg(reason));
}

void ThreadsDialog::showFound(const QByteArray& found)
{
    const auto document = QJsonDocument::fromJson(found).object();
    m_suggestion = document.value(QLatin1String("suggestion")).toInt();
    if (m_suggestion <= 0) {
        fail(tr("nothing was tried, for this config trains nothing (fast_dev_run, "
                "limit_train_batches)"));
        return;
    }
    m_progress->hide();
    for (const auto& each : document.value(QLatin1String("trials")).toArray()) {
        const auto trial = each.toObject();
        const double seconds = trial.value(QLatin1String("seconds_per_batch")).toDouble();
        const int threads = trial.value(QLatin1String("threads")).toInt();
        auto* row = new QTreeWidgetItem(m_table,
            {QString::number(threads), ui::roundedNumber(seconds * 1e3),
                ui::roundedNumber(1.0 / seconds)});
        for (int column = 0; column < row->columnCount(); ++column)
            row->setTextAlignment(column, Qt::AlignRight | Qt::AlignVCenter);
        if (threads == m_suggestion)
            m_table->setCurrentItem(row);
    }
    m_table->show();
    auto text = m_suggestion == 1 ? tr("One thread is fastest, or as fast as more.")
                                  : tr("%1 threads are fastest.").arg(m_suggestion);
    const double waited = document.value(QLatin1String("cpu_wait_share")).toDouble();
    if (waited > busyShare)
        text += QLatin1Char(' ')
            + tr("The trials waited for the CPU %1 % of the time: other programs use it; try again "
                 "when they are done.")
                  .arg(int(waited * 100 + 0.5));
    m_text->setText(text);
    m_use->setText(tr("Use num_threads = %1").arg(m_suggestion));
    m_use->setEnabled(true);
    m_use->setFocus();
}

} // namespace leyden::app
