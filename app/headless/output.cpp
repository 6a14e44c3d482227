// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/headless/output.h"

#include "engine/core/errors.h"

#include <spdlog/fmt/fmt.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <unistd.h>

namespace leyden::headless {
namespace {
std::string failure_of_output;

void write_line(std::FILE* stream, std::string_view text)
{
    const bool is_written = std::fwrite(text.data(), 1, text.size(), stream) == text.size()
        && (!(text.empty() || text.back() != '\n') || std::fputc('\n', stream) != EOF)
        && std::fflush(stream) == 0;
    if (!is_written && stream == stdout && failure_of_output.empty())
        failure_of_output = std::strerror(errno);
}

} // namespace

std::string output_failure()
{
    return failure_of_output;
}

Style make_style(bool quiet, bool verbose, bool no_color)
{
    return {quiet, verbose, !no_color && !std::getenv("NO_COLOR") && isatty(STDERR_FILENO)};
}

void print(std::string_view text)
{
    write_line(stdout, text);
}

void check_output(const std::filesystem::path& file)
{
    std::error_code failure;
    if (file.has_parent_path() && !std::filesystem::is_directory(file.parent_path(), failure))
        throw MisconfigurationError(
            fmt::format("--output '{}': there is no folder '{}'; make it first", file.string(),
                file.parent_path().string()));
    if (std::filesystem::is_directory(file, failure))
        throw MisconfigurationError(
            fmt::format("--output '{}': that is a folder; name a file", file.string()));
}

void tell(std::string_view text)
{
    write_line(stderr, text);
}

void tell_error(const Style& style, std::string_view text)
{
    tell(style.has_color ? "\033[31merror:\033[0m " + std::string(text)
                         : "error: " + std::string(text));
}

void tell_warning(const Style& style, std::string_view text)
{
    tell(style.has_color ? "\033[33mwarning:\033[0m " + std::string(text)
                         : "warning: " + std::string(text));
}

} // namespace leyden::headless
