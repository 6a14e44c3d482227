// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/checkpoint_file.h"
#include "engine/checkpoint/checkpoint_writer.h"
#include "tests/support/faulty_file_system.h"
#include "tests/support/test_program.h"

#include <QTemporaryDir>
#include <QTest>

#include <ATen/ATen.h>

#include <condition_variable>
#include <future>
#include <mutex>
#include <vector>

namespace tst_checkpoint_writer {
using namespace leyden;
using namespace leyden::test;
namespace fs = std::filesystem;
using Result = CheckpointOutcome::Result;

namespace {
/// Holds whoever comes by until it is opened.
class Gate
{
public:
    void pass()
    {
        std::unique_lock lock(mutex_);
        ++waiting_;
        changed_.notify_all();
        changed_.wait(lock, [this] { return is_open_; });
    }
    void wait_for(int count)
    {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return waiting_ >= count; });
    }
    void open()
    {
        const std::lock_guard lock(mutex_);
        is_open_ = true;
        changed_.notify_all();
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    int waiting_ = 0;
    bool is_open_ = false;
};

struct Heard
{
    fs::path file;
    CheckpointOutcome outcome;
};
} // namespace

/// The thread that writes checkpoints: what it copies, in which order, and what a failure leaves.
class TestCheckpointWriter final : public QObject
{
    Q_OBJECT
private:
    std::unique_ptr<QTemporaryDir> m_folder;
    std::vector<Heard> m_heard;

    fs::path at(const char* name) const { return fs::path(m_folder->path().toStdString()) / name; }

    CheckpointJob job(
        const char* name, const at::Tensor& tensor, std::vector<const char*> replaces = {})
    {
        CheckpointJob made;
        made.file = at(name);
        made.state = StateTree::dict({{"weight", tensor}});
        for (const auto* file : replaces)
            made.replaces.push_back(at(file));
        made.done = [this, file = made.file](
                        const CheckpointOutcome& outcome) { m_heard.push_back({file, outcome}); };
        return made;
    }

    static std::vector<CheckpointJob> group(CheckpointJob first) { return {std::move(first)}; }

    double value_in(const char* name)
    {
        return load_checkpoint_file(FileSystem::local(), at(name))
            .at("weight")
            .tensor()[0]
            .item<double>();
    }

private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_heard.clear();
    }

    void writesTheStateAsItWasWhenItWasSubmitted()
    {
        FaultyFileSystem files;
        Gate gate;
        files.before_write = [&](const fs::path&) { gate.pass(); };
        CheckpointWriter writer(files);
        // A weight that two entries share, a window into a larger piece, an empty one, and numbers.
        const auto weight = at::arange(12, at::kFloat).reshape({3, 4});
        const auto state = StateTree::dict(
            {{"a", weight}, {"tied", weight}, {"window", weight.narrow(0, 1, 2).t()},
                {"empty", at::empty({0, 3})}, {"steps", at::full({}, 7, at::kLong)}, {"epoch", 3}});
        save_checkpoint_file(FileSystem::local(), at("expected.ckpt"), state);
        CheckpointJob made;
        made.file = at("folder/made.ckpt");
        made.state = state;
        writer.submit({made});
        weight.mul_(-1);
        state.at("steps").tensor().add_(1);
        gate.open();
        writer.drain();
        QVERIFY(FileSystem::local().read(at("folder/made.ckpt"))
            == FileSystem::local().read(at("expected.ckpt")));
    }

    void usesItsMemoryAgain()
    {
        StateSnapshot memory;
        const auto weight = at::ones({1000});
        const auto first = memory.take(StateTree::dict({{"w", weight}}));
        const auto* place = first.at("w").tensor().const_data_ptr();
        weight.fill_(2);
        const auto second = memory.take(StateTree::dict({{"w", weight}}));
        QCOMPARE(second.at("w").tensor().const_data_ptr(), place);
        QCOMPARE(second.at("w").tensor().sum().item<double>(), 2000.0);
        const auto larger = memory.take(StateTree::dict({{"w", at::ones({2000})}}));
        QCOMPARE(larger.at("w").tensor().sum().item<double>(), 2000.0);
    }

    void waitsForTheDiskOnlyWhenTwoAreUnderWay()
    {
        FaultyFileSystem files;
        Gate gate;
        files.before_write = [&](const fs::path&) { gate.pass(); };
        CheckpointWriter writer(files);
        writer.submit(group(job("a.ckpt", at::full({1}, 1))));
        writer.submit(group(job("b.ckpt", at::full({1}, 2)))); // returns, though the disk has not
                                                               // answered
        QVERIFY(!fs::exists(at("a.ckpt")));
        auto third = std::async(
            std::launch::async, [&] { writer.submit(group(job("c.ckpt", at::full({1}, 3)))); });
        gate.wait_for(1);
        QVERIFY(third.wait_for(std::chrono::milliseconds(100)) == std::future_status::timeout);
        gate.open();
        third.get();
        writer.drain();
        QCOMPARE(m_heard.size(), size_t(3));
        for (size_t i = 0; i < 3; ++i) {
            QVERIFY(m_heard[i].outcome.result == Result::Written);
            QCOMPARE(m_heard[i].outcome.bytes, int64_t(fs::file_size(m_heard[i].file)));
        }
        QCOMPARE(value_in("c.ckpt"), 3.0);
    }

    void letsOnlyTheLastBeOvertaken()
    {
        FaultyFileSystem files;
        Gate gate;
        files.before_write = [&](const fs::path&) { gate.pass(); };
        CheckpointWriter writer(files);
        const auto with_last = [&](const char* name, double value) {
            std::vector<CheckpointJob> jobs{
                job(name, at::full({1}, value)), job("last.ckpt", at::full({1}, value))};
            jobs[1].series = this;
            writer.submit(std::move(jobs));
        };
        with_last("a.ckpt", 1);
        gate.wait_for(1); // it is at a.ckpt
        with_last("b.ckpt", 2);
        gate.open();
        writer.drain();
        std::vector<std::pair<std::string, Result>> heard;
        for (const auto& one : m_heard)
            heard.emplace_back(one.file.filename().string(), one.outcome.result);
        const std::vector<std::pair<std::string, Result>> expected{{"last.ckpt", Result::Overtaken},
            {"a.ckpt", Result::Written}, {"b.ckpt", Result::Written},
            {"last.ckpt", Result::Written}};
        QVERIFY(heard == expected);
        QCOMPARE(value_in("a.ckpt"), 1.0);
        QCOMPARE(value_in("last.ckpt"), 2.0);
    }

    void removesAFileOnlyWhenTheNewOneIsSafe()
    {
        FaultyFileSystem files;
        CheckpointWriter writer(files);
        writer.submit(group(job("a.ckpt", at::full({1}, 1))));
        writer.drain();
        files.free_bytes = 10;
        writer.submit(group(job("b.ckpt", at::full({1}, 2), {"a.ckpt"})));
        writer.drain();
        QVERIFY(m_heard.back().outcome.result == Result::Failed);
        QVERIFY2(m_heard.back().outcome.failure.find("No space left") != std::string::npos,
            m_heard.back().outcome.failure.c_str());
        QVERIFY(fs::exists(at("a.ckpt")) && !fs::exists(at("b.ckpt")));
        files.free_bytes = FaultyFileSystem::unlimited;
        writer.submit(group(job("c.ckpt", at::full({1}, 3), {"a.ckpt"})));
        writer.drain();
        QVERIFY(m_heard.back().outcome.removed == std::vector{at("a.ckpt")});
        QVERIFY(!fs::exists(at("a.ckpt")) && fs::exists(at("c.ckpt")));
    }

    /// b replaces a and fails while c, which counts on b, waits already: a goes with c.
    void handsDownWhatAFailedOneWouldHaveReplaced()
    {
        FaultyFileSystem files;
        CheckpointWriter writer(files);
        writer.submit(group(job("a.ckpt", at::full({1}, 1))));
        writer.drain();
        Gate gate;
        files.before_write = [&](const fs::path& file) {
            if (file.filename() == "b.ckpt") {
                gate.pass();
                throw FileError("the disk is gone");
            }
        };
        writer.submit(group(job("b.ckpt", at::full({1}, 2), {"a.ckpt"})));
        gate.wait_for(1);
        QVERIFY(writer.will_exist(at("b.ckpt")) && !writer.will_exist(at("a.ckpt")));
        writer.submit(group(job("c.ckpt", at::full({1}, 3), {"b.ckpt"})));
        QVERIFY(!writer.will_exist(at("b.ckpt")) && writer.will_exist(at("c.ckpt")));
        gate.open();
        writer.drain();
        QVERIFY(!fs::exists(at("a.ckpt")) && !fs::exists(at("b.ckpt")) && fs::exists(at("c.ckpt")));
        QVERIFY(writer.will_exist(at("c.ckpt")) && !writer.will_exist(at("a.ckpt")));
    }

    void linksToAFileThatIsThere()
    {
        CheckpointWriter writer(FileSystem::local());
        const auto link = [&](const char* target) {
            CheckpointJob made = job("last.ckpt", at::Tensor());
            made.state = {};
            made.link_to = target;
            return made;
        };
        writer.submit({job("a.ckpt", at::full({1}, 1)), link("a.ckpt")});
        writer.drain();
        QVERIFY(fs::is_symlink(at("last.ckpt")));
        QCOMPARE(value_in("last.ckpt"), 1.0);
        writer.submit(group(link("gone.ckpt")));
        writer.drain();
        QVERIFY(m_heard.back().outcome.result == Result::Failed);
        QCOMPARE(value_in("last.ckpt"), 1.0);
    }

    void namesWhatNoCheckpointCanHold()
    {
        CheckpointWriter writer(FileSystem::local());
        writer.submit(group(job("a.ckpt", at::ones({2, 2}).to_sparse())));
        writer.drain();
        QCOMPARE(m_heard.size(), size_t(1));
        QVERIFY(m_heard[0].outcome.result == Result::Failed);
        QVERIFY2(m_heard[0].outcome.failure.find("the entry 'weight' cannot be written")
                != std::string::npos,
            m_heard[0].outcome.failure.c_str());
        QVERIFY(!fs::exists(at("a.ckpt")));
    }

    void writesWhatWaitsWhenItEnds()
    {
        FaultyFileSystem files;
        Gate gate;
        files.before_write = [&](const fs::path&) { gate.pass(); };
        auto writer = std::make_unique<CheckpointWriter>(files);
        writer->submit(group(job("a.ckpt", at::full({1}, 1))));
        writer->submit(group(job("b.ckpt", at::full({1}, 2))));
        gate.open();
        writer.reset();
        QCOMPARE(value_in("b.ckpt"), 2.0);
    }
};

LEYDEN_TEST(TestCheckpointWriter)
} // namespace tst_checkpoint_writer

#include "tst_checkpoint_writer.moc"
