// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/metrics/metric_store.h"
#include "widgets/plots/metric_chart.h"
#include "widgets/plots/paint_cost_meter.h"

#include <QElapsedTimer>
#include <QTimer>
#include <QWidget>

class QAction;
class QComboBox;
class QLabel;
class QLineEdit;
class QSlider;

namespace leyden::ui {
class ChartGrid;
class NarrowToolBar;

/// The live curves of one run. Feed it batches of plain values at any rate; it repaints ten times a
/// second at most (four without the focus, never while hidden), and less often where that would
/// take over 1 % of the wall time.
class MonitorView final : public QWidget
{
    Q_OBJECT

public:
    explicit MonitorView(QWidget* parent = nullptr);
    ~MonitorView() override;

    void beginRun(const RunInfo& run); ///< what was shown before is gone
    void setRun(const RunInfo& run);   ///< its name or folder, as it is known by now
    void appendRows(const QList<MetricRow>& rows);
    void replaceRows(const QList<MetricRow>& rows); ///< instead of those there are; all else stays
    void addMarker(const Marker& marker);
    void setMarkers(const QList<Marker>& markers); ///< instead of those there are
    /// All markers of one kind, instead of those there are.
    void setMarkers(MarkerKind kind, const QList<Marker>& markers);
    void setHasTimes(bool hasTimes); ///< false: the rows hold no times, so there is no time axis
    /// Marks the best value of a metric, usually the monitored one; may be called for several.
    void setBest(const QString& name, MetricMode mode);
    void clear();

    const MetricStore& store() const { return m_store; }
    const QList<Marker>& markers() const { return m_markers; }
    ChartGrid* grid() const { return m_grid; }
    const ChartSettings& settings() const { return m_settings; }
    void setSettings(const ChartSettings& settings);
    void setYLog(bool isLog);
    void setFollowing(bool following);

    void refresh();          ///< repaints now what is in view
    int refreshIntervalMs(); ///< pause before the next repaint; 0: hidden, none is due
    double uiCostShare(); ///< painting's share of the wall time of the last 10 seconds, in [0, 1]

    // Export of all charts that pass the filter. An empty text: done; else what failed.
    QString exportPdf(const QString& path); ///< a page a chart
    QString exportPng(const QString& path); ///< one picture
    QString exportSvg(const QString& path); ///< likewise, in vector paths
    QString exportCsv(const QString& path); ///< all metrics, exact
    QString exportAs(const ExportTarget& target);

Q_SIGNALS:
    void refreshed();
    void settingsChanged(const leyden::ui::ChartSettings& settings); ///< by a hand
    /// on a tick under a chart
    void checkpointMenuRequested(double step, const QPoint& globalPosition);

protected:
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    void setupBar();
    void setupXAxis();
    void setupScales();
    void setupSmoothing();
    void setupExport();
    void setupNarrowBar();
    void choose(const ChartSettings& settings); ///< by a hand
    void showSmoothing();
    void scheduleRefresh();
    void showXView(const XView& view);
    void askForExport(ExportFormat format);

    MetricStore m_store;
    QList<Marker> m_markers; // by step
    QHash<QString, MetricMode> m_bestModes;
    ChartSettings m_settings;
    RunInfo m_run;
    NarrowToolBar* m_bar;
    QLineEdit* m_filter;
    QComboBox* m_xAxis;
    QAction* m_xLog;
    QAction* m_yLog;
    QAction* m_trimY;
    QAction* m_follow;
    QAction* m_smoothingLabel;
    QSlider* m_smoothing;
    QLabel* m_smoothingText;
    ChartGrid* m_grid;
    QTimer m_timer;
    QElapsedTimer m_clock;
    PaintCostMeter m_meter;
    double m_refreshCostMs = 0.0; // of late
    double m_pendingCostMs = 0.0;
    bool m_isDirty = false;
    bool m_isKeyLent = false; ///< while a key is with the chart under the mouse
};
} // namespace leyden::ui
