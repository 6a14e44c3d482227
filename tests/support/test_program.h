// SPDX-License-Identifier: GPL-3.0-or-later
// One program holds the test classes of a folder, and runs one of them a process:
//   tests_engine_data tst_csv_data [OPTIONS OF Qt Test]
#pragma once

#include <QCoreApplication>
#include <QTest>

namespace leyden::test {

using RunTestClass = int (*)(int argc, char** argv);

/// Makes a class known to the program's main(); its name is the stem of `file`.
struct TestRegistration
{
    TestRegistration(const char* file, RunTestClass run);
};

template <typename Application, typename TestClass> int run_test_class(int argc, char** argv)
{
    Application application(argc, argv);
    application.setAttribute(Qt::AA_Use96Dpi, true);
    TestClass test_class;
    return QTest::qExec(&test_class, argc, argv);
}

} // namespace leyden::test

/// At the end of tst_NAME.cpp, within its own namespace tst_NAME: what one file calls its helpers
/// is no other's business where several are compiled as one.
#define LEYDEN_TEST(TestClass)                                                                     \
    const ::leyden::test::TestRegistration registered##TestClass(                                  \
        __FILE__, &::leyden::test::run_test_class<QCoreApplication, TestClass>);
