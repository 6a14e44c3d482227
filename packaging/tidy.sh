#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs clang-tidy over the C++ files that changed since BASE (default: main), with the naming rules of each folder's
# .clang-tidy. For whoever works on the code; CI does not run it.
#
#   packaging/tidy.sh [BASE] [OPTIONS OF clang-tidy]     packaging/tidy.sh HEAD~3 --fix
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source packaging/common.sh

base=main
if [ $# != 0 ] && [[ $1 != -* ]]; then base=$1 && shift; fi
git rev-parse --quiet --verify "$base^{commit}" >/dev/null || die "'$base' is not a commit; name one, such as main or HEAD~3"
mapfile -t files < <(git diff --name-only --diff-filter=d "$base" -- 'app/*.cpp' 'engine/*.cpp' 'tests/*.cpp' 'widgets/*.cpp')
[ ${#files[@]} != 0 ] || { say "no C++ file changed since $base"; exit 0; }

install_gui_packages
install_packages clang-tidy
# clang cannot read GCC's precompiled headers; each file has to be in the list by itself. What moc makes needs no
# library that a target links, so nothing else has to be built for it.
configure dev build/tidy LEYDEN_UNITY=OFF CMAKE_DISABLE_PRECOMPILE_HEADERS=ON CMAKE_AUTOGEN_ORIGIN_DEPENDS=OFF LEYDEN_CCACHE=
# The sources include what Qt's moc makes of them.
mapfile -t generated < <(ninja -C build/tidy -t targets all | sed -n 's/^\(.*\.moc\): CUSTOM_COMMAND$/\1/p; s/^\([^/]*_autogen\): phony$/\1/p')
build build/tidy "${generated[@]}"
say "checking ${#files[@]} files"
clang-tidy -p build/tidy --quiet --extra-arg=-Wno-unknown-warning-option --extra-arg=-Wno-ignored-optimization-argument \
    --extra-arg=-Wno-unused-command-line-argument "$@" "${files[@]}"
