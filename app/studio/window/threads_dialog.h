// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>
#include <QProcess>
#include <QTemporaryDir>

class QLabel;
class QProgressBar;
class QPushButton;
class QTreeWidget;

namespace leyden::app {

/// Looks for the number of threads that trains a config fastest. `leyden tune threads` does it, as
/// a process of its own: nothing of it reaches the window or a later run.
class ThreadsDialog final : public QDialog
{
    Q_OBJECT

public:
    /// `config`: a run config with absolute paths. `program`: the command leyden.
    ThreadsDialog(const QByteArray& config, const QString& program, QWidget* parent);
    ~ThreadsDialog() override;

    /// The command that came with this program; "" where there is none.
    static QString command();

Q_SIGNALS:
    void chosen(int threads);

private:
    void setupLayout();
    void start(const QByteArray& config, const QString& program);
    void take(int exitCode, QProcess::ExitStatus status);
    void fail(const QString& reason);
    void showFound(const QByteArray& found);

    QLabel* m_text;
    QProgressBar* m_progress;
    QTreeWidget* m_table;
    QPushButton* m_use;
    QTemporaryDir m_folder; ///< of the config, and what the process stands in
    QProcess m_process;
    int m_suggestion = 0; ///< 0: none yet
};

} // namespace leyden::app
