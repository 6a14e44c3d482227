// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QCompleter>

class QLineEdit;

namespace leyden::ui {

struct OptionSchema;

/// Offers names for a line edit: for all of its text, or for the item of a list that is being
/// typed. In a list, a name that is there already goes when it is chosen again.
class NameCompleter final : public QCompleter
{
    Q_OBJECT

public:
    /// `option` has to outlive it: how its values are written.
    NameCompleter(QAbstractItemModel* names, const OptionSchema& option, QLineEdit* line);

    void offerAll(); ///< whatever is typed

    QString pathFromIndex(const QModelIndex& index) const override;
    QStringList splitPath(const QString& text) const override;

private:
    const OptionSchema& m_option;
    QLineEdit* m_line;
    bool m_isList;
    bool m_offersAll = false; ///< then what is chosen is added, and takes no item's place
    QString m_typed;          ///< the line shows what is marked in the popup meanwhile
};

} // namespace leyden::ui
