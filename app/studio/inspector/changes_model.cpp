// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/inspector/changes_model.h"

#include "widgets/common/plain_text.h"
#include "widgets/config/json_pointer.h"
#include "widgets/config/value_text.h"

namespace leyden::app {
namespace {

QString shortText(const std::optional<ui::Json>& value)
{
    if (!value)
        return QStringLiteral("–");
    const auto name = ui::classPathOf(&*value);
    return value->is_object() && !name.isEmpty() ? name : ui::plainText(*value);
}

} // namespace

void ChangesModel::setChanges(std::vector<ui::ConfigChange> changes)
{
    beginResetModel();
    m_changes = std::move(changes);
    endResetModel();
}

int ChangesModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : int(m_changes.size());
}

int ChangesModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : int(ColumnCount);
}

QVariant ChangesModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const auto& change = m_changes[size_t(index.row())];
    if (role == PointerRole)
        return change.pointer;
    if (role == Qt::ToolTipRole)
        return ui::plainToolTip(tr("%1: was %2, is %3")
                .arg(change.pointer,
                    change.before ? ui::plainText(*change.before) : tr("not written"),
                    change.after ? ui::plainText(*change.after) : tr("not written")));
    if (role != Qt::DisplayRole)
        return {};
    switch (index.column()) {
    case Option:
        return ui::pointerTokens(change.pointer).isEmpty()
            ? tr("everything")
            : ui::pointerTokens(change.pointer).last();
    case Before:
        return shortText(change.before);
    default:
        return shortText(change.after);
    }
}

QVariant ChangesModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    switch (section) {
    case Option:
        return tr("Option");
    case Before:
        return tr("Before");
    case Now:
        return tr("Now");
    default:
        return {};
    }
}

} // namespace leyden::app
