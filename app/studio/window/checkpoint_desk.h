// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QString>

#include <functional>
#include <string>

class QWidget;

namespace leyden {
class Registry;
}

namespace leyden::app {

/// Looks into checkpoints and takes their weights elsewhere, beside the window's thread: they may
/// be large, and their disk slow.
class CheckpointDesk final : public QObject
{
    Q_OBJECT

public:
    /// registry: of what a checkpoint may hold; must outlive it.
    CheckpointDesk(const Registry& registry, QWidget* window);

    void showContents(const QString& file);
    void compare(const QString& older, const QString& newer);
    void exportAs(const QString& file); ///< asks where to
    /// By its name: .safetensors, .torchscript, or else a state_dict of PyTorch.
    void exportTo(const QString& file, const QString& output);

Q_SIGNALS:
    void said(const QString& text); ///< what goes on, or that it is done
    void failed(const QString& problem);

private:
    /// `work` gives what `then` takes, or throws.
    template <class Result>
    void start(const QString& doing, std::function<Result()> work,
        std::function<void(const Result&)> then);

    const Registry& m_registry;
    QWidget* m_window;
};

} // namespace leyden::app
