#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs clang-tidy over the C++ files that changed since BASE (default: main), with the naming rules of each folder's
# .clang-tidy. For whoever works on the code; CI does not run it.
#
#   packaging/tidy.sh [BASE] [OPTIONS OF clang-tidy]     packaging/tidy.sh HEAD~3 --fix
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source packaging/common.sh
case ${1:-} in -h | --help) show_help packaging/tidy.sh; exit ;; esac

base=main
if [ $# != 0 ] && [[ $1 != -* ]]; then base=$1 && shift; fi
git rev-parse --quiet --verify "$base^{commit}" >/dev/null || die "'$base' is not a commit; name one, such as main or HEAD~3"
sources=('app/*.cpp' 'engine/*.cpp' 'tests/*.cpp' 'widgets/*.cpp')
mapfile -t files < <(git diff --name-only --diff-filter=d "$base" -- "${sources[@]}"; git ls-files --others --exclude-standard -- "${sources[@]}")
[ ${#files[@]} != 0 ] || { say "no .cpp file changed since $base (headers are checked with the files that include them)"; exit 0; }

install_gui_packages
install_packages clang-tidy
# clang cannot read GCC's precompiled headers; each file has to be in the list by itself.
configure dev build/tidy LEYDEN_UNITY=OFF CMAKE_DISABLE_PRECOMPILE_HEADERS=ON LEYDEN_CCACHE=
output=$(ninja -C build/tidy build.ninja 2>&1) || die "cmake could not configure build/tidy: $output"
sed -i 's/ -fno-gnu-unique / /' build/tidy/compile_commands.json # an error for clang
# The tests include what Qt's moc makes of them. Ninja would first build the libraries that they are linked with, which
# moc does not need: its commands are run without ninja.
mapfile -t generated < <(ninja -C build/tidy -t targets all | sed -nE 's/^(.*(\.moc|_autogen\/timestamp)): CUSTOM_COMMAND$/\1/p')
ninja -C build/tidy -t commands -s "${generated[@]}" | xargs -d '\n' -n 1 -P "$(nproc)" sh -c || die "moc failed; its message is above"
release_folder
say "checking ${#files[@]} files"
clang-tidy -p build/tidy --quiet --extra-arg=-Wno-unknown-warning-option --extra-arg=-Wno-ignored-optimization-argument \
    --extra-arg=-Wno-unused-command-line-argument "$@" "${files[@]}"
