// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/config/config_diff.h"
#include "widgets/config/config_schema.h"
#include "widgets/config/json.h"

#include <QHash>
#include <QList>
#include <QObject>
#include <QTimer>
#include <QUndoStack>

#include <optional>

namespace leyden::ui {

/// One thing that is wrong with the config, as the engine's check says it.
struct ConfigProblem
{
    QString pointer; ///< "" for the config as a whole
    QString message;
};

/// The run config that is being edited: its schema, the preset it came from, undo, and what is
/// wrong with it. It checks nothing itself: whoever does listens to settled() and calls
/// setProblems().
class ConfigDocument final : public QObject
{
    Q_OBJECT

public:
    explicit ConfigDocument(const Json& schema, QObject* parent = nullptr);

    const ConfigSchema& schema() const { return m_schema; }
    const Json& config() const { return m_config; }
    const Json& baseline() const { return m_baseline; }
    QUndoStack* undoStack() { return &m_undoStack; }

    /// Opens another config. `baseline` is the preset that changes are marked against and reset to.
    void load(Json config, Json baseline);
    void load(const Json& config) { load(config, config); }

    /// What is written at a place; nothing if the default holds there.
    std::optional<Json> value(const QString& pointer) const;
    /// What is written, else the default, else null.
    Json effectiveValue(const QString& pointer) const;

    // Edits, each an undo step. Those of one place melt into one step until finishEdit().
    /// A value equal to the preset's restores what the preset wrote.
    void setValue(const QString& pointer, const Json& value);
    void unset(const QString& pointer); ///< takes the value away, so that the default holds
    void reset(const QString& pointer); ///< back to the preset
    void resetAll();
    void replace(const Json& config); ///< all of it, as typed into the JSON view
    void finishEdit() { ++m_editSession; }

    bool isChanged(const QString& pointer) const; ///< from the preset
    /// What reset() would bring back, as a form shows it.
    QString baselineText(const QString& pointer) const;
    /// All changes from the preset that mean something.
    std::vector<ConfigChange> changes() const;

    const QList<ConfigProblem>& problems() const { return m_problems; }
    void setProblems(const QList<ConfigProblem>& problems);
    /// What can be named where an option names something of this kind ("metrics", "columns").
    QStringList knownNames(const QString& kind) const { return m_knownNames.value(kind); }
    void setKnownNames(const QString& kind, const QStringList& names);
    /// The JSON beside the form cannot be read as it is typed: the config is not what stands there.
    /// "" ends it.
    void setTextProblem(const QString& message);
    bool hasTextProblem() const { return !m_textProblem.isEmpty(); }
    /// Those that the field of this option shows: its own, and those below it that have no field.
    QStringList problemsAt(const QString& pointer) const;

Q_SIGNALS:
    void loaded();                        ///< another config than before
    void changed(const QString& pointer); ///< at, above or below this place; "" is everything
    void problemsChanged();
    void textProblemChanged();
    void knownNamesChanged(const QString& kind);
    void settled(); ///< 250 ms after the last change: time to check the config

private:
    friend class ConfigEdit;

    void edit(const QString& pointer, Json config, const QString& text);
    void show(const Json& config, const QString& pointer);
    void assign(Json& config, const QString& pointer, const Json& value) const;
    /// Erases, and the empty objects above that the preset does not have.
    void take(Json& config, const QString& pointer) const;
    /// What the preset has there; nothing too where a component above is of another class.
    std::optional<Json> baselineValue(const QString& pointer) const;
    std::optional<Json> defaultValue(const QString& pointer) const;

    ConfigSchema m_schema;
    Json m_config = Json::object();
    Json m_baseline = Json::object();
    QUndoStack m_undoStack;
    int m_editSession = 0;
    QList<ConfigProblem> m_problems; ///< that of the text first
    QString m_textProblem;
    QStringList m_problemFields;              ///< the field of each problem
    QHash<QString, QStringList> m_knownNames; ///< of the config's data and model
    QTimer m_settleTimer;
};

} // namespace leyden::ui
