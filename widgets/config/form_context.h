// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStringList>

namespace leyden::ui {

class ConfigDocument;

/// What all fields of one form share. Outlives them.
struct FormContext
{
    ConfigDocument& document;
    QStringList words;     ///< of the search; an option has to have all of them
    bool showsAll = false; ///< advanced options too
};

/// What a filter left of some fields.
struct FilterResult
{
    int matches = 0;        ///< fields that fit the search
    int hidden = 0;         ///< fields that are hidden because they are advanced
    bool isVisible = false; ///< whether anything is left

    FilterResult& operator+=(const FilterResult& other)
    {
        matches += other.matches;
        hidden += other.hidden;
        isVisible = isVisible || other.isVisible;
        return *this;
    }
};

} // namespace leyden::ui
