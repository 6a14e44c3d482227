# SPDX-License-Identifier: GPL-3.0-or-later
# cmake --install build/release --prefix DIR: a folder that runs from wherever it is put. LibTorch keeps its layout
# (torch/lib, and nvidia/*/lib beside it), for its libraries find each other by relative run paths.
foreach(target leyden_config leyden_engine leyden leyden-studio)
    if(TARGET ${target})
        install(TARGETS ${target} RUNTIME DESTINATION bin LIBRARY DESTINATION lib)
    endif()
endforeach()
install(DIRECTORY presets DESTINATION share/leyden)
install(DIRECTORY resources/ DESTINATION share/leyden/resources OPTIONAL)
install(FILES LICENSE DESTINATION share/doc/leyden)
install(DIRECTORY ${LEYDEN_LIBTORCH}/lib/ DESTINATION lib/leyden/torch/lib
    FILES_MATCHING REGEX "/lib(c10|caffe2|gomp|torch)[^/]*\\.so"
    REGEX "/libtorch(_python|bind_test)" EXCLUDE
)
install(DIRECTORY ${LEYDEN_LIBTORCH}/../nvidia DESTINATION lib/leyden OPTIONAL FILES_MATCHING PATTERN "*.so*")
