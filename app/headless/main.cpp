// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/headless/command_line.h"

int main(int argc, char** argv)
{
    return leyden::headless::run_command_line(argc, argv);
}
