// SPDX-License-Identifier: GPL-3.0-or-later
// Tables of layers and names of learning rates against those that
// tests/lightning/record_model_summary.py recorded.
#include "engine/callbacks/lr_names.h"
#include "engine/callbacks/model_summary.h"
#include "engine/core/lightning_module.h"
#include "engine/optim/adam.h"
#include "engine/optim/sgd.h"
#include "engine/optim/step_lr.h"
#include "tests/support/test_program.h"

#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <ATen/ops/ones.h>
#include <ATen/ops/zeros.h>
#include <nlohmann/json.hpp>
#include <torch/nn/modules/activation.h>
#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/conv.h>
#include <torch/nn/modules/dropout.h>
#include <torch/nn/modules/linear.h>
#include <torch/nn/modules/pooling.h>

namespace tst_model_summary {
using namespace leyden;
namespace nn = torch::nn;

namespace {

const at::Tensor& inputs_of(const Batch& batch)
{
    return batch.tensor();
}

class Mlp final : public LightningModule
{
public:
    explicit Mlp(int64_t width = 6)
        : backbone(register_module("backbone",
              nn::Sequential(
                  nn::Linear(4, width), nn::BatchNorm1d(width), nn::Tanh(), nn::Dropout(0.5))))
        , head(register_module("head", nn::Linear(width, 1)))
    {
    }
    StateTree predict_step(const Batch& batch, int64_t, int64_t) override
    {
        return head->forward(backbone->forward(inputs_of(batch)));
    }
    nn::Sequential backbone;
    nn::Linear head;
};

class Conv final : public LightningModule
{
public:
    Conv()
        : features(register_module("features",
              nn::Sequential(nn::Conv2d(nn::Conv2dOptions(1, 3, 3).padding(1)), nn::ReLU(),
                  nn::MaxPool2d(2), nn::Conv2d(nn::Conv2dOptions(3, 4, 3).stride(2)), nn::ReLU())))
        , flatten(register_module("flatten", nn::Flatten()))
        , classifier(register_module("classifier", nn::Linear(36, 10)))
    {
    }
    StateTree predict_step(const Batch& batch, int64_t, int64_t) override
    {
        return classifier->forward(flatten->forward(features->forward(inputs_of(batch))));
    }
    nn::Sequential features;
    nn::Flatten flatten;
    nn::Linear classifier;
};

class WithOwnParameters final : public LightningModule
{
public:
    WithOwnParameters()
        : scale(register_parameter("scale", at::ones({5})))
        , layer(register_module("layer", nn::Linear(5, 2)))
    {
        register_module("tied", layer);
    }
    StateTree predict_step(const Batch& batch, int64_t, int64_t) override
    {
        return layer->forward(inputs_of(batch) * scale);
    }
    at::Tensor scale;
    nn::Linear layer;
};

class Empty final : public LightningModule
{
};

struct Case
{
    std::unique_ptr<LightningModule> model;
    int64_t depth = 1;
};

Case make(const std::string& name)
{
    const auto with_example
        = [](std::unique_ptr<LightningModule> model, const std::vector<int64_t>& shape) {
              model->example_input_array = at::zeros(shape);
              return model;
          };
    if (name == "no example")
        return {std::make_unique<Mlp>(), 1};
    if (name == "example")
        return {with_example(std::make_unique<Mlp>(), {2, 4}), 1};
    if (name == "two levels")
        return {with_example(std::make_unique<Mlp>(), {2, 4}), 2};
    if (name == "all levels")
        return {with_example(std::make_unique<Conv>(), {2, 1, 16, 16}), -1};
    if (name == "convolutions")
        return {with_example(std::make_unique<Conv>(), {1, 1, 16, 16}), 1};
    if (name == "totals")
        return {with_example(std::make_unique<Conv>(), {1, 1, 16, 16}), 0};
    if (name == "frozen") {
        auto model = std::make_unique<Mlp>();
        for (auto& parameter : model->backbone->parameters())
            parameter.set_requires_grad(false);
        model->backbone->eval();
        return {std::move(model), 2};
    }
    if (name == "large")
        return {std::make_unique<Mlp>(3000000), 1};
    if (name == "hundreds of thousands")
        return {std::make_unique<Mlp>(55555), 1};
    if (name == "thousands")
        return {std::make_unique<Mlp>(170), 2};
    if (name == "own parameters")
        return {with_example(std::make_unique<WithOwnParameters>(), {3, 5}), 1};
    if (name == "empty")
        return {std::make_unique<Empty>(), 1};
    qFatal("no model for '%s'", name.c_str());
}

std::string without_trailing_spaces(const std::string& text)
{
    std::string result;
    for (const auto character : text) {
        if (character == '\n')
            result.erase(result.find_last_not_of(' ') + 1);
        result += character;
    }
    while (!result.empty() && (result.back() == '\n' || result.back() == ' '))
        result.pop_back();
    return result;
}

Json read(const QString& folder, const char* name)
{
    QFile file(folder + QLatin1Char('/') + QLatin1String(name));
    if (!file.open(QIODevice::ReadOnly))
        qFatal("%s: cannot be read", qPrintable(file.fileName()));
    return Json::parse(file.readAll().toStdString());
}

std::shared_ptr<Optimizer> make_optimizer(const std::string& kind)
{
    const auto weight = [] { return std::vector{at::zeros({1})}; };
    if (kind == "SGD")
        return std::make_shared<SGD>(weight(), SGDOptions{.lr = 0.1});
    std::vector<ParamGroup> groups;
    for (const auto& name :
        QString::fromStdString(kind).section(QLatin1Char(':'), 1).split(QLatin1Char(','))) {
        groups.push_back(Adam::group(weight(), {.lr = 0.1}));
        if (!name.isEmpty())
            groups.back().options.set("name", name.toStdString());
    }
    return std::make_shared<Adam>(std::move(groups));
}

} // namespace

class TestModelSummary final : public QObject
{
    Q_OBJECT

    QStringList m_folders{QStringLiteral(LEYDEN_SOURCE_DIR "/tests/data/model_summary")};
    QTemporaryDir m_live;

private Q_SLOTS:
    void initTestCase()
    {
        const auto python = qEnvironmentVariable("LEYDEN_REFERENCE_PYTHON");
        if (python.isEmpty())
            return;
        const auto script
            = QStringLiteral(LEYDEN_SOURCE_DIR "/tests/lightning/record_model_summary.py");
        QCOMPARE(QProcess::execute(python, {script, QStringLiteral("--output"), m_live.path()}), 0);
        m_folders << m_live.path();
    }

    void printsLightningsTable_data()
    {
        QTest::addColumn<QString>("folder");
        QTest::addColumn<QString>("name");
        for (const auto& folder : m_folders) {
            const auto tables = read(folder, "tables.json");
            for (const auto& [name, table] : tables.items())
                QTest::addRow(
                    "%s: %s", folder == m_folders.front() ? "recorded" : "live", name.c_str())
                    << folder << QString::fromStdString(name);
        }
    }

    void printsLightningsTable()
    {
        QFETCH(const QString, folder);
        QFETCH(const QString, name);
        const auto tables = read(folder, "tables.json");
        const auto recorded = tables.at(name.toStdString()).get<std::string>();
        const auto [model, depth] = make(name.toStdString());
        const auto table = summary_table(summarize(*model, depth));
        QCOMPARE(QString::fromStdString(without_trailing_spaces(table)),
            QString::fromStdString(without_trailing_spaces(recorded)));
    }

    void leavesModesAndRandomStateAlone()
    {
        Mlp model;
        model.backbone[3]->eval();
        model.example_input_array = at::zeros({2, 4});
        const auto before = at::detail::getDefaultCPUGenerator().get_state().clone();
        summarize(model, -1);
        QVERIFY(model.is_training() && model.backbone[0]->is_training());
        QVERIFY(!model.backbone[3]->is_training());
        QVERIFY(before.equal(at::detail::getDefaultCPUGenerator().get_state()));
    }

    void saysWhyAnExampleDoesNotFit()
    {
        Mlp model;
        model.example_input_array = at::zeros({2, 5});
        const auto summary = summarize(model);
        QVERIFY(!summary.problem.empty());
        QVERIFY(!summary.has_sizes);
        QCOMPARE(summary.total_parameters, 49);
    }

    void namesRatesAsLightning_data()
    {
        QTest::addColumn<QString>("folder");
        QTest::addColumn<int>("index");
        for (const auto& folder : m_folders)
            for (size_t i = 0; i < read(folder, "lr_names.json").size(); ++i)
                QTest::addRow("%s: %d", folder == m_folders.front() ? "recorded" : "live", int(i))
                    << folder << int(i);
    }

    void namesRatesAsLightning()
    {
        QFETCH(const QString, folder);
        QFETCH(const int, index);
        const auto recorded = read(folder, "lr_names.json").at(size_t(index));
        std::vector<std::shared_ptr<Optimizer>> optimizers;
        for (const auto& kind : recorded.at("optimizers"))
            optimizers.push_back(make_optimizer(kind.get<std::string>()));
        std::vector<LRSchedulerConfig> schedulers;
        for (const auto& schedule : recorded.at("schedulers")) {
            LRSchedulerConfig config;
            config.scheduler = std::make_shared<StepLR>(*optimizers.at(schedule[0].get<size_t>()),
                StepLROptions{.step_size = 1, .gamma = 0.1, .last_epoch = -1});
            config.name = schedule[1].is_null() ? "" : schedule[1].get<std::string>();
            schedulers.push_back(std::move(config));
        }
        auto names = Json::array();
        for (const auto& named : lr_names(schedulers, optimizers))
            names.push_back(named.names);
        QCOMPARE(QString::fromStdString(names.dump()),
            QString::fromStdString(recorded.at("names").dump()));
    }
};
LEYDEN_TEST(TestModelSummary)
} // namespace tst_model_summary

#include "tst_model_summary.moc"
