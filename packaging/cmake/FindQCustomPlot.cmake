# SPDX-License-Identifier: GPL-3.0-or-later
# QCustomPlot built against Qt 6, as the imported target QCustomPlot::QCustomPlot.
# Debian 12 and 13 and Ubuntu 24.04 ship the Qt 5 and Qt 6 flavours side by side under one header
# (libqcustomplot-dev), so the library's name decides; their CMake configs differ and are not asked.
find_path(QCustomPlot_INCLUDE_DIR qcustomplot.h)
find_library(QCustomPlot_LIBRARY NAMES QCustomPlotQt6 qcustomplot-qt6 qcustomplotqt6)
if(QCustomPlot_INCLUDE_DIR)
    file(STRINGS ${QCustomPlot_INCLUDE_DIR}/qcustomplot.h _qcp_version LIMIT_COUNT 1
        REGEX "#define QCUSTOMPLOT_VERSION_STR")
    string(REGEX MATCH "[0-9]+\\.[0-9]+\\.[0-9]+" QCustomPlot_VERSION "${_qcp_version}")
    unset(_qcp_version)
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(QCustomPlot
    REQUIRED_VARS QCustomPlot_LIBRARY QCustomPlot_INCLUDE_DIR
    VERSION_VAR QCustomPlot_VERSION
    REASON_FAILURE_MESSAGE "QCustomPlot for Qt 6 is needed: install libqcustomplot-dev, or configure with -DLEYDEN_GUI=OFF"
)
if(QCustomPlot_FOUND AND NOT TARGET QCustomPlot::QCustomPlot)
    add_library(QCustomPlot::QCustomPlot UNKNOWN IMPORTED GLOBAL)
    set_target_properties(QCustomPlot::QCustomPlot PROPERTIES
        IMPORTED_LOCATION ${QCustomPlot_LIBRARY}
        INTERFACE_INCLUDE_DIRECTORIES ${QCustomPlot_INCLUDE_DIR}
    )
    target_link_libraries(QCustomPlot::QCustomPlot INTERFACE Qt6::Widgets Qt6::PrintSupport)
endif()
mark_as_advanced(QCustomPlot_INCLUDE_DIR QCustomPlot_LIBRARY)
