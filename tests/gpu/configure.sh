#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Whether the build of packaging/test.sh --gpu can be set up: with the folder of gpu-deps.sh it names no package of the
# system, and a LibTorch for CUDA is linked with its CUDA libraries, without a CUDA compiler. Compiles nothing.
#
#   configure.sh LIBTORCH SCRATCH_FOLDER
set -euo pipefail
libtorch=$1 scratch=$2
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
command -v dpkg-query >/dev/null || { echo "SKIP   : gpu_configure: this system has no dpkg"; exit 77; }
fail() { echo "gpu_configure: $*" >&2; exit 1; }

rm -rf "$scratch"
mkdir -p "$scratch/torch/lib"
packaging/gpu-deps.sh "$scratch/deps"

# A LibTorch for CUDA, as far as CMake looks.
ln -s "$libtorch/include" "$scratch/torch/include"
ln -s "$libtorch"/lib/* "$scratch/torch/lib/"
touch "$scratch"/torch/lib/lib{torch,c10}_cuda.so

set_up() { # set_up FOLDER LIBTORCH DEPS
    cmake --preset headless -B "$scratch/$1" -G Ninja -DLEYDEN_UNITY=ON -DLEYDEN_GPU_TESTS=ON \
        "-DLEYDEN_LIBTORCH=$2" "-DLEYDEN_DEPS=$3" >"$scratch/$1.log" 2>&1
}
set_up build "$scratch/torch" "$scratch/deps" || { cat "$scratch/build.log"; fail "cmake failed"; }
rules=$scratch/build/build.ninja
grep -q '^build gpu_tests: phony' "$rules" || fail "there is no target gpu_tests"
grep -q "isystem $scratch/deps/include" "$rules" || fail "the headers of LEYDEN_DEPS are not used"
foreign=$(grep -oE '[^ ]*lib(spdlog|fmt|z|deflate|yaml-cpp|Qt6[A-Za-z]*)\.(so|a)[^ ]*' "$rules" | grep -v "^$scratch/deps/lib/" || true)
[ -z "$foreign" ] || fail "the build names libraries of the system: $foreign"
[ "$(find "$scratch/deps/lib" -type f -size +0 | wc -l)" = 3 ] || fail "gpu-deps.sh left out a library"
for library in torch_cuda c10_cuda; do
    grep -q "lib/lib$library.so" "$rules" || fail "lib$library.so is not linked"
done
! grep -q 'CUDA_COMPILER' "$scratch/build/CMakeCache.txt" || fail "a CUDA compiler was asked for"

set_up cpu "$libtorch" "$scratch/deps" || { cat "$scratch/cpu.log"; fail "cmake failed with the LibTorch of the build"; }
[ -e "$libtorch/lib/libtorch_cuda.so" ] || ! grep -q 'torch_cuda' "$scratch/cpu/build.ninja" || fail "libtorch_cuda.so is linked without being there"

! set_up bad "$libtorch" "$scratch/nothing" || fail "an empty LEYDEN_DEPS was accepted"
grep -q 'packaging/gpu-deps.sh' "$scratch/bad.log" || { cat "$scratch/bad.log"; fail "the message does not say what fills LEYDEN_DEPS"; }
rm -rf "$scratch"
