// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/config/config_diff.h"

#include "widgets/config/json_pointer.h"

#include <algorithm>

namespace leyden::ui {

namespace {

bool isListOfObjects(const Json& json)
{
    return json.is_array() && !json.empty()
        && std::all_of(json.begin(), json.end(), [](const Json& item) { return item.is_object(); });
}

void collect(std::vector<ConfigChange>& changes, const QString& pointer, const Json& after,
    const Json& before)
{
    if (sameJson(after, before))
        return;
    if (after.is_object() && before.is_object() && classPathOf(&after) == classPathOf(&before)) {
        for (const auto& [key, value] : after.items()) {
            const auto child = childPointer(pointer, toQString(key));
            if (before.contains(key))
                collect(changes, child, value, before[key]);
            else
                changes.push_back({child, std::nullopt, value});
        }
        for (const auto& [key, value] : before.items()) {
            if (!after.contains(key))
                changes.push_back({childPointer(pointer, toQString(key)), value, std::nullopt});
        }
        return;
    }
    if (isListOfObjects(after) && isListOfObjects(before) && after.size() == before.size()) {
        for (std::size_t i = 0; i < after.size(); ++i)
            collect(changes, childPointer(pointer, QString::number(i)), after[i], before[i]);
        return;
    }
    changes.push_back({pointer, before, after});
}

} // namespace

std::vector<ConfigChange> configChanges(const Json& config, const Json& baseline)
{
    std::vector<ConfigChange> changes;
    collect(changes, QString(), config, baseline);
    return changes;
}

QStringList changedPointers(const Json& config, const Json& baseline)
{
    QStringList pointers;
    for (const auto& change : configChanges(config, baseline))
        pointers += change.pointer;
    return pointers;
}

} // namespace leyden::ui
