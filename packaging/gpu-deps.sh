#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Fills a folder with the headers and libraries that packaging/test.sh --gpu builds with, for a machine that has
# neither a network nor these packages. Needs a Debian or Ubuntu; what is not installed is downloaded, not installed.
#
#   packaging/gpu-deps.sh [--tools] [FOLDER]      the folder (default: build/gpu-deps) stays below 40 MiB
#
#   --tools   puts CMake and Ninja in too, for a machine that lacks them (it has to have python3, as for torch)
set -euo pipefail
here=$PWD
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source packaging/common.sh
case ${1:-} in -h | --help) show_help packaging/gpu-deps.sh; exit ;; esac

limit_mib=40
packages=(libcli11-dev libdeflate-dev libfmt-dev libspdlog-dev libyaml-cpp-dev nlohmann-json3-dev zlib1g zlib1g-dev)
yaml=$(apt-cache depends libyaml-cpp-dev 2>/dev/null | sed -n 's/^ *Depends: \(libyaml-cpp[0-9.]*\)$/\1/p') # its name has the version in it
packages+=(${yaml:+"$yaml"})
tools=
if [ "${1:-}" = --tools ]; then
    tools=yes
    shift
fi
[ $# -le 1 ] && [[ ${1:-} != -* ]] || die "packaging/gpu-deps.sh [--tools] [FOLDER], but it was called with: $*"
folder=$PWD/build/gpu-deps
[ $# = 0 ] || folder=$(realpath -m "$here/$1")
[[ ${1:-} != /* ]] || folder=$(realpath -m "$1")
mark=.leyden-gpu-deps # only a folder that this script made is made anew
[ ! -e "$folder" ] || [ -f "$folder/$mark" ] || { [ -d "$folder" ] && [ -z "$(ls -A "$folder")" ]; } ||
    die "$folder holds something else; name a new or empty folder"
command -v dpkg-query >/dev/null || die "this system has no dpkg; fill the folder on a Debian or Ubuntu"

fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
mkdir "$fresh/downloads" "$fresh/root" "$fresh/deps" "$fresh/deps/lib"
touch "$fresh/deps/$mark"
for package in "${packages[@]}"; do
    if dpkg-query -W -f='${db:Status-Abbrev}' "$package" 2>/dev/null | grep -q '^.i'; then
        dpkg-query -L "$package" | grep -E '/include/|/lib(z\.so\.1|deflate\.a|yaml-cpp\.so\.[0-9]+\.[0-9]+)$' |
            while read -r path; do [ -d "$path" ] || printf '%s\0' "$path"; done |
            xargs -0 cp --parents --dereference -t "$fresh/root"
    else
        (cd "$fresh/downloads" && apt-get download -qq "$package" >/dev/null) ||
            die "$package is neither installed nor could it be downloaded; run apt-get update, and see whether there is a network"
        dpkg -x "$fresh/downloads/$package"_*.deb "$fresh/root"
    fi
done

# Headers that differ between processors lie in a folder of their own; here there is one processor.
cp -rL "$fresh/root/usr/include" "$fresh/deps/include"
for special in "$fresh/deps/include"/*-linux-gnu*; do
    [ ! -d "$special" ] || { cp -r "$special/." "$fresh/deps/include/"; rm -r "$special"; }
done
find "$fresh/root" -name libz.so.1 -o -name libdeflate.a -o -regex '.*/libyaml-cpp\.so\.[0-9]+\.[0-9]+' | xargs cp -L -t "$fresh/deps/lib"
if [ -n "$tools" ]; then
    mkdir "$fresh/deps/tools"
    provide_pip
    pip_download "$fresh/deps/tools" --platform "manylinux_2_17_$(uname -m)" --platform "manylinux2014_$(uname -m)" --platform "manylinux_2_12_$(uname -m)" \
        --platform "manylinux2010_$(uname -m)" --no-deps cmake ninja || die "the wheels of cmake and ninja could not be downloaded"
fi

size=$(du -sb "$fresh/deps" | cut -f 1)
[ "$size" -lt $((limit_mib * 1048576)) ] ||
    die "the folder would take $((size / 1048576)) MiB, and $limit_mib are allowed; the largest file: $(find "$fresh/deps" -type f -printf '%s bytes, %P\n' | sort -n | tail -n 1)"
rm -rf "$folder"
mkdir -p "$(dirname "$folder")"
cp -r "$fresh/deps" "$folder" # not mv: the folder of a temporary one is for its owner alone
printf '%s holds the dependencies, %s KiB\n' "$folder" $((size / 1024))
