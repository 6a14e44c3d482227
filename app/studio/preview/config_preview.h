// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/config/config_document.h"
#include "widgets/data/data_preview.h"
#include "widgets/data/model_table_model.h"

#include <QObject>
#include <QString>
#include <QThread>
#include <QTimer>

#include <atomic>
#include <memory>
#include <vector>

namespace leyden {
class Registry;
}

namespace leyden::app {

class PreviewWorker;

/// Shows what the config as it stands would train on and train, on a thread of its own.
///
/// A run may be on in the process: a look draws no number that the run would draw (PreviewBuilder),
/// and yields the processor to it.
class ConfigPreview final : public QObject
{
    Q_OBJECT

public:
    enum Part { Data, Model };
    Q_ENUM(Part)

    /// `registry` has to outlive it. `resourceFolder` is where the datasets lie.
    ConfigPreview(
        const Registry& registry, const QString& resourceFolder, QObject* parent = nullptr);
    ~ConfigPreview() override; ///< waits for the look that is being taken, but not for a disk that
                               ///< hangs

public Q_SLOTS:
    /// A moment after the last request. Of several, the newest wins, and of older ones nothing more
    /// is heard, and one that hangs in a disk holds up none that is newer. Relative paths are those
    /// of a config in `configFolder`.
    void request(const QString& configText, const QString& configFolder);
    void forget(); ///< what was read: the next look reads it anew

Q_SIGNALS:
    void started(); ///< panels may say so
    void dataReady(const leyden::ui::DataPreview& preview);
    void modelReady(const leyden::ui::ModelTable& table);
    void failed(leyden::app::ConfigPreview::Part what, const QString& sentence);
    /// Why a run of it could not end well, though each option is right by itself.
    void problemsFound(const QList<leyden::ui::ConfigProblem>& problems);

    /// What the options of this kind of names can say: columns of the table, metrics of the model.
    void namesFound(const QString& kind, const QStringList& names);
    /// A file that the data reads has changed, has gone, or is there again.
    void filesChanged();

    void forgetRequested();
    void lookRequested(quint64 number, const QByteArray& configText, const QString& configFolder);

private:
    void send();
    void startWorker();
    void replaceWorker(); ///< by one that does not hang

    const Registry& m_registry;
    QString m_resourceFolder;
    PreviewWorker* m_worker = nullptr;               ///< lives on the last of the threads
    std::vector<std::unique_ptr<QThread>> m_threads; ///< those before it may hang in a disk
    quint64 m_sent = 0;
    bool m_isBusy = false; ///< until the worker is done with what was sent last
    QTimer m_patience;     ///< with a worker that is busy while something newer waits
    QTimer m_debounce;
    std::shared_ptr<std::atomic<quint64>> m_newest; ///< number of the newest request
    QByteArray m_configText;
    QString m_configFolder;
};

} // namespace leyden::app
