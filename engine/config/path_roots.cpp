// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/config/path_roots.h"

#include <system_error>

namespace leyden {

namespace fs = std::filesystem;

std::string resolve_input_path(const std::string& path, const PathRoots& roots)
{
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
