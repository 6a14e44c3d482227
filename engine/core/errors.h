// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"

#include <stdexcept>
#include <string>

namespace leyden {

/// Base of every error that Leyden throws on purpose. The message is for people: one plain sentence
/// that says what, where and what to do.
class LEYDEN_API Error : public std::runtime_error
{
public:
    using std::runtime_error::runtime_error;
    ~Error() override;
};

/// A setting, or a combination of settings, that cannot work (exit code 2).
class LEYDEN_API MisconfigurationError final : public Error
{
public:
    using Error::Error;
    ~MisconfigurationError() override;
};

/// Data that cannot be read or used (exit code 3).
class LEYDEN_API DataError final : public Error
{
public:
    using Error::Error;
    ~DataError() override;
};

/// A checkpoint that cannot be read, used or written (exit code 3).
class LEYDEN_API CheckpointError final : public Error
{
public:
    using Error::Error;
    ~CheckpointError() override;
};

/// A file or folder that cannot be read or written.
class LEYDEN_API FileError final : public Error
{
public:
    using Error::Error;
    ~FileError() override;
};

/// A loss or gradient that is NaN or infinite where that was not allowed.
class LEYDEN_API NonFiniteError final : public Error
{
public:
    using Error::Error;
    ~NonFiniteError() override;
};

/// A broken promise of our own code.
class LEYDEN_API InternalError final : public Error
{
public:
    using Error::Error;
    ~InternalError() override;
};

[[noreturn]] LEYDEN_API void assertion_failed(const char* condition, const char* file, int line);

} // namespace leyden

/// Checks a promise of our own in every build; throws InternalError with file and line.
#define LEYDEN_ASSERT(condition)                                                                   \
    ((condition) ? void(0) : ::leyden::assertion_failed(#condition, __FILE__, __LINE__))
