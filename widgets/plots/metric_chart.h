// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/metrics/metric_store.h"
#include "widgets/plots/chart_painting.h"
#include "widgets/plots/plot_style.h"

#include <QImage>
#include <QWidget>

#include <functional>
#include <memory>
#include <optional>
#include <vector>

class QCPPainter;
class QCustomPlot;
class QMenu;
class QPdfWriter;

namespace leyden::ui {
class ChartInteraction;
enum class ExportFormat;
struct ExportTarget;

/// What all charts of a monitor share.
struct ChartSettings
{
    XAxis xAxis = XAxis::Step;
    bool xLog = false;
    double smoothing = 0.0; ///< EMA weight in [0, 1); 0: none
    bool trimsY = false;    ///< y fits the 1st to the 99th percentile of each curve
    bool operator==(const ChartSettings&) const = default;
};

/// The stretch of x in view. Fit grows with the run, Follow keeps its width and moves.
struct XView
{
    enum class Mode { Fit, Follow, Manual };
    Mode mode = Mode::Fit;
    double lower = 0.0;
    double upper = 1.0;
    bool operator==(const XView&) const = default;
};

/// A chart's own part of the view; outlives the widget, which a grid drops when scrolled away.
struct ChartState
{
    bool isYLog = false;
    bool isYAuto = true; ///< y fits what is in view
    double yLower = 0.0;
    double yUpper = 1.0;
    QStringList hidden;
    QString solo; ///< if not empty, the only series shown
};

/// The exact stored value of a series at the point nearest to some x.
struct ReadOut
{
    QString name;
    double x = 0.0;
    double value = 0.0;
    double smoothed = notANumber; ///< NaN without smoothing
};

/// The curves of one metric family. Reads a store that outlives it; sync() takes what is new.
///
/// Every finite point is in its curve and QCustomPlot draws the entry, minimum, maximum and exit of
/// each pixel column, so no spike is ever lost. NaN and Inf are markers on the axis.
class MetricChart final : public QWidget
{
    Q_OBJECT

public:
    MetricChart(const MetricStore& store, const QString& family, QWidget* parent = nullptr);
    ~MetricChart() override;

    const QString& family() const { return m_family; }
    void setSettings(const ChartSettings& settings);
    void setMarkers(const QList<Marker>& markers); ///< by ascending step
    void setBestModes(const QHash<QString, MetricMode>& modes);
    void setRun(const RunInfo& run) { m_run = run; } ///< exported files are named after it

    /// Takes what the store has got since; nothing is drawn before the next replot.
    void sync();
    void replot();
    void queueReplot();

    // The view. User* functions remember the view before them and tell by xViewChanged().
    const XView& xView() const { return m_xView; }
    void setXView(const XView& view);
    ChartState state() const { return m_state; }
    void setState(const ChartState& state);
    void rememberView();
    void userZoomX(double factor, double pixelX);
    void userZoomY(double factor, double pixelY);
    void userPan(const QPointF& pixels); ///< since beginPan()
    void beginPan();
    void userZoomTo(const QRectF& pixels);
    void userFit();
    void userPreviousView();
    void userFollow(bool following);
    void setYLog(bool isLog);
    void userYRange(double lower, double upper);
    void askForYRange();

    // The legend.
    QString seriesAt(const QPointF& position) const; ///< empty: no legend entry there
    QRectF legendRect(const QString& name) const;
    bool isSeriesVisible(const QString& name) const;
    void soloSeries(const QString& name); ///< the same again: all are back
    void toggleSeries(const QString& name);

    // The cross-hair and the values under it.
    void setCrosshair(std::optional<double> x);
    std::optional<double> crosshair() const { return m_crosshair; }
    double snappedX(double pixelX) const; ///< of the nearest point; NaN without points
    void moveCrosshair(int points);       ///< by keyboard
    QList<ReadOut> readOut(double x) const;
    QString readOutText(const ReadOut& value, double x) const; ///< as the cross-hair at x shows it
    QString toolTipAt(const QPointF& position) const;          ///< marker, legend entry
    /// the step of the tick there
    std::optional<double> checkpointAt(const QPointF& position) const;

    // Geometry, in the plot's pixels.
    QWidget* plotWidget() const;
    QRectF plotRect() const;
    double xAtPixel(double pixel) const;
    QPointF pixelAt(double x, double y) const;
    std::pair<double, double> xRange() const;
    std::pair<double, double> yRange() const;
    QString legendNotice() const { return notice(); } ///< below the title; empty: nothing to say
    QString explanation() const; ///< shown instead of curves; empty: there are curves
    int nonFiniteCount() const;
    void setRubberBand(const QRectF& pixels); ///< empty: none

    // Export: what the screen shows, without the cross-hair. An empty text: done; else what failed.
    QImage image(const QSize& size, double scale = 2.0);
    QString exportPng(const QString& path);
    QString exportPdf(const QString& path);
    QString exportSvg(const QString& path);
    QString exportCsv(const QString& path);
    QByteArray csv() const;
    void render(QPaintDevice& device, const QSize& size); ///< vector paths
    /// A page a chart; `chart` is asked for each in turn.
    static void renderPages(QPdfWriter& writer, const QSize& size, int pages,
        const std::function<std::unique_ptr<MetricChart>(int)>& chart);
    /// Charts in rows of `columns`, likewise.
    static void renderTiles(QPaintDevice& device, const QSize& size, int columns, int count,
        const std::function<std::unique_ptr<MetricChart>(int)>& chart);
    QString exportAs(const ExportTarget& target);
    void fillMenu(QMenu& menu);

Q_SIGNALS:
    void xViewChanged(const leyden::ui::XView& view); ///< by a hand
    void stateChanged();
    void crosshairMoved(double x); ///< by a hand; NaN: it left
    void checkpointMenuRequested(double step, const QPoint& globalPosition);
    void painted(double ms); ///< time that the GUI thread spent on this chart

protected:
    void changeEvent(QEvent* event) override;

private:
    struct Series;
    struct View
    {
        XView x;
        bool isYAuto;
        double yLower, yUpper;
    };

    void setupPlot();
    void setupAxes();
    void applyColors();
    void reload();
    Series& addSeries(const QString& name);
    void takeNew(Series& series);
    void updateTickers();
    void updateRanges();
    void updateXRange();
    void updateYRange();
    void updatePens();
    void updateHeader(int width);
    void viewChangedByUser();
    View view() const;
    QString notice() const;
    double markerX(const Marker& marker) const;
    QList<PlacedMarker> placedMarkers() const;
    void paintMarks(QPainter& painter);
    /// Below the labels of other series; true where it wrote one.
    bool paintNonFinites(QPainter& painter, const Series& series, int labelsAbove);
    void paintBests(QPainter& painter);
    void paintOverlay(QPainter& painter);
    void renderWith(QCPPainter& painter, const QSize& size);
    QString positionText(double x) const; ///< "step 1,200"
    QString amountText(double x) const;   ///< the same without the word: "1,200", "40 s"
    const Series* find(const QString& name) const;
    void askForExport(ExportFormat format);

    const MetricStore& m_store;
    QString m_family;
    RunInfo m_run;
    ChartSettings m_settings;
    XView m_xView;
    ChartState m_state;
    QList<Marker> m_markers;
    QHash<QString, MetricMode> m_bestModes;
    PlotColors m_colors;
    QCustomPlot* m_plot; // owned by this widget
    ChartInteraction* m_interaction = nullptr;
    std::vector<std::unique_ptr<Series>> m_series;
    ChartHeader m_header;
    std::vector<View> m_history;
    View m_panStart{};
    std::optional<double> m_crosshair;
    QRectF m_rubberBand;
    QList<QRectF> m_markRects; ///< of signs, stars and labels, which the read-out leaves free
    bool m_isExporting = false;
};
} // namespace leyden::ui
