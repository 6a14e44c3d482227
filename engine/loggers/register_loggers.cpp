// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/loggers/register_loggers.h"

#include "engine/core/factories.h"
#include "engine/loggers/csv_logger.h"

namespace leyden {

void register_loggers(Registry& registry)
{
    registry.add<CSVLoggerOptions>(ComponentKind::Logger, "CSVLogger",
        "Writes metrics.csv into the run folder",
        LoggerFactory(options_factory<LoggerFactory, CSVLoggerOptions>(
            [](CSVLoggerOptions options) -> std::unique_ptr<Logger> {
                return std::make_unique<CSVLogger>(std::move(options));
            })));
}

} // namespace leyden
