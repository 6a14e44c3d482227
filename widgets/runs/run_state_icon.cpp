// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/runs/run_state_icon.h"

#include "widgets/common/theme.h"

#include <QCoreApplication>
#include <QPainter>
#include <QPixmap>

namespace leyden::ui {
namespace {
QColor stateColor(RunState state, const QPalette& palette)
{
    const auto colors = themeColors(palette);
    switch (state) {
    case RunState::Running:
        return colors.accent;
    case RunState::Paused:
    case RunState::NotSaved:
    case RunState::Unreadable:
        return colors.warning;
    case RunState::Finished:
    case RunState::StoppedEarly:
        return colors.success;
    case RunState::Failed:
    case RunState::Crashed:
    case RunState::Diverged:
        return colors.error;
    case RunState::Stopped:
    case RunState::Unknown:
        break;
    }
    return colors.muted;
}

// In a square of 16.
void paintState(QPainter& painter, RunState state, const QColor& color)
{
    painter.setPen(QPen(color, 2, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    switch (state) {
    case RunState::Running:
        painter.setBrush(color);
        painter.drawPolygon(QPolygonF({{5, 3.5}, {12.5, 8}, {5, 12.5}}));
        break;
    case RunState::Paused:
        painter.drawLine(QPointF(5.5, 4), QPointF(5.5, 12));
        painter.drawLine(QPointF(10.5, 4), QPointF(10.5, 12));
        break;
    case RunState::Finished:
        painter.drawPolyline(QPolygonF({{3, 8.5}, {6.5, 12}, {13, 4.5}}));
        break;
    case RunState::StoppedEarly: // the same before a line
        painter.drawPolyline(QPolygonF({{1.5, 8.5}, {4.5, 12}, {10, 4.5}}));
        painter.drawLine(QPointF(13.5, 3.5), QPointF(13.5, 12.5));
        break;
    case RunState::NotSaved:
        painter.drawLine(QPointF(8, 3), QPointF(8, 9));
        painter.drawPoint(QPointF(8, 13));
        break;
    case RunState::Diverged: // a curve that leaves
        painter.drawPolyline(QPolygonF({{2, 12}, {6.5, 11}, {9.5, 8}, {12, 2.5}}));
        painter.drawPolyline(QPolygonF({{8.5, 4.5}, {12, 2.5}, {13.5, 6}}));
        break;
    case RunState::Unreadable:
        painter.drawEllipse(QPointF(8, 8), 5, 5);
        painter.drawLine(QPointF(4.5, 11.5), QPointF(11.5, 4.5));
        break;
    case RunState::Stopped:
        painter.setBrush(color);
        painter.drawRect(QRectF(4.5, 4.5, 7, 7));
        break;
    case RunState::Failed:
        painter.drawLine(QPointF(4, 4), QPointF(12, 12));
        painter.drawLine(QPointF(12, 4), QPointF(4, 12));
        break;
    case RunState::Crashed: // a bolt
        painter.setBrush(color);
        painter.setPen(QPen(color, 1, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
        painter.drawPolygon(
            QPolygonF({{9.5, 1.5}, {3.5, 9}, {7.5, 9}, {6.5, 14.5}, {12.5, 6.5}, {8.5, 6.5}}));
        break;
    case RunState::Unknown:
        painter.drawEllipse(QPointF(8, 8), 4.5, 4.5);
        break;
    }
}
} // namespace

QString runStateText(RunState state)
{
    const auto tr = [](const char* text) { return QCoreApplication::translate("RunState", text); };
    switch (state) {
    case RunState::Running:
        return tr("running");
    case RunState::Paused:
        return tr("paused");
    case RunState::Finished:
        return tr("finished");
    case RunState::StoppedEarly:
        return tr("stopped early");
    case RunState::NotSaved:
        return tr("not saved");
    case RunState::Diverged:
        return tr("diverged");
    case RunState::Unreadable:
        return tr("unreadable");
    case RunState::Stopped:
        return tr("stopped");
    case RunState::Failed:
        return tr("failed");
    case RunState::Crashed:
        return tr("crashed");
    case RunState::Unknown:
        break;
    }
    return tr("unknown");
}

QString runStateSentence(const RunSummary& run)
{
    const auto tr = [](const char* text) { return QCoreApplication::translate("RunState", text); };
    switch (run.state) {
    case RunState::NotSaved:
        return run.problem.isEmpty()
            ? tr("finished, but the model was not saved")
            : tr("finished, but the model was not saved: %1").arg(run.problem);
    case RunState::Diverged:
        return tr(
            "diverged: its parameters or its monitored metric are not finite, or got far worse");
    case RunState::StoppedEarly:
        return tr("stopped early: it no longer improved, or a callback ended it");
    case RunState::Unreadable:
    case RunState::Failed:
        return run.problem.isEmpty() ? runStateText(run.state)
                                     : tr("%1: %2").arg(runStateText(run.state), run.problem);
    default:
        return runStateText(run.state);
    }
}

QIcon runStateIcon(RunState state, const QPalette& palette)
{
    QIcon icon;
    for (const auto mode : {QIcon::Normal, QIcon::Selected}) // upon the highlight in its text's
                                                             // colour
        for (const int scale : {1, 2}) {
            QPixmap pixmap(16 * scale, 16 * scale);
            pixmap.setDevicePixelRatio(scale);
            pixmap.fill(Qt::transparent);
            QPainter painter(&pixmap);
            painter.setRenderHint(QPainter::Antialiasing);
            paintState(painter, state,
                mode == QIcon::Selected ? palette.color(QPalette::HighlightedText)
                                        : stateColor(state, palette));
            painter.end();
            icon.addPixmap(pixmap, mode);
        }
    return icon;
}
} // namespace leyden::ui
