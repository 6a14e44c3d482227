// SPDX-License-Identifier: GPL-3.0-or-later
// In place of yaml_text.cpp where there is no yaml-cpp.
#include "engine/config/yaml_text.h"

namespace leyden {

YamlText parse_yaml(std::string_view)
{
    return {nullptr,
        "this build of Leyden cannot read YAML, since it was made without yaml-cpp; write the "
        "config as JSON (a build that can: leyden fit --config FILE.yaml --print_config)"};
}

bool can_read_yaml()
{
    return false;
}

} // namespace leyden
