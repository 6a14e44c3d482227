// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/errors.h"

namespace leyden {

// Out of line, so that each type's identity lives in one library and plugins can catch it.
Error::~Error() = default;
MisconfigurationError::~MisconfigurationError() = default;
DataError::~DataError() = default;
CheckpointError::~CheckpointError() = default;
FileError::~FileError() = default;
NonFiniteError::~NonFiniteError() = default;
InternalError::~InternalError() = default;

void assertion_failed(const char* condition, const char* file, int line)
{
    throw InternalError("internal error: '" + std::string(condition) + "' does not hold ("
        + std::string(file) + ":" + std::to_string(line) + ")");
}

} // namespace leyden
