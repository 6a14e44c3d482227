// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

/// Marks what leaves a shared library of ours; everything else stays hidden.
#define LEYDEN_API __attribute__((visibility("default")))
