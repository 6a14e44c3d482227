// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>
#include <QStringList>

class QCheckBox;
class QPushButton;

namespace leyden::ui {
/// Asks what a new run takes from a checkpoint. The parts have the names of the config's
/// ckpt_restore.
class BranchDialog final : public QDialog
{
    Q_OBJECT

public:
    /// `checkpoint`: how the person knows it, e.g. "epoch=3-step=120.ckpt".
    explicit BranchDialog(const QString& checkpoint, QWidget* parent = nullptr);

    QStringList parts() const; ///< those that are ticked, in the order of the config

private:
    void addPart(const char* name, const QString& text, const QString& tip);
    void updateButtons();

    QList<QCheckBox*> m_parts;
    QPushButton* m_accept;
};
} // namespace leyden::ui
