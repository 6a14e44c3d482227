#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Installs what is missing, builds and runs the tests offscreen; ctest's summary closes the output.
#
#   packaging/test.sh [--asan | --tsan | --nopch] [--fuzz | --stress] [--cpu old | avx2] [OPTIONS OF ctest]
#   packaging/test.sh --gpu [--device cpu]
#
#   --asan    under the address and undefined-behaviour sanitizers
#   --tsan    under the thread sanitizer: the tests labelled tsan (queues, loader, bridge, checkpoint writer)
#   --nopch   each file for itself and without precompiled headers, which shows a missing include
#   --gpu     what has to hold on an NVIDIA card, where there is neither a network nor Qt: packaging/gpu.sh says more
#   --fuzz    the fuzzers alone;  --stress  the long stress tests alone (an ordinary run leaves both out)
#   --cpu     with the kernels for another CPU, of PyTorch, oneDNN and MKL: avx2, or old (no AVX at all)
#
# Our options come first. Of ctest's, -R NAME runs the tests whose name matches, -N lists them.
#
# LEYDEN_REFERENCE_PYTHON names a Python with tests/lightning/requirements.txt; without it the tests against
# Lightning say that they skip. packaging/common.sh lists the other environment variables.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
[ "${1:-}" != --gpu ] || exec packaging/gpu.sh "${@:2}"
source packaging/common.sh
case ${1:-} in -h | --help) show_help packaging/test.sh; exit ;; esac

# The libraries read these when they start, also those of the Python that tests ask; results round another way.
use_kernels_of() {
    case $1 in
    old) export ATEN_CPU_CAPABILITY=default ONEDNN_MAX_CPU_ISA=SSE41 MKL_ENABLE_INSTRUCTIONS=SSE4_2 MKL_CBWR=COMPATIBLE ;;
    avx2) export ATEN_CPU_CAPABILITY=avx2 ONEDNN_MAX_CPU_ISA=AVX2 MKL_ENABLE_INSTRUCTIONS=AVX2 MKL_CBWR=AVX2 ;;
    *) die "--cpu ${1:-(nothing)}: there are the CPUs 'old' and 'avx2'" ;;
    esac
}

# ctest runs everything where it does not know an option, and where it is given a bare word.
check_ctest_options() {
    local known argument before=
    known=$'\n'$(ctest --help | grep -oE -- '(^|[ ,])--?[A-Za-z][A-Za-z-]*' | tr -d ' ,')$'\n'
    for argument in "$@"; do
        case $argument in
        --asan | --tsan | --nopch | --fuzz | --stress | --cpu | --cpu=* | --gpu)
            die "$argument has to come before the options of ctest, and --gpu first of all; packaging/test.sh --help lists them" ;;
        --*) [[ $known == *$'\n'${argument%%=*}$'\n'* ]] || die "$argument: neither packaging/test.sh nor ctest has such an option; see packaging/test.sh --help and ctest --help" ;;
        -*) [[ $known == *$'\n'${argument:0:2}* ]] || die "$argument: ctest has no such option; see packaging/test.sh --help and ctest --help" ;;
        *) [ -n "$before" ] || die "'$argument': name tests with -R (packaging/test.sh -R $argument)" ;;
        esac
        before=
        [[ $argument != -* ]] || before=$argument
    done
}

preset=release folder=build/release settings=(LEYDEN_GUI=ON LEYDEN_TESTS=ON) targets=() wrapper=() kinds=()
select=(-LE 'fuzz|stress|benchmark')
while [ $# != 0 ]; do
    case $1 in --asan | --tsan | --nopch) kinds+=("$1") ;; esac
    case $1 in
    --asan) preset=asan folder=build/asan ;;
    --tsan) preset=tsan folder=build/tsan targets=(tsan_tests) select=(-L tsan) ;;
    --nopch)
        folder=build/nopch
        settings+=(CMAKE_DISABLE_PRECOMPILE_HEADERS=ON LEYDEN_UNITY=OFF LEYDEN_OPTIMIZATION=-O0)
        ;;
    --fuzz | --stress) select=(-L "${1#--}") ;;
    --cpu) use_kernels_of "${2:-}" && shift ;;
    --cpu=*) use_kernels_of "${1#--cpu=}" ;;
    *) break ;;
    esac
    shift
done
[ ${#kinds[@]} -le 1 ] || die "${kinds[*]}: one build at a time; call them one after the other"

install_gui_packages
install_packages locales # the sources of a locale with decimal commas
check_ctest_options "$@"
configure $preset $folder "${settings[@]}"
build $folder "${targets[@]}"
# Newer kernels place libraries where the thread sanitizer of GCC 12 and 13 cannot follow.
if [ $preset = tsan ] && setarch -R true 2>/dev/null; then wrapper=(setarch -R); fi

log=$folder/ctest.log
status=0
rm -f $folder/Testing/Temporary/LastTest.log # where ctest only lists tests, it writes none
"${wrapper[@]}" ctest --test-dir $folder --output-on-failure --no-tests=error --no-label-summary -j "$(nproc)" \
    "${select[@]}" "$@" 2>&1 | tee $log || status=$?
if grep -hs '^SKIP' $folder/Testing/Temporary/LastTest.log | sed 's/^SKIP *: */skipped: /'; then
    sed -n '/tests passed/,$p' $log
fi
exit $status
