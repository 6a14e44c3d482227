// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/config/path_roots.h"

#include "engine/core/errors.h"

#include <cstdlib>
#include <system_error>
#include <vector>

#include <pwd.h>
#include <unistd.h>

namespace leyden {

namespace fs = std::filesystem;

namespace {

/// "" where nobody knows it.
std::string home_of(const std::string& user)
{
    const char* said = user.empty() ? std::getenv("HOME") : nullptr;
    if (said && *said)
        return said;
    passwd entry{};
    passwd* found = nullptr;
    std::vector<char> text(1 << 14);
    if (user.empty())
        getpwuid_r(getuid(), &entry, text.data(), text.size(), &found);
    else
        getpwnam_r(user.c_str(), &entry, text.data(), text.size(), &found);
    return found && found->pw_dir ? found->pw_dir : "";
}

} // namespace

std::string with_home(const std::string& path)
{
    constexpr std::string_view local_url = "file:///";
    if (path.starts_with(local_url))
        return path.substr(local_url.size() - 1);
    if (!path.starts_with('~'))
        return path;
    const auto slash = path.find('/');
    const auto home = home_of(path.substr(1, slash == std::string::npos ? slash : slash - 1));
    if (home.empty()) // as Python: a folder of that name
        return path;
    return slash == std::string::npos ? home : home + path.substr(slash);
}

std::string refused_output(const std::string& path)
{
    return with_home(path).find("://") == std::string::npos
        ? ""
        : "expected a path on this machine; nothing is written to a URL";
}

std::string output_path(const std::string& path, const char* option)
{
    if (const auto why = refused_output(path); !why.empty())
        throw MisconfigurationError(std::string(option) + " = '" + path + "': " + why);
    return with_home(path);
}

std::string resolve_input_path(const std::string& given, const PathRoots& roots)
{
    const auto path = with_home(given);
    if (path.empty() || path.find("://") != std::string::npos)
        return path;
    std::error_code error;
    const auto absolute = [&](const fs::path& p) {
        const auto result = fs::absolute(p, error);
        return (error ? p : result).lexically_normal().string();
    };
    const auto beside_config = absolute(roots.config_folder / path);
    if (roots.resource_folder.empty() || fs::exists(beside_config, error))
        return beside_config;
    const auto resource = absolute(roots.resource_folder / path);
    return fs::exists(resource, error) ? resource : beside_config;
}

} // namespace leyden
