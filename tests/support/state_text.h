// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/state_tree.h"

#include <QByteArray>

namespace leyden::test {

/// One text for one state: types, order, bits. The twin of describe() in
/// tests/engine/checkpoint/describe_checkpoint.py.
QByteArray stateText(const StateTree& state);

} // namespace leyden::test
