# SPDX-License-Identifier: GPL-3.0-or-later
# The libraries beside LibTorch and Qt: the system's, or those in the folder LEYDEN_DEPS, for machines
# on which nothing can be installed. packaging/gpu-deps.sh fills such a folder: include/, and lib/ with
# three libraries (Debian's archives of zlib and yaml-cpp cannot become part of a shared library, so
# those are the shared ones). Without yaml-cpp in it, run configs are JSON only.
set(LEYDEN_DEPS "" CACHE PATH "A folder of packaging/gpu-deps.sh; empty: what the system has")

if(NOT LEYDEN_DEPS)
    find_package(CLI11 REQUIRED)
    find_package(nlohmann_json 3.11 REQUIRED)
    find_package(spdlog REQUIRED)
    find_package(ZLIB REQUIRED)
    find_package(LibDeflate REQUIRED)
    find_package(yaml-cpp 0.7 REQUIRED)
    if(NOT TARGET yaml-cpp::yaml-cpp) # its name since 0.8
        add_library(yaml-cpp::yaml-cpp ALIAS yaml-cpp)
    endif()
    return()
endif()

foreach(file include/CLI/CLI.hpp include/fmt/core.h include/libdeflate.h include/nlohmann/json.hpp
        include/spdlog/spdlog.h include/zlib.h lib/libdeflate.a lib/libz.so.1)
    if(NOT EXISTS ${LEYDEN_DEPS}/${file})
        message(FATAL_ERROR "LEYDEN_DEPS = '${LEYDEN_DEPS}': no ${file} there. "
            "packaging/gpu-deps.sh fills such a folder.")
    endif()
endforeach()
# leyden_dependency(TARGET [LIBRARY]): headers of the folder, and lib/LIBRARY.
function(leyden_dependency target)
    add_library(${target} INTERFACE IMPORTED GLOBAL)
    target_include_directories(${target} SYSTEM INTERFACE ${LEYDEN_DEPS}/include)
    if(ARGN)
        target_link_libraries(${target} INTERFACE ${LEYDEN_DEPS}/lib/${ARGN})
    endif()
endfunction()
leyden_dependency(CLI11::CLI11)
leyden_dependency(nlohmann_json::nlohmann_json)
leyden_dependency(spdlog::spdlog)
target_compile_definitions(spdlog::spdlog INTERFACE SPDLOG_FMT_EXTERNAL FMT_HEADER_ONLY)
leyden_dependency(ZLIB::ZLIB libz.so.1)
target_link_options(ZLIB::ZLIB INTERFACE LINKER:-rpath,${LEYDEN_DEPS}/lib)
leyden_dependency(LibDeflate::LibDeflate libdeflate.a)
file(GLOB yaml_library RELATIVE ${LEYDEN_DEPS}/lib ${LEYDEN_DEPS}/lib/libyaml-cpp.so.*)
if(yaml_library)
    leyden_dependency(yaml-cpp::yaml-cpp ${yaml_library})
    target_link_options(yaml-cpp::yaml-cpp INTERFACE LINKER:-rpath,${LEYDEN_DEPS}/lib)
endif()
