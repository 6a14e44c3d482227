// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plots/monitor_view.h"

#include "widgets/common/icon.h"
#include "widgets/common/wheel_guard.h"
#include "widgets/plots/chart_grid.h"
#include "widgets/plots/export_file.h"
#include "widgets/plots/export_target.h"
#include "widgets/plots/narrow_tool_bar.h"

#include <QAction>
#include <QComboBox>
#include <QCoreApplication>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPainter>
#include <QPdfWriter>
#include <QSaveFile>
#include <QSignalBlocker>
#include <QSlider>
#include <QStandardItemModel>
#include <QSvgGenerator>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace leyden::ui {
namespace {
constexpr int focusedIntervalMs = 100;
constexpr int unfocusedIntervalMs = 250;
constexpr QSize pageSize(900, 420); // of an exported chart

// The slider is finer where it matters: 1/3 is a weight of 0.9, 2/3 of 0.99.
double smoothingWeight(int slider)
{
    return slider == 0 ? 0.0 : 1.0 - std::pow(10.0, -slider / 33.3);
}

int smoothingSlider(double weight)
{
    return weight <= 0.0 ? 0 : int(std::lround(-33.3 * std::log10(1.0 - weight)));
}
} // namespace

MonitorView::MonitorView(QWidget* parent)
    : QWidget(parent)
    , m_bar(new NarrowToolBar(this))
    , m_filter(new QLineEdit(this))
    , m_xAxis(new QComboBox(this))
    , m_smoothing(new QSlider(Qt::Horizontal, this))
    , m_smoothingText(new QLabel(this))
    , m_grid(new ChartGrid(m_store, this))
{
    setObjectName(QStringLiteral("monitorView"));
    m_clock.start();
    setupBar();
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_bar);
    layout->addWidget(m_grid, 1);
    m_grid->setEmptyText(tr("No curves yet. Start a run, or open one from the list of runs: its "
                            "metrics appear here as they are logged."));
    connect(m_grid, &ChartGrid::xViewChanged, this, &MonitorView::showXView);
    connect(
        m_grid, &ChartGrid::checkpointMenuRequested, this, &MonitorView::checkpointMenuRequested);
    connect(m_grid, &ChartGrid::painted, this, [this](double ms) {
        m_pendingCostMs += ms;
        m_meter.add(double(m_clock.elapsed()), ms);
    });
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &MonitorView::refresh);
}

MonitorView::~MonitorView() = default;

void MonitorView::setupBar()
{
    m_bar->setObjectName(QStringLiteral("monitorBar"));
    m_bar->setMovable(false);
    m_filter->setObjectName(QStringLiteral("metricFilter"));
    m_filter->setPlaceholderText(tr("Filter metrics"));
    m_filter->setAccessibleName(tr("Filter metrics"));
    m_filter->setClearButtonEnabled(true);
    m_filter->setMaximumWidth(200);
    connect(m_filter, &QLineEdit::textChanged, m_grid, &ChartGrid::setFilter);
    m_bar->addWidget(m_filter);
    setupXAxis();
    setupSmoothing();
    m_bar->addSeparator();
    m_follow = m_bar->addAction(Icon::themed(QStringLiteral("follow")), tr("Follow"));
    m_follow->setObjectName(QStringLiteral("follow"));
    m_follow->setCheckable(true);
    m_follow->setToolTip(tr("Keep the newest values in view (F)"));
    connect(m_follow, &QAction::toggled, this, &MonitorView::setFollowing);
    auto* fit
        = m_bar->addAction(Icon::themed(QStringLiteral("fit")), tr("Fit"), m_grid, &ChartGrid::fit);
    fit->setObjectName(QStringLiteral("fit"));
    fit->setToolTip(tr("Show all of every curve (double-click a chart)"));
    setupExport();
    m_bar->addSeparator();
    setupScales(); // the last, and so the first without room
    setupNarrowBar();
    // Qt draws it black in every theme.
    if (auto* overflow = m_bar->findChild<QToolButton*>(QStringLiteral("qt_toolbar_ext_button"))) {
        overflow->setIcon(Icon::themed(QStringLiteral("more")));
        overflow->setAccessibleName(tr("More"));
        overflow->setToolTip(tr("What the bar has no room for"));
    }
}

void MonitorView::setupXAxis()
{
    m_bar->addSeparator();
    m_xAxis->setObjectName(QStringLiteral("xAxis"));
    m_xAxis->setMinimumContentsLength(5); // "Epoch", where the bar is narrow
    WheelGuard::protect(m_xAxis);
    WheelGuard::protect(m_smoothing);
    m_xAxis->setAccessibleName(tr("x axis"));
    m_xAxis->setToolTip(tr("What the x axis shows"));
    m_xAxis->addItem(tr("Step"), int(XAxis::Step));
    m_xAxis->addItem(tr("Epoch"), int(XAxis::Epoch));
    m_xAxis->addItem(tr("Wall time"), int(XAxis::WallTime));
    m_xAxis->addItem(tr("Active time"), int(XAxis::ActiveTime));
    m_xAxis->setItemData(3, tr("Wall time without the pauses"), Qt::ToolTipRole);
    connect(m_xAxis, &QComboBox::currentIndexChanged, this, [this] {
        auto settings = m_settings;
        settings.xAxis = XAxis(m_xAxis->currentData().toInt());
        choose(settings);
    });
    m_bar->addWidget(m_xAxis);
}

void MonitorView::setupScales()
{
    const auto addToggle = [this](const char* name, const QString& text, const QString& tip) {
        auto* action = m_bar->addAction(text);
        action->setObjectName(QLatin1String(name));
        action->setCheckable(true);
        action->setToolTip(tip);
        return action;
    };
    m_xLog = addToggle("xLog", tr("log x"), tr("Logarithmic x axis"));
    connect(m_xLog, &QAction::toggled, this, [this](bool on) {
        auto settings = m_settings;
        settings.xLog = on;
        choose(settings);
    });
    m_yLog = addToggle("yLog", tr("log y"), tr("Logarithmic y axis in all charts (L: in one)"));
    connect(m_yLog, &QAction::toggled, m_grid, &ChartGrid::setYLog);
    m_trimY = addToggle("trimY", tr("p99"),
        tr("y axis from the 1st to the 99th percentile of each curve: a few extreme values do not "
           "press the rest flat (a range of your own: right-click a chart)"));
    connect(m_trimY, &QAction::toggled, this, [this](bool on) {
        auto settings = m_settings;
        settings.trimsY = on;
        choose(settings);
    });
}

void MonitorView::setupSmoothing()
{
    m_bar->addSeparator();
    auto* label = new QLabel(tr("Smoothing"), this);
    label->setContentsMargins(4, 0, 4, 0);
    label->setObjectName(QStringLiteral("smoothingLabel"));
    label->setBuddy(m_smoothing);
    m_smoothingLabel = m_bar->addWidget(label);
    m_smoothing->setObjectName(QStringLiteral("smoothing"));
    m_smoothing->setAccessibleName(tr("Smoothing"));
    m_smoothing->setToolTip(
        tr("Weight of the moving average; the values themselves stay visible behind it"));
    m_smoothing->setRange(0, 100);
    connect(m_smoothing, &QSlider::valueChanged, this, [this](int value) {
        auto settings = m_settings;
        settings.smoothing = smoothingWeight(value);
        choose(settings);
    });
    m_bar->addWidget(m_smoothing);
    m_smoothingText->setObjectName(QStringLiteral("smoothingText"));
    m_smoothingText->setContentsMargins(4, 0, 4, 0);
    m_smoothingText->setBuddy(m_smoothing);
    m_bar->addWidget(m_smoothingText);
    showSmoothing();
}

void MonitorView::setupExport()
{
    // An action, not a widget: where the bar has no room for it, its menu is in the bar's overflow.
    auto* action = m_bar->addAction(Icon::themed(QStringLiteral("export")), tr("Export"));
    action->setToolTip(tr("Write charts or data to a file"));
    auto* menu = new QMenu(this);
    const auto add = [this, menu](const char* name, const QString& text, ExportFormat format) {
        menu->addAction(text, this, [this, format] { askForExport(format); })
            ->setObjectName(QLatin1String(name));
    };
    add("exportAllPdf", tr("All charts as PDF…"), ExportFormat::Pdf);
    add("exportAllSvg", tr("All charts as SVG…"), ExportFormat::Svg);
    add("exportAllPng", tr("All charts as PNG…"), ExportFormat::Png);
    add("exportAllCsv", tr("All data as CSV…"), ExportFormat::Csv);
    action->setMenu(menu);
    auto* button = qobject_cast<QToolButton*>(m_bar->widgetForAction(action));
    button->setObjectName(QStringLiteral("exportCharts"));
    button->setPopupMode(QToolButton::InstantPopup);
}

void MonitorView::setupNarrowBar()
{
    m_bar->setIconSize({18, 18});
    m_bar->setToolButtonStyle(Qt::ToolButtonTextOnly);
    m_bar->addStep([this](bool isNarrow) {
        m_smoothingLabel->setVisible(!isNarrow);
        showSmoothing();
    });
    m_bar->addStep([this](bool isNarrow) {
        for (auto* action : m_bar->actions())
            if (auto* button = qobject_cast<QToolButton*>(m_bar->widgetForAction(action));
                button && !action->icon().isNull())
                button->setToolButtonStyle(
                    isNarrow ? Qt::ToolButtonIconOnly : Qt::ToolButtonTextOnly);
    });
    m_bar->addStep([this](bool isNarrow) {
        for (auto* action : m_bar->actions())
            if (action->isSeparator())
                action->setVisible(!isNarrow);
    });
    m_bar->addStep([this](bool isNarrow) {
        m_filter->setMinimumWidth(isNarrow ? 56 : 80);
        m_smoothing->setFixedWidth(isNarrow ? 44 : 72);
        m_xAxis->setSizeAdjustPolicy(isNarrow ? QComboBox::AdjustToMinimumContentsLengthWithIcon
                                              : QComboBox::AdjustToContents);
    });
}

void MonitorView::beginRun(const RunInfo& run)
{
    clear();
    setRun(run);
    m_grid->setEmptyText(tr("Waiting for the first values of %1…").arg(run.name));
}

void MonitorView::setRun(const RunInfo& run)
{
    m_run = run;
    m_grid->setRun(run);
}

void MonitorView::clear()
{
    m_timer.stop();
    m_store.clear();
    m_markers.clear();
    m_bestModes.clear();
    m_grid->clear();
    m_grid->setMarkers({});
    m_grid->setBestModes({});
    m_run = {};
    m_isDirty = false;
    showXView({});
}

void MonitorView::appendRows(const QList<MetricRow>& rows)
{
    m_store.appendRows(rows);
    scheduleRefresh();
}

void MonitorView::replaceRows(const QList<MetricRow>& rows)
{
    m_store.clear();
    m_grid->clear();
    m_grid->setMarkers(m_markers);
    m_grid->setBestModes(m_bestModes);
    appendRows(rows);
}

void MonitorView::addMarker(const Marker& marker)
{
    const auto after = std::upper_bound(m_markers.begin(), m_markers.end(), marker,
        [](const Marker& a, const Marker& b) { return a.step < b.step; });
    m_markers.insert(after, marker);
    m_grid->setMarkers(m_markers);
    scheduleRefresh();
}

void MonitorView::setMarkers(MarkerKind kind, const QList<Marker>& markers)
{
    auto all = m_markers;
    all.removeIf([kind](const Marker& marker) { return marker.kind == kind; });
    setMarkers(all + markers);
}

void MonitorView::setMarkers(const QList<Marker>& markers)
{
    m_markers = markers;
    std::stable_sort(m_markers.begin(), m_markers.end(),
        [](const Marker& a, const Marker& b) { return a.step < b.step; });
    m_grid->setMarkers(m_markers);
    scheduleRefresh();
}

void MonitorView::setHasTimes(bool hasTimes)
{
    auto* model = qobject_cast<QStandardItemModel*>(m_xAxis->model());
    for (const auto axis : {XAxis::WallTime, XAxis::ActiveTime})
        model->item(m_xAxis->findData(int(axis)))->setEnabled(hasTimes);
    if (hasTimes || m_settings.xAxis == XAxis::Step || m_settings.xAxis == XAxis::Epoch)
        return;
    auto settings = m_settings;
    settings.xAxis = XAxis::Step;
    setSettings(settings);
}

void MonitorView::setBest(const QString& name, MetricMode mode)
{
    m_bestModes[name] = mode;
    m_grid->setBestModes(m_bestModes);
    scheduleRefresh();
}

void MonitorView::choose(const ChartSettings& settings)
{
    setSettings(settings);
    Q_EMIT settingsChanged(settings);
}

void MonitorView::showSmoothing()
{
    const double weight = m_settings.smoothing;
    const auto text
        = weight > 0.0 ? QString::number(weight, 'f', weight > 0.99 ? 3 : 2) : tr("off");
    // Beside a label the number is enough; without room for one it says itself what it is.
    const bool isLabelled = m_smoothingLabel->isVisible();
    const auto shown
        = [&](const QString& value) { return isLabelled ? value : tr("smooth %1").arg(value); };
    m_smoothingText->setText(shown(text));
    m_smoothingText->setMinimumWidth(
        fontMetrics().horizontalAdvance(shown(QStringLiteral("0.999"))) + 8);
}

void MonitorView::setSettings(const ChartSettings& settings)
{
    const bool isAxisChanged = settings.xAxis != m_settings.xAxis;
    m_settings = settings;
    const QSignalBlocker blockAxis(m_xAxis);
    const QSignalBlocker blockLog(m_xLog);
    const QSignalBlocker blockTrim(m_trimY);
    const QSignalBlocker blockSmoothing(m_smoothing);
    m_xAxis->setCurrentIndex(m_xAxis->findData(int(settings.xAxis)));
    m_xLog->setChecked(settings.xLog);
    m_trimY->setChecked(settings.trimsY);
    m_smoothing->setValue(smoothingSlider(settings.smoothing));
    showSmoothing();
    m_grid->setSettings(settings);
    if (isAxisChanged)
        showXView(m_grid->xView());
}

void MonitorView::setYLog(bool isLog)
{
    m_yLog->setChecked(isLog);
}

void MonitorView::setFollowing(bool following)
{
    if (following == (m_grid->xView().mode == XView::Mode::Follow))
        return;
    const auto charts = m_grid->builtCharts();
    if (charts.isEmpty())
        return showXView(m_grid->xView());
    charts.first()->userFollow(following); // and so all
}

void MonitorView::showXView(const XView& view)
{
    const QSignalBlocker block(m_follow);
    m_follow->setChecked(view.mode == XView::Mode::Follow);
}

// ---- the pace

int MonitorView::refreshIntervalMs()
{
    if (!isVisible())
        return 0;
    return PaintCostMeter::interval(
        m_refreshCostMs, isActiveWindow() ? focusedIntervalMs : unfocusedIntervalMs);
}

double MonitorView::uiCostShare()
{
    return m_meter.share(double(m_clock.elapsed()));
}

void MonitorView::scheduleRefresh()
{
    m_isDirty = true;
    if (isVisible() && !m_timer.isActive())
        m_timer.start(refreshIntervalMs());
}

void MonitorView::refresh()
{
    m_isDirty = false;
    m_pendingCostMs = 0.0;
    m_grid->refresh();
    m_refreshCostMs
        = m_refreshCostMs == 0.0 ? m_pendingCostMs : 0.7 * m_refreshCostMs + 0.3 * m_pendingCostMs;
    Q_EMIT refreshed();
}

void MonitorView::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    if (m_isDirty)
        refresh();
}

void MonitorView::hideEvent(QHideEvent* event)
{
    QWidget::hideEvent(event);
    m_timer.stop();
}

void MonitorView::keyPressEvent(QKeyEvent* event)
{
    if (m_isKeyLent) { // the chart has no use for it, so it came up to here
        m_isKeyLent = false;
        event->accept();
        return;
    }
    // Keys go to the chart under the mouse while no chart has the focus.
    if (auto* chart = m_grid->hoveredChart(); chart && !chart->plotWidget()->hasFocus()) {
        m_isKeyLent = true;
        QCoreApplication::sendEvent(chart->plotWidget(), event);
        if (std::exchange(m_isKeyLent, false))
            return; // taken on its way
    }
    if (event->key() == Qt::Key_F && event->modifiers() == Qt::NoModifier)
        m_follow->toggle();
    else
        QWidget::keyPressEvent(event);
}

// ---- export

void MonitorView::askForExport(ExportFormat format)
{
    ui::askForExport(this, format == ExportFormat::Csv ? tr("Export data") : tr("Export charts"),
        format, m_run.folder, proposedFileName({m_run.name}, format),
        [this](const ExportTarget& target) { return exportAs(target); });
}

QString MonitorView::exportAs(const ExportTarget& target)
{
    switch (target.format) {
    case ExportFormat::Pdf:
        return exportPdf(target.path);
    case ExportFormat::Svg:
        return exportSvg(target.path);
    case ExportFormat::Png:
        return exportPng(target.path);
    case ExportFormat::Csv:
        break;
    }
    return exportCsv(target.path);
}

namespace {
constexpr int mostInPicture = 60; // a taller one is of no use to anybody

struct Picture
{
    int columns;
    QSize size;
};
Picture pictureOf(int charts)
{
    const int columns = charts > 1 ? 2 : 1;
    const int rows = std::max(1, (charts + columns - 1) / columns);
    return {columns, {pageSize.width() * columns, pageSize.height() * rows}};
}
} // namespace

QString MonitorView::exportPdf(const QString& path)
{
    const auto families = m_grid->shownFamilies();
    return saved(path, pdfOf(m_run.name, pageSize, [&](QPdfWriter& writer) {
        MetricChart::renderPages(writer, pageSize, int(families.size()),
            [&](int page) { return m_grid->makeChart(families.at(page)); });
    }));
}

QString MonitorView::exportSvg(const QString& path)
{
    const auto families = m_grid->shownFamilies().mid(0, mostInPicture);
    const auto [columns, size] = pictureOf(int(families.size()));
    return saved(path, svgOf(m_run.name, size, [&, columns = columns](QSvgGenerator& svg) {
        MetricChart::renderTiles(svg, pageSize, columns, int(families.size()),
            [&](int tile) { return m_grid->makeChart(families.at(tile)); });
    }));
}

QString MonitorView::exportPng(const QString& path)
{
    constexpr double scale = 2.0;
    const auto families = m_grid->shownFamilies().mid(0, mostInPicture);
    const auto [columns, size] = pictureOf(int(families.size()));
    QImage picture(size * scale, QImage::Format_RGB32);
    picture.fill(palette().color(QPalette::Window));
    QPainter painter(&picture);
    for (qsizetype i = 0; i < families.size(); ++i) {
        const QPoint at(int(i % columns) * pageSize.width(), int(i / columns) * pageSize.height());
        auto chart = m_grid->makeChart(families.at(i))->image(pageSize, scale);
        chart.setDevicePixelRatio(1.0);
        painter.drawImage(at * scale, chart);
    }
    painter.end();
    return savedPng(path, picture);
}

QString MonitorView::exportCsv(const QString& path)
{
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly))
        return finished(file, false);
    m_store.writeCsv(file, m_store.names(), m_settings.smoothing);
    return finished(file, file.error() == QFileDevice::NoError);
}
} // namespace leyden::ui
