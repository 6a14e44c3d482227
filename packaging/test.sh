#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Installs what is missing, builds and runs the tests offscreen; ctest's summary closes the output.
#
#   packaging/test.sh [--asan | --tsan | --nopch] [--fuzz | --stress] [OPTIONS OF ctest]
#
#   --asan    under the address and undefined-behaviour sanitizers
#   --tsan    under the thread sanitizer: the tests labelled tsan (queues, loader, bridge, checkpoint writer)
#   --nopch   without precompiled headers, which shows a missing include
#   --fuzz    the fuzzers alone;  --stress  the long stress tests alone (an ordinary run leaves both out)
#
# LEYDEN_REFERENCE_PYTHON names a Python with tests/lightning/requirements.txt; without it the tests against
# Lightning say that they skip. packaging/common.sh lists the other environment variables.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source packaging/common.sh

preset=release folder=build/release settings=(LEYDEN_GUI=ON LEYDEN_TESTS=ON) targets=() wrapper=() kinds=()
select=(-LE 'fuzz|stress|benchmark')
while [ $# != 0 ]; do
    case $1 in --asan | --tsan | --nopch) kinds+=("$1") ;; esac
    case $1 in
    --asan) preset=asan folder=build/asan ;;
    --tsan) preset=tsan folder=build/tsan targets=(tsan_tests) select=(-L tsan) ;;
    --nopch) folder=build/nopch settings+=(CMAKE_DISABLE_PRECOMPILE_HEADERS=ON) ;;
    --fuzz | --stress) select=(-L "${1#--}") ;;
    *) break ;;
    esac
    shift
done
[ ${#kinds[@]} -le 1 ] || die "${kinds[*]}: one build at a time; call them one after the other"

install_gui_packages
install_packages locales # the sources of a locale with decimal commas
configure $preset $folder "${settings[@]}"
build $folder "${targets[@]}"
# Newer kernels place libraries where the thread sanitizer of GCC 12 and 13 cannot follow.
if [ $preset = tsan ] && setarch -R true 2>/dev/null; then wrapper=(setarch -R); fi

log=$folder/ctest.log
status=0
"${wrapper[@]}" ctest --test-dir $folder --output-on-failure --no-tests=error --no-label-summary -j "$(nproc)" \
    "${select[@]}" "$@" 2>&1 | tee $log || status=$?
if grep -h '^SKIP' $folder/Testing/Temporary/LastTest.log | sed 's/^SKIP *: */skipped: /'; then
    sed -n '/tests passed/,$p' $log
fi
exit $status
