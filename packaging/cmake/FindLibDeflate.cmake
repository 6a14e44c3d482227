# SPDX-License-Identifier: GPL-3.0-or-later
# libdeflate as the imported target LibDeflate::LibDeflate; Debian 12 ships it without a CMake config.
find_path(LibDeflate_INCLUDE_DIR libdeflate.h)
find_library(LibDeflate_LIBRARY deflate)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(LibDeflate
    REQUIRED_VARS LibDeflate_LIBRARY LibDeflate_INCLUDE_DIR
    REASON_FAILURE_MESSAGE "install libdeflate-dev"
)
if(LibDeflate_FOUND AND NOT TARGET LibDeflate::LibDeflate)
    add_library(LibDeflate::LibDeflate UNKNOWN IMPORTED GLOBAL)
    set_target_properties(LibDeflate::LibDeflate PROPERTIES
        IMPORTED_LOCATION ${LibDeflate_LIBRARY}
        INTERFACE_INCLUDE_DIRECTORIES ${LibDeflate_INCLUDE_DIR}
    )
endif()
mark_as_advanced(LibDeflate_INCLUDE_DIR LibDeflate_LIBRARY)
