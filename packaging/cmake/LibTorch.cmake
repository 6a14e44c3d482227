# SPDX-License-Identifier: GPL-3.0-or-later
# The target `libtorch`, made from an unpacked torch wheel: LEYDEN_LIBTORCH names its `torch` folder.
# An own target instead of find_package(Torch): that one asks for CUDA's compiler, adds foreign run paths and
# loses libtorch.so from the NEEDED entries under mold, which would mean no CUDA.
set(LEYDEN_LIBTORCH "$ENV{LEYDEN_LIBTORCH}" CACHE PATH "The folder of LibTorch, 2.11 or newer: include/ and lib/")
if(NOT EXISTS ${LEYDEN_LIBTORCH}/lib/libtorch_cpu.so)
    message(FATAL_ERROR "LEYDEN_LIBTORCH = '${LEYDEN_LIBTORCH}': no lib/libtorch_cpu.so there. "
        "packaging/run.sh downloads LibTorch and sets it.")
endif()
foreach(header torch/headeronly/version.h torch/csrc/api/include/torch/version.h) # where newer and older ones say it
    if(EXISTS ${LEYDEN_LIBTORCH}/include/${header})
        file(READ ${LEYDEN_LIBTORCH}/include/${header} text)
        if(text MATCHES "define TORCH_VERSION_MAJOR ([0-9]+).*define TORCH_VERSION_MINOR ([0-9]+)")
            set(version ${CMAKE_MATCH_1}.${CMAKE_MATCH_2})
            if(version VERSION_LESS 2.11)
                message(FATAL_ERROR "LEYDEN_LIBTORCH = '${LEYDEN_LIBTORCH}': LibTorch ${version}, and 2.11 or newer is needed.")
            endif()
        endif()
    endif()
endforeach()
# Where the run path looks, as in an installed folder.
file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/lib/leyden)
file(CREATE_LINK ${LEYDEN_LIBTORCH} ${PROJECT_BINARY_DIR}/lib/leyden/torch SYMBOLIC)
add_library(libtorch INTERFACE)
# The wheel's include folder holds an fmt of its own, newer than the one that the system's spdlog was built
# with: the system's has to be found first.
find_path(LEYDEN_FMT_INCLUDE fmt/core.h HINTS ${LEYDEN_DEPS}/include)
if(LEYDEN_FMT_INCLUDE)
    file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/system_fmt)
    file(CREATE_LINK ${LEYDEN_FMT_INCLUDE}/fmt ${PROJECT_BINARY_DIR}/system_fmt/fmt SYMBOLIC)
    target_include_directories(libtorch SYSTEM INTERFACE ${PROJECT_BINARY_DIR}/system_fmt)
endif()
target_include_directories(libtorch SYSTEM INTERFACE
    ${LEYDEN_LIBTORCH}/include ${LEYDEN_LIBTORCH}/include/torch/csrc/api/include
)
target_compile_definitions(libtorch INTERFACE USE_DISTRIBUTED USE_C10D_GLOO)
target_link_options(libtorch INTERFACE LINKER:--no-as-needed)
target_link_libraries(libtorch INTERFACE
    ${LEYDEN_LIBTORCH}/lib/libtorch.so
    ${LEYDEN_LIBTORCH}/lib/libtorch_cpu.so
    ${LEYDEN_LIBTORCH}/lib/libc10.so
)
# A build for CUDA: its libraries are named, so that no linker can lose them; those of CUDA itself are
# needed only at run time.
if(EXISTS ${LEYDEN_LIBTORCH}/lib/libtorch_cuda.so)
    target_link_options(libtorch INTERFACE LINKER:--allow-shlib-undefined)
    target_link_libraries(libtorch INTERFACE
        ${LEYDEN_LIBTORCH}/lib/libtorch_cuda.so
        ${LEYDEN_LIBTORCH}/lib/libc10_cuda.so
    )
endif()
