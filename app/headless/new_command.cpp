// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/headless/new_command.h"

#include "app/headless/output.h"
#include "engine/config/path_roots.h"
#include "engine/core/errors.h"
#include "engine/data/csv_data.h"
#include "engine/data/csv_guess.h"

#include <nlohmann/json.hpp>

#include <filesystem>

namespace leyden::headless {

int new_config(const NewConfigArguments& arguments)
{
    CsvGuessRequest request;
    request.path = with_home(arguments.table);
    request.target = arguments.target;
    const auto guess = guess_csv(request);
    for (const auto& line : csv_guess_lines(guess))
        tell(line);
    if (guess.features.empty())
        throw DataError(request.path + ": no column is left to predict \"" + guess.target
            + "\" from; see above why, and write a config with the features that you want");
    // The config may be written anywhere, so it names the table by its whole path.
    const auto path = std::filesystem::absolute(request.path).lexically_normal().string();
    CSVData data(csv_options(guess, path)); // a config that cannot be trained with helps nobody
    data.spec();
    for (const auto& warning : data.take_warnings())
        tell_warning(make_style(false, false, false), warning);
    print(csv_run_config(guess, path).dump(2));
    return 0;
}

} // namespace leyden::headless
