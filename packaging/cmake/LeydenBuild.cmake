# SPDX-License-Identifier: GPL-3.0-or-later
# Compiler, linker and warning settings that every target of ours shares.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON) # one kind of code, so that tests can reuse the precompiled header
set(CMAKE_COMPILE_WARNING_AS_ERROR ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/lib)
# Built programs and installed ones find their libraries at the same relative places (LibTorch.cmake puts a link there),
# so that CMake has no run path to replace: it would pad the built one with empty entries, and an empty entry is the
# folder where a user happens to stand.
set(CMAKE_INSTALL_RPATH "$ORIGIN/../lib" "$ORIGIN/../lib/leyden/torch/lib")
set(CMAKE_BUILD_WITH_INSTALL_RPATH ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1")
# Nearly all of a run's time passes in LibTorch. What -O2 adds beyond this takes a quarter of the time
# to compile and changes no speed that tests/benchmarks can see.
set(optimization -O2)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    set(optimization "-O1 -fstrict-aliasing -finline-small-functions -findirect-inlining -fpartial-inlining -fdevirtualize -foptimize-sibling-calls")
endif()
set(LEYDEN_OPTIMIZATION "${optimization}" CACHE STRING "How a release build is optimized")
set(CMAKE_CXX_FLAGS_RELEASE "${LEYDEN_OPTIMIZATION} -DNDEBUG")

# Several files a compilation: a build from nothing takes a third of the time, one after a change of
# a single file longer. For users and CI; whoever works on the code builds without.
option(LEYDEN_UNITY "Compile many source files as one" OFF)
if(LEYDEN_UNITY)
    set(CMAKE_UNITY_BUILD ON)
    set(CMAKE_UNITY_BUILD_BATCH_SIZE 24)
endif()

find_program(LEYDEN_CCACHE ccache)
if(LEYDEN_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    # The base folder: what one clone compiled, the next one takes from the cache. CCACHE_DEPEND: a
    # file that is not there yet is not preprocessed first, a tenth of the time.
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
        CCACHE_SLOPPINESS=pch_defines,time_macros CCACHE_BASEDIR=${PROJECT_SOURCE_DIR}
        CCACHE_NOHASHDIR=1 CCACHE_DEPEND=1 ${LEYDEN_CCACHE}
    )
endif()
find_program(LEYDEN_MOLD mold)

add_library(leyden_build_flags INTERFACE)
add_library(leyden::build_flags ALIAS leyden_build_flags)
target_compile_options(leyden_build_flags INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wold-style-cast -Woverloaded-virtual -Wnon-virtual-dtor
    -fno-gnu-unique # a plugin must be free to leave the process
    $<$<BOOL:${LEYDEN_CCACHE}>:-fpch-preprocess>
    # GCC sees too little for this one at the level above; a debug build warns as ever.
    $<$<AND:$<CXX_COMPILER_ID:GNU>,$<CONFIG:Release>>:-Wno-maybe-uninitialized>
)
if(LEYDEN_UNITY)
    # Every file is an included one then, and may have unnamed namespaces all the same. And GCC takes
    # std::string's copies for too large where much is inlined (GCC bugs 105329, 105651); a build file
    # by file warns as ever.
    target_compile_options(leyden_build_flags INTERFACE
        -Wno-subobject-linkage -Wno-array-bounds -Wno-restrict -Wno-stringop-overflow)
endif()
target_compile_definitions(leyden_build_flags INTERFACE QT_NO_KEYWORDS QT_NO_CAST_FROM_ASCII)
# mold writes unwind entries for empty functions, which can hide the next function's: an exception thrown there would end
# the process (rui314/mold issue 1648). What users run is linked by the compiler's own linker.
if(LEYDEN_MOLD AND NOT CMAKE_BUILD_TYPE STREQUAL "Release")
    target_link_options(leyden_build_flags INTERFACE -fuse-ld=mold)
endif()
if(LEYDEN_SANITIZE)
    # GCC's own instrumentation confuses its warning about uninitialized values.
    target_compile_options(leyden_build_flags INTERFACE
        -fsanitize=${LEYDEN_SANITIZE} -fno-omit-frame-pointer -Wno-maybe-uninitialized)
    target_link_options(leyden_build_flags INTERFACE -fsanitize=${LEYDEN_SANITIZE})
endif()
