// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/data/register_data.h"

#include "engine/config/registry.h"
#include "engine/core/factories.h"
#include "engine/data/csv_data.h"

#include <memory>
#include <utility>

namespace leyden {

void register_data(Registry& registry)
{
    registry.add<CSVDataOptions>(ComponentKind::Data, "CSVData",
        "Rows of a CSV file: features and one target column",
        DataFactory(options_factory<DataFactory, CSVDataOptions>(
            [](CSVDataOptions options) { return std::make_shared<CSVData>(std::move(options)); })));
}

} // namespace leyden
