#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Installs what is missing, builds, and opens the studio on the preset digits-mlp.
#
#   packaging/run.sh [STUDIO OPTIONS]
#   packaging/run.sh --headless [OPTIONS OF leyden fit]   trains the preset in the terminal; needs no Qt
#
# A second call builds nothing and starts at once. packaging/common.sh lists the environment variables.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source packaging/common.sh
case ${1:-} in -h | --help) show_help packaging/run.sh; exit ;; esac

folder=build/release
if [ "${1:-}" = --headless ]; then
    shift
    install_packages "${build_packages[@]}"
    if [ -f $folder/build.ninja ]; then configure release $folder; else configure release $folder LEYDEN_GUI=OFF LEYDEN_TESTS=OFF; fi
    build $folder leyden
    exec $folder/bin/leyden fit --preset digits-mlp "$@"
fi

[[ " $* " != *' --headless '* ]] || die "--headless has to be the first option"
install_gui_packages
if [ -f $folder/build.ninja ]; then configure release $folder LEYDEN_GUI=ON; else configure release $folder LEYDEN_GUI=ON LEYDEN_TESTS=OFF; fi
if ! has_target $folder leyden-studio; then
    say "the studio is not in this version yet; training the preset digits-mlp in the terminal instead"
    build $folder leyden
    exec $folder/bin/leyden fit --preset digits-mlp "$@"
fi
build $folder leyden leyden-studio
[ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}${QT_QPA_PLATFORM:-}" ] ||
    die "the programs are built in $folder/bin, but there is no display to open the studio on; packaging/run.sh --headless trains in the terminal"
exec $folder/bin/leyden-studio --preset digits-mlp "$@"
