// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/json.h"
#include "engine/config/path_roots.h"

#include <QString>

#include <optional>

namespace leyden {
class Registry;
}

namespace leyden::app {

/// A word as sh, bash and zsh read it back: as it is where nothing in it is special, else in
/// quotes.
QString shellQuoted(const QString& word);

/// `leyden fit --config '/my runs/run.json'`. The file has to hold the config that is meant.
/// `events`: an events.jsonl, whose changes are to be made again; empty: none.
QString fitCommand(const QString& configPath, const QString& events = {});

/// The same command for a shell, each flag on a line of its own.
QString brokenAtFlags(const QString& command);

/// A config document, and where its relative paths lead.
struct ConfigSource
{
    const Json& document;
    PathRoots roots;
};

/// `leyden fit --preset digits-mlp --trainer.max_epochs=5`: a preset with what differs from it.
/// Nothing where one of them is no good config, or where what differs cannot be said so (the
/// command is checked by doing what it would do: the resolved configs have to be equal).
std::optional<QString> presetFitCommand(const QString& presetName, const ConfigSource& preset,
    const ConfigSource& config, const Registry& registry);

} // namespace leyden::app
