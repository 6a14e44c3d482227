// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace leyden {

class Trainer;

/// SLURM asks the job to end: writes `hpc_ckpt_N.ckpt` into default_root_dir and gives the job back
/// to the queue. False, after a warning, where that did not work and training goes on; so it does
/// outside of a fit and of SLURM.
///
/// Differs: the run ends then; Lightning's trains on until SLURM ends it.
bool requeue_job(Trainer& trainer);

} // namespace leyden
