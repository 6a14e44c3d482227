// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/test_program.h"

#include <cstdio>
#include <map>
#include <string>

namespace leyden::test {
namespace {

std::map<std::string, RunTestClass>& test_classes()
{
    static std::map<std::string, RunTestClass> classes; // filled before main()
    return classes;
}

} // namespace

TestRegistration::TestRegistration(const char* file, RunTestClass run)
{
    std::string name = file;
    name = name.substr(name.find_last_of('/') + 1);
    test_classes()[name.substr(0, name.find('.'))] = run;
}

} // namespace leyden::test

int main(int argc, char** argv)
{
    const auto& classes = leyden::test::test_classes();
    const auto chosen = argc > 1 ? classes.find(argv[1]) : classes.end();
    if (chosen == classes.end()) {
        std::fprintf(stderr, "%s TEST_CLASS [OPTIONS OF Qt Test]; the test classes are\n", argv[0]);
        for (const auto& [name, run] : classes)
            std::fprintf(stderr, "  %s\n", name.c_str());
        return 2;
    }
    for (int i = 1; i + 1 < argc; ++i)
        argv[i] = argv[i + 1];
    argv[argc - 1] = nullptr; // argv has one place more than argc
    return chosen->second(argc - 1, argv);
}
