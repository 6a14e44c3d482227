// SPDX-License-Identifier: GPL-3.0-or-later
// What a program on the library can get wrong: each is answered by a sentence, and by no crash.
#include "engine/callbacks/model_checkpoint.h"
#include "engine/core/errors.h"
#include "engine/loggers/logger.h"
#include "tests/support/boring_model.h"
#include "tests/support/scripted_run.h"
#include "tests/support/test_program.h"

#include <ATen/ops/ones.h>
#include <c10/util/Exception.h>

#include <QFile>
#include <QTemporaryDir>
#include <QtTest>

namespace tst_library_mistakes {
using namespace leyden;
using namespace leyden::test;

namespace {

/// What `action` says that is wrong; empty: nothing.
template <class Action> QString complaint(const Action& action)
{
    try {
        action();
    } catch (const Error& error) {
        return QString::fromUtf8(error.what());
    }
    return {};
}

/// Calls a function at the end of the first training epoch, and in no run that this begins.
class AtEpochEnd final : public Callback
{
public:
    using Function = std::function<void(Trainer&, LightningModule&)>;
    explicit AtEpochEnd(Function function) : function_(std::move(function)) { }
    std::string name() const override { return "AtEpochEnd"; }
    void on_train_epoch_end(Trainer& trainer, LightningModule& module) override
    {
        function_(trainer, module);
    }

private:
    Function function_;
};

TrainerParts silent()
{
    TrainerParts parts;
    parts.prints = false;
    return parts;
}

class NoStep final : public LightningModule
{
public:
    NoStep() : LightningModule("NoStep"), layer(register_module("layer", torch::nn::Linear(4, 1)))
    {
    }
    StepOutput training_step(const Batch& batch, int64_t) override
    {
        return layer->forward(batch[0].tensor()).mean();
    }
    OptimizerSetup configure_optimizers() override
    {
        return {{std::make_shared<SGD>(parameters(), SGDOptions{.lr = 0.1})}, {}};
    }
    torch::nn::Linear layer;
};

class GivesNull final : public LightningModule
{
public:
    explicit GivesNull(bool callback) : gives_callback_(callback) { }
    StepOutput training_step(const Batch&, int64_t) override { return {}; }
    std::vector<std::unique_ptr<Callback>> configure_callbacks() override
    {
        std::vector<std::unique_ptr<Callback>> callbacks;
        if (gives_callback_)
            callbacks.push_back(nullptr);
        return callbacks;
    }
    OptimizerSetup configure_optimizers() override { return {{nullptr}, {}}; }

private:
    bool gives_callback_;
};

} // namespace

class TestLibraryMistakes final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void endsAtItsStartWhereTheCheckpointFolderLiesBelowAFile()
    {
        QTemporaryDir folder;
        const auto file = folder.filePath(QStringLiteral("notes.txt"));
        QFile notes(file);
        QVERIFY(notes.open(QIODevice::WriteOnly) && notes.write("mine") == 4);
        notes.close();
        MemoryData data(2, 1);
        ScriptedModel model;
        int batches = 0;
        model.on_training_step = [&](ScriptedModel&, int64_t) { ++batches; };
        auto parts = silent();
        parts.callbacks.push_back(std::make_unique<ModelCheckpoint>(
            ModelCheckpointOptions{.dirpath = file.toStdString() + "/checkpoints"}));
        auto options = bare_options(folder.path().toStdString());
        options.enable_checkpointing = true;
        Trainer trainer(options, std::move(parts));
        QString text;
        try {
            trainer.fit(model, data);
        } catch (const Error& error) {
            text = QString::fromUtf8(error.what());
        }
        QVERIFY2(text.contains(file + QStringLiteral("/checkpoints")), qPrintable(text));
        QCOMPARE(batches, 0);
        QCOMPARE(file_text(file.toStdString()), std::string("mine"));
    }

    void refusesARunInsideARun_data()
    {
        QTest::addColumn<QString>("verb");
        for (const char* verb : {"fit", "validate", "test", "predict"})
            QTest::newRow(verb) << QString::fromLatin1(verb);
    }

    void refusesARunInsideARun()
    {
        QFETCH(const QString, verb);
        QTemporaryDir folder;
        MemoryData data(2, 1);
        ScriptedModel model;
        auto parts = silent();
        parts.callbacks.push_back(std::make_unique<AtEpochEnd>([&](Trainer& t, LightningModule& m) {
            verb == u"fit"            ? t.fit(m, data)
                : verb == u"validate" ? void(t.validate(m, t.datamodule()))
                : verb == u"test"     ? void(t.test(m, t.datamodule()))
                                      : void(t.predict(m, t.datamodule()));
        }));
        Trainer trainer(bare_options(folder.path().toStdString()), std::move(parts));
        const auto said = complaint([&] { trainer.fit(model, data); });
        QVERIFY2(said.startsWith(verb + QStringLiteral(": this Trainer is in the middle of a run")),
            qPrintable(said));
    }

    void runsAgainAfterAFailure()
    {
        QTemporaryDir folder;
        MemoryData data(2, 1);
        ScriptedModel model;
        Trainer trainer(bare_options(folder.path().toStdString()), silent());
        model.on_training_step
            = [](ScriptedModel&, int64_t) { throw DataError("a step that fails"); };
        QCOMPARE(complaint([&] { trainer.fit(model, data); }), QStringLiteral("a step that fails"));
        model.on_training_step = {};
        QCOMPARE(complaint([&] { trainer.fit(model, data); }), QString());
    }

    void tellsErrorsOfLibTorchWithoutABacktrace_data()
    {
        QTest::addColumn<bool>("validates");
        QTest::addColumn<bool>("isIndex");
        QTest::addColumn<QString>("place");
        QTest::newRow("training") << false << false
                                  << QStringLiteral("(epoch 0, training batch 0)");
        QTest::newRow("validation") << true << false << QStringLiteral("(validation batch 0)");
        QTest::newRow("a type of its own")
            << false << true << QStringLiteral("(epoch 0, training batch 0)");
    }

    void tellsErrorsOfLibTorchWithoutABacktrace()
    {
        QFETCH(const bool, validates);
        QFETCH(const bool, isIndex);
        QFETCH(const QString, place);
        QTemporaryDir folder;
        MemoryData data(2, 1);
        ScriptedModel model;
        const auto fails = [&](ScriptedModel&, int64_t) {
            if (isIndex)
                TORCH_CHECK_INDEX(false, "class 7 is out of range");
            at::ones({2, 1}).mm(at::ones({5, 5}));
        };
        (validates ? model.on_validation_step : model.on_training_step) = fails;
        EventList events;
        auto parts = silent();
        parts.observer = &events;
        Trainer trainer(bare_options(folder.path().toStdString()), std::move(parts));
        QString text;
        bool keeps_type = false;
        try {
            validates ? void(trainer.validate(model, data)) : trainer.fit(model, data);
        } catch (const c10::Error& error) {
            text = QString::fromUtf8(error.what());
            keeps_type = isIndex == (dynamic_cast<const c10::IndexError*>(&error) != nullptr);
        }
        QVERIFY2(text.contains(isIndex ? QStringLiteral("class 7 is out of range")
                                       : QStringLiteral("2x1 and 5x5")),
            qPrintable(text));
        QVERIFY2(text.contains(place), qPrintable(text));
        QVERIFY2(!text.contains(QStringLiteral("frame #")), qPrintable(text));
        QVERIFY2(!text.contains(QStringLiteral("Exception raised from")), qPrintable(text));
        QVERIFY(keeps_type);
        QCOMPARE(events.messages("Exception raised from").size(), size_t(1)); // for the log
    }

    void saysWhichItemABatchLacks()
    {
        const Batch pair = StateTree::tuple({1, 2});
        const Batch one = StateTree::list({1});
        QCOMPARE(complaint([&] { pair[7].to_int(); }),
            QStringLiteral("index 7 is out of range for a tuple of 2 items"));
        QCOMPARE(complaint([&] { one[1].to_int(); }),
            QStringLiteral("index 1 is out of range for a list of 1 item"));
        QCOMPARE(pair[1].to_int(), 2);
    }

    void refusesWhatIsNull()
    {
        TrainerParts parts;
        parts.callbacks.push_back(nullptr);
        QVERIFY(complaint([&] {
            Trainer({}, std::move(parts));
        }).contains(QStringLiteral("TrainerParts::callbacks: item 0 is null")));
        TrainerParts logging;
        logging.loggers.push_back(nullptr);
        QVERIFY(complaint([&] {
            Trainer({}, std::move(logging));
        }).contains(QStringLiteral("TrainerParts::loggers: item 0 is null")));
        QVERIFY(complaint([&] { DataLoader(nullptr, {}); }).contains(QStringLiteral("null")));
        QVERIFY(
            complaint([&] { SGD({at::Tensor()}, {}); }).contains(QStringLiteral("not defined")));
        QVERIFY(complaint([&] {
            TensorDataset({at::Tensor()});
        }).contains(QStringLiteral("not defined")));
        for (const bool callback : {true, false}) {
            QTemporaryDir folder;
            MemoryData data(2, 0);
            GivesNull model(callback);
            Trainer trainer(bare_options(folder.path().toStdString()), silent());
            const auto said = complaint([&] { trainer.fit(model, data); });
            QVERIFY2(said.contains(callback ? QStringLiteral("configure_callbacks gave a callback")
                                            : QStringLiteral("configure_optimizers gave an opt")),
                qPrintable(said));
        }
    }

    void saysThatTheModuleIsGone()
    {
        QTemporaryDir folder;
        const auto file = folder.filePath(QStringLiteral("end.ckpt")).toStdString();
        Trainer trainer(bare_options(folder.path().toStdString()), silent());
        QVERIFY(complaint([&] { trainer.save_checkpoint(file); }).contains(QStringLiteral("fit")));
        QVERIFY(complaint([&] { trainer.datamodule(); }).contains(QStringLiteral("before fit")));
        QVERIFY(complaint([&] { trainer.lightning_module(); }).contains(QStringLiteral("before")));
        {
            auto model = std::make_unique<ScriptedModel>();
            MemoryData data(2, 1);
            trainer.fit(*model, data);
            trainer.save_checkpoint(file);
            QVERIFY(QFile::exists(QString::fromStdString(file)));
            model.reset();
            QVERIFY(complaint([&] {
                trainer.save_checkpoint(file);
            }).contains(QStringLiteral("the module of the Trainer's last run is gone")));
        }
        ScriptedModel model;
        {
            MemoryData data(2, 1);
            trainer.fit(model, data);
        }
        QVERIFY(complaint([&] {
            trainer.save_checkpoint(file);
        }).contains(QStringLiteral("the data module of the Trainer's last run is gone")));
    }

    void refusesAnOptimizerStepWithoutItsClosure()
    {
        class Model final : public LightningModule
        {
        public:
            Model() : layer_(register_module("layer", torch::nn::Linear(4, 1))) { }
            StepOutput training_step(const Batch& batch, int64_t) override
            {
                return layer_->forward(batch[0].tensor()).mean();
            }
            OptimizerSetup configure_optimizers() override
            {
                return {{std::make_shared<SGD>(parameters(), SGDOptions{.lr = 0.1})}, {}};
            }
            void optimizer_step(int64_t, int64_t, Optimizer& optimizer, const Closure&) override
            {
                optimizer.step();
            }

        private:
            torch::nn::Linear layer_;
        } model;
        QTemporaryDir folder;
        MemoryData data(2, 0);
        Trainer trainer(bare_options(folder.path().toStdString()), silent());
        QVERIFY(complaint([&] {
            trainer.fit(model, data);
        }).contains(QStringLiteral("the closure was not called")));
    }

    void skipsAValidationWithoutItsStep()
    {
        QTemporaryDir folder;
        EventList events;
        TrainerParts parts;
        parts.observer = &events;
        MemoryData data(2, 1);
        NoStep model;
        Trainer trainer(bare_options(folder.path().toStdString()), std::move(parts));
        trainer.fit(model, data);
        QCOMPARE(events.warnings("no validation_step").size(), size_t(1));
        QVERIFY(complaint([&] {
            trainer.validate(model, data);
        }).contains(QStringLiteral("NoStep: validate needs validation_step")));
        QVERIFY(complaint([&] {
            trainer.test(model, data);
        }).contains(QStringLiteral("NoStep: test needs test_step")));
    }

    void namesTheHookThatCannotLog()
    {
        class Model final : public LightningModule
        {
        public:
            StepOutput training_step(const Batch&, int64_t) override { return {}; }
            void on_fit_start() override { log("x", 1.0); }
            OptimizerSetup configure_optimizers() override
            {
                if (logs_early)
                    log("x", 1.0);
                return {};
            }
            bool logs_early = false;
        };
        for (const bool early : {true, false}) {
            QTemporaryDir folder;
            MemoryData data(2, 0);
            Model model;
            model.logs_early = early;
            Trainer trainer(bare_options(folder.path().toStdString()), silent());
            QCOMPARE(complaint([&] { trainer.fit(model, data); }),
                QStringLiteral("log('x', ...) in %1: this hook cannot log")
                    .arg(early ? QStringLiteral("configure_optimizers")
                               : QStringLiteral("on_fit_start")));
        }
    }

    void saysThatALossCannotBeTrainedWith_data()
    {
        QTest::addColumn<int>("kind");
        QTest::addColumn<QString>("part");
        QTest::newRow("no graph") << 0 << QStringLiteral("has no graph");
        QTest::newRow("several numbers") << 1 << QStringLiteral("has 2 elements");
    }

    void saysThatALossCannotBeTrainedWith()
    {
        QFETCH(const int, kind);
        QFETCH(const QString, part);
        class Model final : public LightningModule
        {
        public:
            explicit Model(bool is_detached)
                : is_detached_(is_detached)
                , layer_(register_module("layer", torch::nn::Linear(4, 1)))
            {
            }
            StepOutput training_step(const Batch& batch, int64_t) override
            {
                const auto out = layer_->forward(batch[0].tensor());
                return is_detached_ ? out.mean().detach() : out;
            }
            OptimizerSetup configure_optimizers() override
            {
                return {{std::make_shared<SGD>(parameters(), SGDOptions{.lr = 0.1})}, {}};
            }

        private:
            bool is_detached_;
            torch::nn::Linear layer_;
        } model(kind == 0);
        QTemporaryDir folder;
        MemoryData data(2, 0);
        Trainer trainer(bare_options(folder.path().toStdString()), silent());
        const auto said = complaint([&] { trainer.fit(model, data); });
        QVERIFY2(said.contains(part), qPrintable(said));
        QVERIFY(!said.contains(u'\n'));
    }
};
LEYDEN_TEST(TestLibraryMistakes)
} // namespace tst_library_mistakes

#include "tst_library_mistakes.moc"
