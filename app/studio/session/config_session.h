// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/studio/bridge/run_values.h"
#include "widgets/config/config_document.h"

#include <QObject>

namespace leyden {
class Registry;
}

namespace leyden::app {

/// A config file as it was read.
struct ConfigFile
{
    QString path;
    QByteArray json;
    QString problem; ///< why it could not be read, as a sentence; "" where it was
};

/// Waits as long as its disk does, so not for the window's thread. Lets no exception out.
ConfigFile readConfigFile(const QString& path);

/// The config on the desk: where it came from, its document, and what the engine says is wrong
/// with it. Checks with engine/config alone; nothing here loads data.
class ConfigSession final : public QObject
{
    Q_OBJECT

public:
    /// `registry` outlives it.
    explicit ConfigSession(const Registry& registry, QObject* parent = nullptr);

    ui::ConfigDocument& document() { return m_document; }
    const ui::ConfigDocument& document() const { return m_document; }
    QString name() const { return m_name; } ///< of the preset or the file; "" before one is open
    QString file() const { return m_file; } ///< "" for what was never saved
    bool isYaml() const;                    ///< of file()
    QString preset() const { return m_preset; } ///< "" if it is no preset
    QString folder() const { return m_folder; } ///< relative inputs are looked for here
    bool isOpen() const { return !m_name.isEmpty(); }
    /// Something would be lost if another config took its place.
    bool isModified() const;
    bool isValid() const { return isOpen() && m_document.problems().isEmpty(); }

    // Each gives an empty text, or one sentence that says why not; then all stays as it was.
    QString openPreset(const QString& name);
    QString openRead(const ConfigFile& read);
    /// A config from elsewhere. Made for this: it is nowhere else, and so not saved yet. Of a run: its
    /// folder keeps it.
    enum class Origin { Made, Run };
    QString openText(const QByteArray& json, const QString& name, const QString& folder,
        Origin origin = Origin::Made);
    /// The desk as it stands, with what was never saved; restoreState() brings it back.
    QByteArray saveState() const;
    bool restoreState(const QByteArray& state); ///< false: it holds no desk
    /// The desk before the last one was opened, where something of it was not saved; empty: all was.
    QByteArray replaced() const { return m_replaced; }
    /// Writes the config as it stands. `copied`: data files that lie beside the file by now.
    QString saveAs(const QString& file, const QStringList& copied = {});
    /// Data files that a config written there would have to look for elsewhere.
    QStringList dataElsewhere(const QString& file);

    /// What is on the desk as a run of that runs folder, with every edit in it.
    RunOrder order(const QString& runsFolder);
    /// The config with all defaults, as the engine reads it; null where it has problems.
    ui::Json resolved() const;
    /// The engine's word on the config as it stands, now instead of when typing has settled.
    void check();
    /// What else is wrong with it, until the next check().
    void addProblems(const QList<ui::ConfigProblem>& problems);

Q_SIGNALS:
    void opened(); ///< another config than before
    void checked();
    void problemsAdded();
    void saved(const QString& file);

private:
    QString take(const QByteArray& json, const QString& name, const QString& file,
        const QString& preset, const QString& folder, bool isKept);

    const Registry& m_registry;
    ui::ConfigDocument m_document;
    QList<ui::ConfigProblem> m_problems;   ///< of the last check()
    ui::Json m_saved = ui::Json::object(); ///< as it was opened or last saved
    bool m_isKept = false;                 ///< as it was opened, it can be had again
    QString m_name;
    QString m_file;
    QString m_preset;
    QString m_folder;
    QByteArray m_replaced;
};

} // namespace leyden::app
