#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What the scripts of packaging/ do with wrong options, a full disk, and a build folder that they should not use.
# Installs and compiles nothing.
#
#   scripts.sh SCRATCH_FOLDER
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
command -v dpkg-query >/dev/null || { echo "SKIP   : packaging_scripts: this system has no dpkg"; exit 77; }
rm -rf "$1"
mkdir -p "$1"
scratch=$(realpath "$1")
export LEYDEN_LIBTORCH=$scratch/none # where a check is missing, the script ends here and not in a build
failures=0
fail() { echo "packaging_scripts: $*" >&2; failures=$((failures + 1)); }

# refuses TEXT COMMAND...: it fails with this text.
refuses() {
    local text=$1 output
    shift
    if output=$("$@" 2>&1); then fail "'$*' was accepted"; fi
    [[ $output == *"$text"* ]] || fail "'$*' does not say '$text' but: $output"
}

for script in run test tidy gpu-deps gpu; do
    [[ $(packaging/$script.sh --help 2>&1) == *$'\n  packaging/'* ]] || fail "$script.sh --help does not show how to call it"
done
refuses "'old' and 'avx2'" packaging/test.sh --cpu
refuses "'old' and 'avx2'" packaging/test.sh --cpu new
refuses 'one build at a time' packaging/test.sh --asan --tsan
refuses 'called with: --gpu --cpu' packaging/test.sh --gpu --cpu
refuses "LEYDEN_LIBTORCH = $scratch/none" packaging/run.sh --headless
refuses 'is not a commit' packaging/tidy.sh no-such-commit

# ctest ignores what it does not know, and runs every test.
if [ "$(dpkg-query -W -f='${db:Status-Abbrev}' locales libqcustomplot-dev 2>/dev/null)" = 'ii ii ' ]; then
    refuses '--asna: neither' packaging/test.sh --asna
    refuses '--asan has to come before' packaging/test.sh -R csv --asan
    refuses '-z: ctest has no' packaging/test.sh -z
    refuses 'packaging/test.sh -R csv' packaging/test.sh csv
    refuses 'packaging/test.sh -R json' packaging/test.sh -R csv json
    for accepted in '-R csv' '-j4 -R csv -VV' '--repeat until-fail:2 --timeout=9' '-L unit -LE peer --rerun-failed'; do
        # shellcheck disable=SC2086
        refuses "LEYDEN_LIBTORCH = $scratch/none" packaging/test.sh $accepted
    done
fi

# Only a folder that gpu-deps.sh made is deleted by it.
mkdir -p "$scratch/prefix/include/spdlog"
refuses 'holds something else' packaging/gpu-deps.sh "$scratch/prefix"
[ -d "$scratch/prefix/include/spdlog" ] || fail "gpu-deps.sh deleted a folder that is not its own"

# On a full disk `cmake -E tar` ends with 0 after warnings, and the files have holes.
mkdir "$scratch/wheels" "$scratch/programs"
source packaging/common.sh
touch "$scratch/wheels/torch-$torch_version+cpu-cp311-cp311-manylinux_2_28_$(uname -m).whl"
cat >"$scratch/programs/cmake" <<'END'
#!/bin/sh
mkdir -p torch/lib
touch torch/lib/libtorch_cpu.so
[ -z "$WARNING" ] || echo "$WARNING" >&2
END
chmod +x "$scratch/programs/cmake"
unpack() (
    unset LEYDEN_LIBTORCH
    export LEYDEN_WHEEL_DIR=$scratch/wheels PATH=$scratch/programs:$PATH WARNING=$1
    cache=$scratch/cache
    nvidia-smi() { return 1; }
    provide_libtorch
)
refuses 'could not be unpacked: warning: unknown warning (free in' unpack 'warning: unknown warning'
[ -z "$(find "$scratch/cache" -type d -name '*[a-z]*' ! -path "$scratch/cache")" ] || fail "a failed unpacking left something in the cache"
unpack '' 2>/dev/null
[ -f "$scratch/cache/libtorch-$torch_version-cpu/torch/lib/libtorch_cpu.so" ] || fail "LibTorch was not unpacked"

# A build folder of another tree is configured anew, one of this tree is used as it is.
cat >"$scratch/programs/cmake" <<'END'
#!/bin/sh
echo configured >&2
touch "$4/build.ninja"
printf 'CMAKE_HOME_DIRECTORY:INTERNAL=%s\nLEYDEN_LIBTORCH:PATH=%s\nLEYDEN_UNITY:BOOL=ON\n' "$PWD" "$LEYDEN_LIBTORCH" >"$4/CMakeCache.txt"
END
configured() (
    export LEYDEN_LIBTORCH=$scratch/cache/libtorch-$torch_version-cpu/torch PATH=$scratch/programs:$PATH
    [[ $(configure release "$scratch/build" 2>&1) == *configuring* ]]
)
configured || fail "a new folder was not configured"
! configured || fail "a configured folder was configured again"
sed -i 's|^CMAKE_HOME_DIRECTORY.*|CMAKE_HOME_DIRECTORY:INTERNAL=/no/such/tree|' "$scratch/build/CMakeCache.txt"
configured || fail "the build folder of another tree was used"
rm "$scratch/build/build.ninja"
touch "$scratch/build/CMakeFiles"
configured && [ ! -e "$scratch/build/CMakeFiles" ] || fail "what a stopped configuring left was used"

# The second build in a folder waits for the first.
mkfifo "$scratch/messages"
exec 6>"$scratch/build/.lock"
flock 6
(exec 6>&-; hold_folder "$scratch/build" 2>"$scratch/messages" && touch "$scratch/held") &
read -r message <"$scratch/messages" || true
[[ $message == *'another build is running'* && ! -e $scratch/held ]] || fail "two builds run in one folder: $message"
exec 6>&-
wait
[ -e "$scratch/held" ] || fail "the second build does not begin"

rm -rf "$scratch"
exit $((failures > 0))
