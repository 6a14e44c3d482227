// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/plots/metric_chart.h"

#include <QScrollArea>

#include <vector>

class QFrame;
class QLabel;
class QPushButton;

namespace leyden::ui {
/// The charts of a run, one a metric family, in as many columns as fit. A chart is built when it is
/// scrolled into view and dropped when it is far away; its part of the view stays. x, cross-hair
/// and settings are the same in all.
class ChartGrid final : public QScrollArea
{
    Q_OBJECT

public:
    static constexpr int familiesAtFirst = 48;

    explicit ChartGrid(const MetricStore& store, QWidget* parent = nullptr);

    /// Takes the store's families and brings the charts in view up to date.
    void refresh();
    void clear();
    void setFilter(const QString& text);
    void setSettings(const ChartSettings& settings);
    void setXView(const XView& view);
    void setYLog(bool isLog); ///< of all charts
    void setMarkers(const QList<Marker>& markers);
    void setBestModes(const QHash<QString, MetricMode>& modes);
    void setRun(const RunInfo& run); ///< whose charts these are
    void setEmptyText(const QString& text);
    void fit();

    const XView& xView() const { return m_xView; }
    QStringList shownFamilies() const; ///< that pass the filter and the limit, in order
    QList<MetricChart*> builtCharts() const;
    MetricChart* chart(const QString& family) const; ///< null unless built
    MetricChart* hoveredChart() const;
    /// A chart just as the grid would show it, for an export. The caller owns it.
    std::unique_ptr<MetricChart> makeChart(const QString& family);

Q_SIGNALS:
    void xViewChanged(const leyden::ui::XView& view); ///< by a hand
    void painted(double ms);
    void checkpointMenuRequested(double step, const QPoint& globalPosition);

protected:
    void resizeEvent(QResizeEvent* event) override;
    void scrollContentsBy(int dx, int dy) override;
    void changeEvent(QEvent* event) override;

private:
    struct Slot
    {
        QString family;
        QFrame* frame = nullptr; ///< owned by the content widget
        MetricChart* chart = nullptr;
        ChartState state;
        bool isShown = true;
    };

    void takeFamilies();
    void applyFilter();
    void layOut();
    void buildVisible();
    void build(Slot& slot);
    void configure(MetricChart& chart, const Slot& slot) const;
    int rank(const QString& family) const;

    const MetricStore& m_store;
    std::vector<Slot> m_slots; // in the order in which they are shown
    QWidget* m_content;
    QLabel* m_empty;
    QPushButton* m_showAll;
    QString m_emptyText;
    QString m_filter;
    RunInfo m_run;
    ChartSettings m_settings;
    XView m_xView;
    QList<Marker> m_markers;
    QHash<QString, MetricMode> m_bestModes;
    bool m_isYLog = false;
    bool m_isLimited = true;
};
} // namespace leyden::ui
