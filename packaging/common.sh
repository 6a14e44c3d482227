# SPDX-License-Identifier: GPL-3.0-or-later
# What run.sh, test.sh and .ci/run share: packages, LibTorch, configuring, building. Sourced from the top of the tree.
#
#   LEYDEN_LIBTORCH   a LibTorch 2.13 of your own: the folder that holds include/ and lib/
#   LEYDEN_WHEEL_DIR  a folder with wheels of torch 2.13.0; used before anything is downloaded
#   LEYDEN_CACHE      where LibTorch is unpacked (default: ~/.cache/leyden)
#   LEYDEN_JOBS       compilers at a time (default: a core each, and 1.5 GiB of memory each)

torch_version=2.13.0
torch_cpu_index=https://download.pytorch.org/whl/cpu
cache=${LEYDEN_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/leyden}
build_packages=(cmake ninja-build g++ ccache mold git nlohmann-json3-dev libspdlog-dev libfmt-dev libcli11-dev zlib1g-dev libdeflate-dev libyaml-cpp-dev)
gui_packages=(qt6-base-dev 'qt6-svg-dev|libqt6svg6-dev' libqcustomplot-dev)

say() { printf 'leyden: %s\n' "$*" >&2; }
die() { say "$@"; exit 1; }

# show_help SCRIPT: the comment at its beginning.
show_help() { sed -n '3,/^[^#]/s/^# \{0,1\}//p' "$1"; }

# install_packages NAME...: asks apt for those that are missing. `a|b` is one thing under the names of two releases.
install_packages() {
    command -v dpkg-query >/dev/null || die "this system has no apt; install the counterparts of these Debian packages and build with cmake --preset release: $*"
    local have wanted name missing=()
    have=$'\n'$(dpkg-query -W -f='${db:Status-Abbrev} ${Package}\n' | sed -n 's/^.i *//p')$'\n'
    for wanted in "$@"; do
        for name in ${wanted//|/ }; do [[ $have == *$'\n'$name$'\n'* ]] && continue 2; done
        missing+=("$wanted")
    done
    [ ${#missing[@]} = 0 ] || apt_install "${missing[@]}"
}

# names_here WANTED...: of `a|b` the one that this release has; the first where the package lists name none.
names_here() {
    local wanted name names=()
    for wanted in "$@"; do
        for name in ${wanted//|/ } "${wanted%%|*}"; do [ -z "$(apt-cache madison "$name" 2>/dev/null)" ] || break; done
        names+=("$name")
    done
    printf '%s\n' "${names[*]}"
}

apt_install() {
    local as_root=() names output
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null || die "these packages are missing and there is no sudo to install them with; as root: apt-get install $(names_here "$@")"
        as_root=(sudo)
    fi
    say "installing with apt-get: $(names_here "$@")"
    "${as_root[@]}" apt-get update -qq || say "apt-get update failed; using the package lists that are here"
    read -ra names < <(names_here "$@")
    output=$(mktemp)
    # apt's progress goes to the pipe, what it and the packages print to a file that is shown if it fails.
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive sh -c 'exec apt-get install "$@" 3>&1 >&2' apt-get \
        -y -qq --no-install-recommends -o DPkg::Lock::Timeout=120 -o APT::Status-Fd=3 "${names[@]}" 2>"$output" |
        show_apt_progress ||
        { cat "$output" >&2; die "apt-get could not install ${names[*]}; its reason is above"; }
    rm -f "$output"
}

# Where apt is, from the lines `dlstatus:N:PERCENT:TEXT` (downloads) and `pmstatus:PACKAGE:PERCENT:TEXT`.
show_apt_progress() {
    local kind percent text
    while IFS=: read -r kind _ percent text; do
        case $kind in
        dlstatus) progress "${percent%.*}" "downloading packages" ;;
        pmstatus) progress "${percent%.*}" "$text" ;;
        esac
    done
    progress_end
}

# progress PERCENT TEXT: one line that is written over on a terminal, elsewhere a line each tenth.
progress_shown=
progress() {
    if [ -t 2 ]; then
        printf '\rleyden: %3s %% %-60.60s' "$1" "$2" >&2
        progress_shown=line
    elif [ "$((${1:-0} / 10))" != "$progress_shown" ]; then
        progress_shown=$((${1:-0} / 10))
        say "$1 % $2"
    fi
}
progress_end() {
    if [ "$progress_shown" = line ]; then printf '\n' >&2; fi
    progress_shown=
}

# Since Qt 6.5 Debian keeps the plugin that draws SVG icons in a package of its own.
install_gui_packages() {
    install_packages "${build_packages[@]}" "${gui_packages[@]}"
    compgen -G '/usr/lib/*/qt6/plugins/iconengines/libqsvgicon.so' >/dev/null || install_packages qt6-svg-plugins
}

# provide_libtorch: exports LEYDEN_LIBTORCH, after unpacking a wheel of torch into the cache where none is yet.
provide_libtorch() {
    if [ -n "${LEYDEN_LIBTORCH:-}" ]; then
        [ -f "$LEYDEN_LIBTORCH/lib/libtorch_cpu.so" ] || die "LEYDEN_LIBTORCH = $LEYDEN_LIBTORCH: there is no lib/libtorch_cpu.so in that folder"
        LEYDEN_LIBTORCH=$(realpath -s "$LEYDEN_LIBTORCH")
        export LEYDEN_LIBTORCH
        return
    fi
    local kind=cpu
    if command -v nvidia-smi >/dev/null && nvidia-smi -L >/dev/null 2>&1; then kind=cuda; fi
    local folder=$cache/libtorch-$torch_version-$kind
    export LEYDEN_LIBTORCH=$folder/torch
    [ ! -f "$LEYDEN_LIBTORCH/lib/libtorch_cpu.so" ] || return 0

    mkdir -p "$cache"
    exec 9>"$cache/.lock"
    flock 9 # two first calls at once: the second waits, and finds the work done
    if [ ! -f "$LEYDEN_LIBTORCH/lib/libtorch_cpu.so" ]; then
        rm -rf "$cache"/.unpack.* "$folder"
        local fresh wheel output
        fresh=$(mktemp -d "$cache/.unpack.XXXXXX")
        # shellcheck disable=SC2064
        trap "rm -rf '$fresh'" EXIT
        mkdir "$fresh/wheels" "$fresh/unpacked"
        "fetch_${kind}_wheels" "$fresh/wheels"
        say "unpacking LibTorch into $folder"
        for wheel in "$fresh"/wheels/{torch,nvidia_}*.whl; do
            [ -f "$wheel" ] || continue
            # On a full disk CMake only warns, and pads the files with zeros.
            output=$(cd "$fresh/unpacked" && cmake -E tar xf "$wheel" 2>&1 | head -n 3) && [ -z "$output" ] ||
                die "$(basename "$wheel") could not be unpacked: ${output%%$'\n'*} ($(free_space))"
        done
        [ -f "$fresh/unpacked/torch/lib/libtorch_cpu.so" ] || die "the wheel of torch $torch_version holds no lib/libtorch_cpu.so"
        find "$fresh/unpacked/torch" -mindepth 1 -maxdepth 1 ! -name include ! -name lib ! -name share -exec rm -rf {} +
        rm -rf "$fresh"/unpacked/{torchgen,functorch}
        mv -T "$fresh/unpacked" "$folder"
        rm -rf "$fresh"
        trap - EXIT
    fi
    exec 9>&-
}

free_space() { echo "free in $cache: $(df -h --output=avail "$cache" | tail -n 1 | tr -d ' ')"; }

# Only the libraries are taken, so that the wheel of one Python serves machines with any.
pip_download() {
    local quiet=--quiet
    [ ! -t 2 ] || quiet=--progress-bar=on # how far it is, for whoever watches
    python3 -m pip download $quiet --only-binary=:all: --python-version 3.11 --implementation cp --abi cp311 \
        --platform "manylinux_2_28_$(uname -m)" --dest "$@" >&2
}

fetch_cpu_wheels() {
    local here=("${LEYDEN_WHEEL_DIR:-/nonexistent}/torch-$torch_version+cpu-"*"$(uname -m).whl")
    if [ -f "${here[0]}" ]; then
        ln -s "$(realpath "${here[0]}")" "$1/"
        return
    fi
    say "downloading LibTorch $torch_version for the CPU (190 MB)"
    provide_pip
    pip_download "$1" --no-deps ${LEYDEN_WHEEL_DIR:+--find-links "$LEYDEN_WHEEL_DIR"} "torch==$torch_version+cpu" 2>/dev/null ||
        pip_download "$1" --no-deps --index-url "$torch_cpu_index" "torch==$torch_version+cpu" ||
        die "LibTorch could not be downloaded ($(free_space)); put the wheel of torch $torch_version+cpu for Python 3.11 into a folder and name it in LEYDEN_WHEEL_DIR"
}

# The CUDA libraries come as wheels of their own; torch finds them beside itself. `===`: not the +cpu build.
fetch_cuda_wheels() {
    say "downloading LibTorch $torch_version for CUDA (3 GB)"
    provide_pip
    local older
    older=$(printf -- "--platform manylinux_2_%s_$(uname -m) " {27..17}) # pip takes a platform at its word
    # shellcheck disable=SC2086
    pip_download "$1" $older --platform "manylinux2014_$(uname -m)" --platform any \
        ${LEYDEN_WHEEL_DIR:+--find-links "$LEYDEN_WHEEL_DIR"} "torch===$torch_version" ||
        die "LibTorch for CUDA could not be downloaded ($(free_space)); name a LibTorch of your own in LEYDEN_LIBTORCH"
}

provide_pip() { python3 -m pip --version >/dev/null 2>&1 || install_packages python3 python3-pip; }

# Two builds in one folder would overwrite each other's files: the second waits.
hold_folder() {
    mkdir -p "$1"
    exec 7>"$1/.lock"
    flock -n 7 || { say "another build is running in $1; waiting for it"; flock 7; }
}
release_folder() { exec 7>&-; }

# configure PRESET FOLDER NAME=VALUE...: runs cmake only where the folder is not configured so yet, and holds the folder.
# Many files are compiled as one: a build from nothing is several times faster. For work on the code: cmake --preset dev.
configure() {
    local preset=$1 folder=$2 known setting options=()
    shift 2
    [ -z "${LEYDEN_LIBTORCH:-}" ] || provide_libtorch
    hold_folder "$folder"
    known=$'\n'$(sed -n 's/:[A-Z]*=/=/p' "$folder/CMakeCache.txt" 2>/dev/null || true)$'\n'
    # What a stopped or failed call left, or one for a tree that was moved or copied since, leads CMake astray.
    if [ ! -f "$folder/build.ninja" ] || ! [[ $known =~ $'\n'CMAKE_HOME_DIRECTORY=([^$'\n']*) && ${BASH_REMATCH[1]} -ef . ]]; then
        rm -rf "$folder/CMakeCache.txt" "$folder/CMakeFiles" "$folder/build.ninja"
        known=
    fi
    if [ -z "${LEYDEN_LIBTORCH:-}" ] && [[ $known =~ $'\n'LEYDEN_LIBTORCH=("$cache/libtorch-$torch_version-"[a-z]*/torch)$'\n' ]] &&
        [ -d "${BASH_REMATCH[1]}" ]; then
        export LEYDEN_LIBTORCH=${BASH_REMATCH[1]} # as configured: no need to ask for a GPU again
    fi
    provide_libtorch
    [[ " $*" == *" LEYDEN_UNITY="* ]] || set -- LEYDEN_UNITY=ON "$@"
    for setting in "LEYDEN_LIBTORCH=$LEYDEN_LIBTORCH" "$@"; do
        [[ $known == *$'\n'$setting$'\n'* ]] || options+=("-D$setting")
    done
    [ ! -f "$folder/build.ninja" ] || [ ${#options[@]} != 0 ] || return 0
    say "configuring $folder"
    mkdir -p "$folder"
    cmake --preset "$preset" -B "$folder" -G Ninja "${options[@]}" >"$folder/configure.log" 2>&1 ||
        { rm -f "$folder/build.ninja"; cat "$folder/configure.log" >&2; die "cmake could not configure $folder; its reason is above"; }
}

# build FOLDER [TARGET...]: quiet when there is nothing to do. Releases the folder.
build() {
    local folder=$1 memory jobs
    shift
    memory=$(sed -n 's/^MemAvailable: *\([0-9]*\).*/\1/p' /proc/meminfo)
    jobs=$(nproc)
    [ "$jobs" -le $((memory / 1572864)) ] || jobs=$((memory / 1572864))
    [ "$jobs" -ge 1 ] || jobs=1
    if ninja -C "$folder" -n "$@" 2>/dev/null | grep -q 'no work to do'; then
        release_folder
        return
    fi
    local since=$SECONDS
    say "building in $folder; the first build takes minutes"
    NINJA_STATUS='leyden: building %p (%f of %t) ' ninja -C "$folder" -j "${LEYDEN_JOBS:-$jobs}" "$@" >&2 ||
        die "the build failed; the compiler's message is above"
    release_folder
    say "built in $((SECONDS - since)) s"
}

has_target() { grep -q "^build $2: phony" "$1/build.ninja"; }
