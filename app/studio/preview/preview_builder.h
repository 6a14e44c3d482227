// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/config/config_document.h"
#include "widgets/data/data_preview.h"
#include "widgets/data/model_table_model.h"

#include <QByteArray>
#include <QDateTime>
#include <QString>

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace leyden {
class Registry;
struct ComponentConfig;
struct CsvPreview;
struct ModuleSummary;
} // namespace leyden

namespace leyden::app {

/// What a config's data and model look like, or why they cannot be shown, as sentences.
struct ConfigLook
{
    std::optional<ui::DataPreview> data;
    QString dataProblem; ///< where there is no data
    std::optional<ui::ModelTable> model;
    QString modelProblem;
    /// What is known to be wrong with a fit of it before its first batch, as `leyden check` says.
    QList<ui::ConfigProblem> runProblems;
    QStringList files;   ///< that its data reads, whether they are there or not
    QStringList columns; ///< of its table
    QStringList metrics; ///< that its model logs
};

/// Makes a config's data module and model for a look at them, on any one thread. It neither draws
/// from nor seeds LibTorch's process-wide generator, and sets no thread count: a run may go on
/// beside it. Data that has not changed since the last look is not read again.
class PreviewBuilder final
{
public:
    /// `registry` has to outlive the builder. `resourceFolder` is where the datasets lie.
    PreviewBuilder(const Registry& registry, std::filesystem::path resourceFolder);
    ~PreviewBuilder();

    /// Never throws. `isStale` is asked between steps; once it says true, what was made so far
    /// comes back.
    ConfigLook look(const QByteArray& configText, const std::filesystem::path& configFolder,
        const std::function<bool()>& isStale = {});
    void forget(); ///< the data of the last look: the next one reads it anew

private:
    struct Data;

    const Data& dataOf(const std::string& classPath, const QByteArray& initArgs);
    /// What columns the table has of data that could not be made, and which ones it has not.
    void explain(ConfigLook& look, const ComponentConfig& data) const;

    const Registry& m_registry;
    std::filesystem::path m_resourceFolder;
    std::unique_ptr<Data> m_data; ///< of the last look
};

/// Two states of a file that look the same here hold the same.
QString fileStamp(const QString& path);

/// As widgets show it; without target, classes and split.
ui::DataPreview toDataPreview(const CsvPreview& csv);

} // namespace leyden::app
