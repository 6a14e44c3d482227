// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/bridge/run_worker.h"

#include "app/headless/resources.h"
#include "engine/trainer/run_session.h"

#include <ATen/Parallel.h>
#include <nlohmann/json.hpp>

namespace leyden::app {
namespace {

RunEnd failed(int exitCode, const std::string& reason)
{
    return {QStringLiteral("failed"), exitCode, QString::fromStdString(reason), {}, {},
        ui::RunState::Failed};
}

RunEnd toEnd(const RunOutcome& outcome)
{
    const auto state = QString::fromStdString(outcome.state);
    return {state, outcome.exit_code, QString::fromStdString(outcome.failure),
        QString::fromStdString(outcome.details),
        QString::fromStdString(outcome.run_folder.string()),
        ui::runStateOf(state, QString::fromStdString(outcome.outcome), outcome.checkpoint_saved),
        outcome.is_discarded};
}

} // namespace

RunWorker::RunWorker(const Registry& registry, RunControl& control, RunObserver& observer)
    : m_registry(registry), m_control(control), m_observer(observer)
{
}

void RunWorker::run(const RunOrder& order)
{
    RunEnd end;
    try {
        end = carryOut(order);
    } catch (const std::exception& error) {
        RunOutcome outcome;
        describe_failure(error, outcome);
        end = toEnd(outcome);
    } catch (...) {
        end = failed(1, "an error of an unknown kind");
    }
    Q_EMIT ended(end);
}

RunEnd RunWorker::carryOut(const RunOrder& order)
{
    // A run's thread count stays set in LibTorch; one that says null means the machine's own again.
    if (m_threads == 0)
        m_threads = at::get_num_threads();
    at::set_num_threads(m_threads);
    const auto document = nlohmann::ordered_json::parse(order.config.toStdString());
    auto parsed = parse_run_config(
        document, m_registry, {order.configFolder.toStdString(), headless::resource_folder()});
    if (!parsed.problems.empty())
        return failed(2, problem_lines(parsed.problems, "the config"));
    RunRequest request;
    request.config = std::move(parsed.config);
    request.output_root = order.outputRoot.toStdString();
    request.run_dir = order.runDir.toStdString();
    request.replay_events = order.replayEvents.toStdString();
    request.control = &m_control;
    request.observer = &m_observer;
    return toEnd(execute_run(request, m_registry));
}

} // namespace leyden::app
