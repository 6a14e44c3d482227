// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/headless/command_line.h"

#include <cerrno>

#include <sys/syscall.h>
#include <unistd.h>

namespace {

/// The math library that LibTorch loads ends the process with words of its own where the working
/// folder is gone, and does so before main(). So this runs before any library does, sanitizers
/// included: system calls alone.
[[gnu::no_sanitize_address, gnu::no_sanitize_thread, gnu::no_sanitize_undefined]] void
refuse_missing_working_folder(int, char**, char**)
{
    constexpr char text[] = "error: the working folder is gone; change into one that is there\n";
    char folder[4096];
    if (syscall(SYS_getcwd, folder, sizeof folder) >= 0 || errno != ENOENT)
        return;
    syscall(SYS_write, STDERR_FILENO, text, sizeof text - 1);
    _exit(3);
}

[[gnu::section(".preinit_array"), gnu::used]] void (*const first)(int, char**, char**)
    = refuse_missing_working_folder;

} // namespace

int main(int argc, char** argv)
{
    return leyden::headless::run_command_line(argc, argv);
}
