// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/preview/preview_builder.h"

#include "app/studio/preview/failure_text.h"
#include "app/studio/preview/layer_shapes.h"
#include "app/studio/preview/private_generator.h"
#include "engine/callbacks/model_summary.h"
#include "engine/config/json_text.h"
#include "engine/config/nearest_name.h"
#include "engine/config/registry.h"
#include "engine/config/run_config.h"
#include "engine/core/factories.h"
#include "engine/core/lightning_module.h"
#include "engine/data/csv_preview.h"
#include "engine/trainer/batch_norm_check.h"
#include "engine/trainer/run_checks.h"

#include <QCoreApplication>
#include <QFileInfo>

#include <algorithm>
#include <limits>

namespace leyden::app {
namespace {

constexpr int64_t previewRows = 50;
constexpr int64_t mostModelBytes = int64_t(1) << 30;
constexpr size_t mostClasses = 200; ///< that are listed

QString text(const std::string& utf8)
{
    return QString::fromUtf8(utf8.data(), qsizetype(utf8.size()));
}

QString shapeText(const std::vector<int64_t>& shape)
{
    auto shown = QStringLiteral("[N");
    for (const auto extent : shape)
        shown += QStringLiteral(", %1").arg(extent);
    return shown + QLatin1Char(']');
}

/// The first problem at or below a place, as the engine words it.
QString problemAt(const std::vector<ConfigProblem>& problems, const std::string& pointer)
{
    for (const auto& problem : problems)
        if (problem.pointer == pointer || problem.pointer.starts_with(pointer + "/"))
            return text(problem.pointer + ": " + problem.message);
    return {};
}

QList<ui::ConfigProblem> errorsOf(const std::vector<RunProblem>& problems)
{
    QList<ui::ConfigProblem> errors;
    for (const auto& problem : problems)
        if (problem.is_error) // the run itself warns
            errors += {text(problem.pointer), text(problem.text)};
    return errors;
}

/// A config with these parts and nothing else that could be wrong.
Json partsOf(const Json& document, const Registry& registry)
{
    auto parts = Json::object();
    for (const auto* part : {"model", "data"})
        if (document.is_object() && document.contains(part))
            parts[part] = document[part];
    const auto optimizers = registry.all(ComponentKind::Optimizer);
    parts["optimizer"] = optimizers.empty() ? "" : optimizers.front()->name;
    return parts;
}

/// The files that a component's options name, by the option table.
QStringList inputFiles(
    const Registry& registry, const std::string& classPath, const Json& arguments)
{
    QStringList files;
    const auto* info = registry.find(ComponentKind::Data, classPath);
    for (const auto& option : info ? info->options : std::vector<Option>()) {
        const auto value = option.is_input_path ? arguments.find(option.name) : arguments.end();
        if (value != arguments.end() && value->is_string())
            files += text(value->get<std::string>());
    }
    return files;
}

/// The table among the files that a config's data reads; empty: there is none.
QString tableOf(const QStringList& files)
{
    for (const auto& file : files)
        if (file.endsWith(QLatin1String(".csv"), Qt::CaseInsensitive)
            || file.endsWith(QLatin1String(".csv.gz"), Qt::CaseInsensitive))
            return file;
    return {};
}

/// Where the options name columns that the table does not have.
QList<ui::ConfigProblem> unknownColumns(const Registry& registry, const ComponentConfig& data,
    const QStringList& columns, const QString& table)
{
    std::vector<std::string> known;
    for (const auto& column : columns)
        known.push_back(column.toStdString());
    QList<ui::ConfigProblem> problems;
    const auto check = [&](const Json& value, const QString& pointer) {
        if (!value.is_string() || columns.contains(text(value.get<std::string>())))
            return;
        const auto name = value.get<std::string>();
        problems += {pointer,
            QCoreApplication::translate(
                "leyden::app::PreviewBuilder", "found \"%1\"; %2 has no column of this name%3")
                .arg(text(name), QFileInfo(table).fileName(), text(did_you_mean(name, known)))};
    };
    const auto* info = registry.find(ComponentKind::Data, data.class_path);
    for (const auto& option : info ? info->options : std::vector<Option>()) {
        const auto value = option.names_of == NamesOf::Columns ? data.init_args.find(option.name)
                                                               : data.init_args.end();
        if (value == data.init_args.end())
            continue;
        const auto pointer = QStringLiteral("/data/init_args/") + text(option.name);
        check(*value, pointer);
        for (size_t i = 0; value->is_array() && i < value->size(); ++i)
            check((*value)[i], QStringLiteral("%1/%2").arg(pointer).arg(i));
    }
    return problems;
}

QStringList metricsOf(const LightningModule& module)
{
    QStringList names;
    if (const auto logged = module.logged_names())
        for (const auto* part : {&logged->validation, &logged->training})
            for (const auto& name : *part)
                names += text(name);
    names.removeDuplicates();
    return names;
}

ui::DataColumnType columnType(CsvColumnPreview::Type type)
{
    switch (type) {
    case CsvColumnPreview::Type::Number:
        return ui::DataColumnType::Number;
    case CsvColumnPreview::Type::Text:
        return ui::DataColumnType::Text;
    case CsvColumnPreview::Type::Mixed:
        return ui::DataColumnType::Mixed;
    case CsvColumnPreview::Type::Empty:
        break;
    }
    return ui::DataColumnType::Empty;
}

void addSpec(ui::DataPreview& preview, const DataSpec& spec, const CsvPreview* csv)
{
    preview.target = text(spec.target_name);
    preview.isClassification = spec.task == Task::Classification;
    preview.featureShape = shapeText(spec.feature_shape);
    preview.trainRows = spec.train_rows;
    preview.valRows = spec.val_rows;
    preview.testRows = spec.test_rows;
    for (size_t i = 0; i < std::min(spec.class_names.size(), mostClasses); ++i)
        preview.classes += ui::ClassCount{text(spec.class_names[i])};
    if (!csv)
        return;
    const auto column = std::find_if(csv->columns.begin(), csv->columns.end(),
        [&](const auto& one) { return one.name == spec.target_name; });
    if (column == csv->columns.end())
        return;
    for (auto& item : preview.classes)
        for (const auto& [name, rows] : column->class_counts)
            if (text(name) == item.name)
                item.rows = rows;
}

ui::ModelTable toTable(const LightningModule& module, const std::string& name, const DataSpec& spec)
{
    const auto summary = summarize(module, -1);
    ui::ModelTable table;
    table.model = text(name);
    table.inputShape = shapeText(spec.feature_shape);
    table.parameters = summary.total_parameters;
    table.trainableParameters = summary.trainable_parameters;
    table.megabytes = summary.megabytes;
    const auto shapes = layerShapes(module, summary, spec.feature_shape);
    for (size_t i = 0; i < summary.layers.size(); ++i) {
        const auto& layer = summary.layers[i];
        const auto isContainer = i + 1 < summary.layers.size()
            && summary.layers[i + 1].name.starts_with(layer.name + ".");
        table.layers += ui::ModelLayer{
            text(layer.name), text(layer.type), text(shapes[i]), layer.parameters, isContainer};
    }
    return table;
}

} // namespace

struct PreviewBuilder::Data
{
    QString key; ///< what it was made from
    DataSpec spec;
    std::optional<TrainingBatches> batches;
    ui::DataPreview preview;
};

PreviewBuilder::PreviewBuilder(const Registry& registry, std::filesystem::path resourceFolder)
    : m_registry(registry), m_resourceFolder(std::move(resourceFolder))
{
}

PreviewBuilder::~PreviewBuilder() = default;

const PreviewBuilder::Data& PreviewBuilder::dataOf(
    const std::string& classPath, const QByteArray& initArgs)
{
    const auto arguments = Json::parse(initArgs.toStdString());
    const auto files = inputFiles(m_registry, classPath, arguments);
    auto key = text(classPath) + QString::fromUtf8(initArgs);
    for (const auto& file : files)
        key += fileStamp(file);
    if (m_data && !files.isEmpty() && m_data->key == key) // without files nobody knows what it
                                                          // reads
        return *m_data;
    m_data.reset();
    auto data = std::make_unique<Data>();
    data->key = key;
    {
        const PrivateGenerator generator(std::numeric_limits<int64_t>::max());
        const auto source
            = factory_of<DataFactory>(m_registry, ComponentKind::Data, classPath)(arguments);
        data->spec = source->spec();
        data->batches = training_batches(*source);
    }
    const auto isCsvData
        = classPath == "CSVData" && !files.isEmpty(); // whatever its file is called
    if (const auto path = isCsvData ? files.first() : tableOf(files); !path.isEmpty()) {
        const auto csv = isCsvData
            ? csv_preview(read_options<CSVDataOptions>(arguments), previewRows)
            : csv_preview(path.toStdString(), previewRows);
        data->preview = toDataPreview(csv);
        data->preview.path = path;
        data->preview.title = QFileInfo(path).fileName();
        addSpec(data->preview, data->spec, &csv);
    } else {
        data->preview.title = text(classPath);
        addSpec(data->preview, data->spec, nullptr);
    }
    m_data = std::move(data);
    return *m_data;
}

ConfigLook PreviewBuilder::look(const QByteArray& configText,
    const std::filesystem::path& configFolder, const std::function<bool()>& isStale)
{
    const auto isOver = [&] { return isStale && isStale(); };
    ConfigLook look;
    ComponentConfig data; // as it was resolved
    bool hasData = false;
    try {
        const auto json
            = parse_json(std::string_view(configText.constData(), size_t(configText.size())));
        if (!json.problem.empty()) {
            look.dataProblem = QCoreApplication::translate(
                "leyden::app::PreviewBuilder", "The config is not JSON: %1")
                                   .arg(text(json.problem));
            look.modelProblem = look.dataProblem;
            return look;
        }
        const PathRoots roots{configFolder, m_resourceFolder};
        auto parts = partsOf(json.document, m_registry);
        auto parsed = parse_run_config(parts, m_registry, roots);
        look.dataProblem = problemAt(parsed.problems, "/data");
        look.modelProblem = problemAt(parsed.problems, "/model");
        if (look.dataProblem.isEmpty() && !look.modelProblem.isEmpty()) {
            const auto models = m_registry.all(ComponentKind::Model);
            parts["model"] = models.empty() ? "" : models.front()->name; // the data alone
            parsed = parse_run_config(parts, m_registry, roots);
        }
        if (look.dataProblem.isEmpty() && !parsed.problems.empty()) // of the config as a whole
            look.dataProblem = text(parsed.problems.front().message);
        if (!look.dataProblem.isEmpty() || isOver()) {
            if (look.modelProblem.isEmpty())
                look.modelProblem = look.dataProblem;
            return look;
        }
        const auto& config = parsed.config;
        data = config.data;
        look.files = inputFiles(m_registry, data.class_path, data.init_args);
        const auto& read
            = dataOf(data.class_path, QByteArray::fromStdString(data.init_args.dump()));
        hasData = true;
        look.data = read.preview;
        for (const auto& column : read.preview.columns)
            look.columns += column.name;
        if (!look.modelProblem.isEmpty() || isOver())
            return look;
        const PrivateGenerator generator(mostModelBytes);
        const auto module = factory_of<ModelFactory>(m_registry, ComponentKind::Model,
            config.model.class_path)(config.model.init_args, read.spec);
        look.metrics = metricsOf(*module);
        if (read.batches)
            check_batch_norm(*module, read.spec, *read.batches, config.trainer);
        look.model = toTable(*module, config.model.class_path, read.spec);
        const auto whole = parse_run_config(json.document, m_registry, roots);
        if (whole.problems.empty() && !isOver())
            look.runProblems = errorsOf(check_run(whole.config, m_registry, *module, read.spec));
    } catch (const std::exception& error) {
        if (!hasData)
            look.dataProblem = failureText(error);
        if (!hasData)
            explain(look, data);
        if (look.modelProblem.isEmpty())
            look.modelProblem = failureText(error);
    }
    return look;
}

void PreviewBuilder::forget()
{
    m_data.reset();
}

void PreviewBuilder::explain(ConfigLook& look, const ComponentConfig& data) const
{
    const auto table = tableOf(look.files);
    if (table.isEmpty())
        return;
    try {
        for (const auto& column : csv_preview(table.toStdString(), 0).columns)
            look.columns += text(column.name);
        look.runProblems = unknownColumns(m_registry, data, look.columns, table);
    } catch (const std::exception&) {
        // the table itself is what is wrong, and that was said
    }
}

QString fileStamp(const QString& path)
{
    const QFileInfo file(path);
    return QStringLiteral("%1 %2 %3")
        .arg(path, QString::number(file.size()),
            QString::number(file.lastModified().toMSecsSinceEpoch()));
}

ui::DataPreview toDataPreview(const CsvPreview& csv)
{
    ui::DataPreview preview;
    preview.rowCount = csv.row_count;
    for (const auto& column : csv.columns) {
        auto& shown = preview.columns.emplace_back(ui::DataColumn{
            text(column.name), columnType(column.type), column.missing, column.distinct});
        if (column.type == CsvColumnPreview::Type::Number) {
            shown.minimum = column.min;
            shown.maximum = column.max;
        }
    }
    for (const auto& row : csv.rows) {
        auto& cells = preview.rows.emplace_back();
        for (const auto& cell : row)
            cells += text(cell);
    }
    return preview;
}

} // namespace leyden::app
