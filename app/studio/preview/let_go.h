// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QThread>

#include <memory>
#include <vector>

namespace leyden::app {

/// Leaves a thread to itself: nobody wants any more what it does, and it is deleted once it is
/// done. When the program ends it is given a few seconds, for most are done by then; one that hangs
/// in a disk that does not answer is not waited for.
void letGo(std::unique_ptr<QThread> thread);

/// The same of several, but waits those seconds at once: what they use goes now.
void waitAndLetGo(std::vector<std::unique_ptr<QThread>> threads);

} // namespace leyden::app
