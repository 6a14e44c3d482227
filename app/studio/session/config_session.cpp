// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/session/config_session.h"

#include "app/headless/resources.h"
#include "app/studio/export/export_config.h"
#include "app/studio/session/output_root.h"
#include "engine/config/config_file.h"
#include "engine/config/registry.h"
#include "engine/config/run_config.h"
#include "engine/core/errors.h"
#include "engine/core/file_system.h"
#include "widgets/config/json_text.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>

namespace leyden::app {
namespace {

constexpr qint64 largestConfig = 64 << 20;

ParsedConfig parsed(const ui::Json& config, const Registry& registry, const QString& folder)
{
    return parse_run_config(config, registry, {folder.toStdString(), headless::resource_folder()});
}

QString cannotRead(const QString& file, const QString& why)
{
    return ConfigSession::tr("%1 could not be read: %2").arg(QDir::toNativeSeparators(file), why);
}

} // namespace

ConfigFile readConfigFile(const QString& path)
{
    ConfigFile read{path, {}, {}};
    try {
        const QFileInfo info(path);
        QFile in(path);
        if (info.exists() && !info.isFile()) // opening a pipe would wait for somebody who writes
            read.problem = cannotRead(path,
                info.isDir() ? ConfigSession::tr("it is a folder")
                             : ConfigSession::tr("it is a pipe or a device, and no file"));
        else if (!in.open(QIODevice::ReadOnly))
            read.problem = cannotRead(path, in.errorString());
        else if (in.size() > largestConfig)
            read.problem = cannotRead(path, ConfigSession::tr("it is far too large for a config"));
        else
            read.json = in.readAll();
    } catch (const std::exception& error) { // of memory, most likely
        read.problem = cannotRead(path, QString::fromUtf8(error.what()));
    }
    return read;
}

ConfigSession::ConfigSession(const Registry& registry, QObject* parent)
    : QObject(parent), m_registry(registry), m_document(run_config_schema(registry))
{
    connect(&m_document, &ui::ConfigDocument::settled, this, &ConfigSession::check);
    connect(&m_document, &ui::ConfigDocument::changed, this, [this] {
        if (!isOpen()) // typed onto an empty desk
            m_name = tr("untitled");
    });
}

QString ConfigSession::openPreset(const QString& name)
{
    try {
        const auto file
            = QString::fromStdString(headless::preset_file(name.toStdString()).string());
        QFile in(file);
        if (!in.open(QIODevice::ReadOnly))
            return cannotRead(file, in.errorString());
        return take(in.readAll(), name, {}, name, QFileInfo(file).absolutePath(), true);
    } catch (const std::exception& error) {
        return QString::fromUtf8(error.what());
    }
}

QString ConfigSession::openRead(const ConfigFile& read)
{
    const QFileInfo info(read.path);
    return read.problem.isEmpty() ? take(read.json, info.completeBaseName(),
                                        info.absoluteFilePath(), {}, info.absolutePath(), true)
                                  : read.problem;
}

QString ConfigSession::openText(
    const QByteArray& json, const QString& name, const QString& folder, Origin origin)
{
    return take(json, name, {}, {}, folder, origin == Origin::Run);
}

bool ConfigSession::isModified() const
{
    return isOpen() && (!m_isKept || m_saved != m_document.config());
}

QString ConfigSession::take(const QByteArray& json, const QString& name, const QString& file,
    const QString& preset, const QString& folder, bool isKept)
{
    const auto what = file.isEmpty() ? name : QFileInfo(file).fileName();
    const auto text = json.toStdString();
    ui::ParsedJson read;
    if (file.isEmpty() || !is_yaml(what.toStdString(), text)) {
        read = ui::parseJsonText(QString::fromUtf8(json));
        if (!read.problem.isEmpty())
            return tr("%1 is not valid JSON; line %2, column %3: %4")
                .arg(what, QString::number(read.line), QString::number(read.column), read.problem);
    }
    if (!file.isEmpty()) { // it may be YAML, or one of LightningCLI's
        try {
            read.document = config_from_text(text, what.toStdString(), m_registry).document;
        } catch (const MisconfigurationError& error) {
            return QString::fromUtf8(error.what());
        }
    }
    if (!read.document.is_object())
        return tr(
            "%1 is not a run config: expected an object with model, data, optimizer and trainer")
            .arg(what);
    m_replaced = isModified() ? saveState() : QByteArray();
    m_name = name;
    m_file = file;
    m_preset = preset;
    m_folder = folder;
    m_saved = read.document;
    m_isKept = isKept;
    m_document.load(std::move(read.document), m_saved);
    check();
    Q_EMIT opened();
    return {};
}

bool ConfigSession::isYaml() const
{
    return m_file.endsWith(QLatin1String(".yaml"), Qt::CaseInsensitive)
        || m_file.endsWith(QLatin1String(".yml"), Qt::CaseInsensitive);
}

QByteArray ConfigSession::saveState() const
{
    if (!isOpen())
        return {};
    const ui::Json state{{"name", m_name.toStdString()}, {"file", m_file.toStdString()},
        {"preset", m_preset.toStdString()}, {"folder", m_folder.toStdString()}, {"saved", m_saved},
        {"kept", m_isKept}, {"baseline", m_document.baseline()}, {"config", m_document.config()}};
    return QByteArray::fromStdString(
        state.dump(-1, ' ', false, ui::Json::error_handler_t::replace));
}

bool ConfigSession::restoreState(const QByteArray& state)
{
    const auto read = ui::Json::parse(state.toStdString(), nullptr, false);
    const auto text = [&read](const char* key) {
        return read.contains(key) && read[key].is_string()
            ? QString::fromStdString(read[key].get<std::string>())
            : QString();
    };
    if (!read.is_object() || !read.contains("config") || !read.contains("saved")
        || !read.contains("baseline") || !read["config"].is_object()
        || !read["baseline"].is_object())
        return false;
    m_replaced.clear();
    m_name = text("name");
    m_file = text("file");
    m_preset = text("preset");
    m_folder = text("folder");
    m_saved = read["saved"];
    m_isKept = read.contains("kept") ? read["kept"] == ui::Json(true)
                                     : !m_file.isEmpty() || !m_preset.isEmpty();
    m_document.load(read["config"], read["baseline"]);
    check();
    Q_EMIT opened();
    return true;
}

QStringList ConfigSession::dataElsewhere(const QString& file)
{
    m_document.finishEdit();
    try {
        return app::dataElsewhere(m_document.config(),
            {m_folder.toStdString(), headless::resource_folder()},
            QFileInfo(file).absolutePath().toStdString(), m_registry);
    } catch (const std::exception&) {
        return {}; // check() says what it is
    }
}

QString ConfigSession::saveAs(const QString& file, const QStringList& copied)
{
    m_document.finishEdit();
    const QFileInfo info(file);
    const PathRoots roots{m_folder.toStdString(), headless::resource_folder()};
    const auto folder = info.absolutePath().toStdString();
    // Relative inputs may become absolute, and copied ones bare names: what is on the desk is what
    // the file says.
    auto written = m_document.config();
    try {
        written = relocatedConfig(written, roots, folder, m_registry);
        if (!copied.isEmpty())
            written = withDataBeside(written, {folder, roots.resource_folder}, copied, m_registry);
    } catch (const std::exception& error) {
        return QString::fromUtf8(error.what());
    }
    const auto problem = exportConfig(written, {folder, roots.resource_folder},
        info.absoluteFilePath(), m_registry, FileSystem::local());
    if (!problem.isEmpty())
        return problem;
    if (written != m_document.config())
        m_document.replace(written);
    m_file = info.absoluteFilePath();
    m_name = info.completeBaseName();
    m_folder = info.absolutePath();
    m_preset.clear();
    m_isKept = true;
    m_saved = m_document.config();
    Q_EMIT saved(m_file);
    return {};
}

RunOrder ConfigSession::order(const QString& runsFolder)
{
    m_document.finishEdit();
    RunOrder order;
    order.config = ui::jsonText(m_document.config()).toUtf8();
    order.configFolder = m_folder;
    order.outputRoot = outputRootOf(runsFolder, m_document.config());
    order.name = m_name;
    return order;
}

ui::Json ConfigSession::resolved() const
{
    try {
        auto result = parsed(m_document.config(), m_registry, m_folder);
        return result.problems.empty() ? std::move(result.config.resolved) : ui::Json();
    } catch (const std::exception&) {
        return {}; // check() says what it is
    }
}

void ConfigSession::addProblems(const QList<ui::ConfigProblem>& problems)
{
    m_document.setProblems(m_problems + problems);
    Q_EMIT problemsAdded();
}

void ConfigSession::check()
{
    QList<ui::ConfigProblem> problems;
    try {
        for (const auto& problem : parsed(m_document.config(), m_registry, m_folder).problems)
            problems.append(
                {QString::fromStdString(problem.pointer), QString::fromStdString(problem.message)});
    } catch (const std::exception& error) {
        problems.append({{}, QString::fromUtf8(error.what())});
    }
    m_problems = problems;
    m_document.setProblems(problems);
    Q_EMIT checked();
}

} // namespace leyden::app
