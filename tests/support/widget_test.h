// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/support/test_program.h"

#include <QApplication>

/// LEYDEN_TEST for a class that shows widgets.
#define LEYDEN_WIDGET_TEST(TestClass)                                                              \
    const ::leyden::test::TestRegistration registered##TestClass(                                  \
        __FILE__, &::leyden::test::run_test_class<QApplication, TestClass>);
