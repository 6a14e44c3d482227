// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QHeaderView>

namespace leyden::ui {

/// A horizontal header whose texts end in "…" where their column has no room, line by line. Qt cuts
/// one of several lines at both ends.
class ElidedHeader final : public QHeaderView
{
    Q_OBJECT

public:
    explicit ElidedHeader(QWidget* parent = nullptr);

    QString shownText(int section) const; ///< as it is painted

protected:
    void initStyleOptionForIndex(QStyleOptionHeader* option, int section) const override;
};

} // namespace leyden::ui
