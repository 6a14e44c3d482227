// SPDX-License-Identifier: GPL-3.0-or-later
// What many tests of the window do with its runs.
#pragma once

#include "studio_window.h"

#include "widgets/log/log_model.h"

namespace leyden::app::test {

/// Trains the irises to their end. Gives the run's folder.
inline QString finishedRun(const StudioWindow& studio)
{
    studio.window->openPreset(QStringLiteral("iris-linear"));
    studio.start();
    if (!QTest::qWaitFor([&] { return studio.controller().isActive(); }, 30000)
        || !QTest::qWaitFor([&] { return studio.isIdle(); }, 60000))
        return {};
    return studio.controller().folder();
}

inline void stopNow(const StudioWindow& studio)
{
    studio.trigger("stopAfterStep");
    QTRY_VERIFY_WITH_TIMEOUT(studio.isIdle(), 60000);
}

/// Picks the first row with the text in a view, such as "runsView".
inline void pick(const StudioWindow& studio, const char* view, const QString& text)
{
    auto* list = studio.find<QAbstractItemView>(view);
    QModelIndexList found;
    QTRY_VERIFY_WITH_TIMEOUT(!(found = list->model()->match(list->model()->index(0, 0),
                                   Qt::DisplayRole, text, 1, Qt::MatchContains))
                                 .isEmpty(),
        10000);
    list->setCurrentIndex(found.first());
}

inline bool isLogged(const StudioWindow& studio, const QString& text)
{
    const auto* model = studio.find<QAbstractItemView>("logView")->model();
    return !model
                ->match(model->index(0, ui::LogModel::Text), Qt::DisplayRole, text, 1,
                    Qt::MatchContains)
                .isEmpty();
}

} // namespace leyden::app::test
