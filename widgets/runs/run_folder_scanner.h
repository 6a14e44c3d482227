// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/common/background_reader.h"
#include "widgets/metrics/metrics_csv.h"
#include "widgets/runs/run_summary.h"

#include <QFileSystemWatcher>
#include <QHash>
#include <QTimer>

#include <optional>

namespace leyden::ui {
/// What a run is judged by, and its best so far: kept from look to look.
struct BestOfRun
{
    qint64 configModified = -1; ///< ms; -1: config.json was not looked at yet
    QString monitor;
    MetricMode mode = MetricMode::Min;
    BestOfColumn column;
};

/// A run as its run.json, config.json and metrics.csv tell of it; empty where the folder is none of a
/// run. A run that says it is going, of a process of this host that is gone, has crashed.
std::optional<RunSummary> readRunFolder(
    const QString& folder, const QString& name, BestOfRun* best = nullptr);

/// Knows the runs of a runs folder, up to `<folder>/<save_dir>/<name>/version_<N>/run.json`, and
/// keeps knowing: it looks again when the folder changes and every few seconds, on a thread of its
/// own.
class RunFolderScanner final : public QObject
{
    Q_OBJECT

public:
    explicit RunFolderScanner(QObject* parent = nullptr);

    void setFolder(const QString& folder);
    QString folder() const { return m_folder; }
    const QList<RunSummary>& runs() const { return m_runs; }
    void setInterval(int ms); ///< 2000 at first
    void rescan();

Q_SIGNALS:
    /// After a look at the folder, if anything is new, and after the first one.
    void runsChanged(const QList<leyden::ui::RunSummary>& runs);
    void folderGone(bool isGone); ///< it was there before; false: it is there again

private:
    struct Known
    {
        qint64 modified = 0; // of run.json, ms
        qint64 size = 0;     // -1: there is none
        std::optional<RunSummary> run;
        BestOfRun best;
    };
    struct Scan
    {
        QHash<QString, Known> known; // by run folder
        QStringList watched;         // folders where runs may appear
        QList<RunSummary> runs;
        bool isThere = false;
        bool isFailed = false;
    };
    static bool takeRun(
        Scan& scan, const QString& path, const QString& name, const QHash<QString, Known>& known);
    static Scan scanned(const QString& folder, const QHash<QString, Known>& known);
    void take(Scan scan);

    QString m_folder;
    QList<RunSummary> m_runs;
    QHash<QString, Known> m_known;
    QFileSystemWatcher m_watcher;
    QTimer m_timer;    // for what a watcher misses: a run.json deeper down, network folders
    QTimer m_debounce; // many changes, one look
    BackgroundReader m_reader;
    bool m_isScanning = false;
    bool m_isWanted = false; // another look, for something changed during this one
    bool m_isFirst = true;
    bool m_wasThere = false;
    bool m_isGone = false;
};
} // namespace leyden::ui
