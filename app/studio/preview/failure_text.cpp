// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/preview/failure_text.h"

#include "engine/trainer/run_session.h"

namespace leyden::app {

QString failureText(const std::exception& error)
{
    RunOutcome outcome;
    describe_failure(error, outcome);
    return QString::fromStdString(outcome.failure);
}

} // namespace leyden::app
