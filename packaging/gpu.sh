#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What packaging/test.sh --gpu runs: on a machine with an NVIDIA card, and without a network or packages of its own,
# builds the command `leyden` and the tests labelled gpu in build/gpu, runs them, and prints one table. Needs a C++
# compiler, CMake and Ninja.
#
#   packaging/test.sh --gpu [--device cpu]      --device cpu: the CPU in the GPU's place, to see that the run itself works
#
#   LEYDEN_LIBTORCH   a LibTorch for CUDA, 2.11 or newer (default: that of the torch in python3)
#   LEYDEN_DEPS       a folder of packaging/gpu-deps.sh (default: build/gpu-deps)
#   LEYDEN_PYTHON     a Python with torch, and with lightning at best, to compare the speed with (default: python3)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source packaging/common.sh

folder=build/gpu device=cuda
case $* in
'') ;;
-h | --help) show_help packaging/gpu.sh; exit ;;
'--device cpu' | --device=cpu) device=cpu ;;
*) die "packaging/test.sh --gpu [--device cpu], but it was called with: --gpu $*" ;;
esac
python=${LEYDEN_PYTHON:-python3}

[ -n "${LEYDEN_LIBTORCH:-}" ] || LEYDEN_LIBTORCH=$("$python" -c 'import os, torch; print(os.path.dirname(torch.__file__))' 2>/dev/null) ||
    die "name a LibTorch in LEYDEN_LIBTORCH (its folder holds include/ and lib/): $python has no torch to take it from"
export LEYDEN_LIBTORCH
deps=$(realpath -m "${LEYDEN_DEPS:-build/gpu-deps}")
[ -d "$deps/include" ] || die "LEYDEN_DEPS = $deps: there is no include/ in it; fill it with packaging/gpu-deps.sh on a machine with a network"
if [ ! -d $folder/tools ]; then
    for wheel in "$deps"/tools/*.whl; do
        [ ! -f "$wheel" ] || "$python" -m zipfile -e "$wheel" $folder/tools
    done
fi
for programs in $folder/tools/cmake/data/bin $folder/tools/ninja-*.data/scripts; do
    [ ! -d "$programs" ] || { chmod +x "$programs"/*; PATH=$PWD/$programs:$PATH; }
done
# Where torch came into a Python of its own, CMake and Ninja may lie beside it.
PATH=$PATH:$("$python" -c 'import os, sys; print(os.path.dirname(sys.executable))' 2>/dev/null || echo /usr/bin)
for program in c++ cmake ninja; do
    command -v $program >/dev/null || die "$program is missing here; packaging/gpu-deps.sh --tools brings CMake and Ninja, a C++ compiler has to be there"
done

export LEYDEN_JOBS=${LEYDEN_JOBS:-$(nproc)} # a dozen files; such a machine has the memory, whatever it says at first
begin=$SECONDS
configure headless $folder LEYDEN_GPU_TESTS=ON LEYDEN_UNITY=ON "LEYDEN_DEPS=$deps"
build $folder leyden gpu_tests
built=$SECONDS

row() { printf '%-28s %-8s %s\n' "$@"; }
card=$(nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader 2>/dev/null | head -n 1) || card=
table=$folder/gpu-table.txt
status=0
arguments=() speed=(--device cuda)
if [ $device = cpu ]; then arguments=(--device cpu) speed=(--device cpu --rounds 3); fi
{
    row device '' "${card:-no NVIDIA card}, $(nproc) cores"
    row build '' "$((built - begin)) s; leyden $($folder/bin/leyden --version | head -n 1 | sed 's/^leyden //')"
    $folder/tests/gpu_tests "${arguments[@]}" || status=$?
    if command -v "$python" >/dev/null; then
        "$python" tests/gpu/compare_speed.py $folder/tests/gpu_tests "${speed[@]}" || status=1
    else
        row 'steps a second' skipped "there is no $python to compare with"
    fi
} > >(grep --line-buffered -v ^SKIP | tee $table)
wait $!
took="$((SECONDS - begin)) s in all, the table is in $table"
case $device,$status in
cpu,0) say "a rehearsal on the CPU passed; nothing ran on a card ($took)" ;;
cuda,0) say "ran on a card: $card ($took)" ;;
*,77) say "nothing ran on a card, for there is no CUDA device here: the programs were built, the checks skipped ($took)"; status=0 ;;
*) say "a check FAILED on ${card:-the CPU}; its line is above ($took)" ;;
esac
exit $status
