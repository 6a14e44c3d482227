// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/checkpoint_file.h"
#include "engine/checkpoint/zip_archive.h"
#include "engine/core/errors.h"
#include "tests/support/faulty_file_system.h"
#include "tests/support/mutate.h"
#include "tests/support/reference_python.h"
#include "tests/support/state_text.h"
#include "tests/support/test_program.h"

#include <QtTest>

#include <torch/types.h>

#include <functional>
#include <random>

namespace tst_checkpoint_file {
using namespace leyden;
using leyden::test::mutated;
using leyden::test::stateText;

namespace {
const QString data_folder = QStringLiteral(LEYDEN_SOURCE_DIR "/tests/data/checkpoint/");
const QString script
    = QStringLiteral(LEYDEN_SOURCE_DIR "/tests/engine/checkpoint/describe_checkpoint.py");

std::string encoded(const StateTree& state)
{
    std::string bytes;
    encode_checkpoint(state, [&bytes](std::string_view piece) { bytes += piece; });
    return bytes;
}

QByteArray contents(const QString& path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

QString errorOf(const std::function<void()>& call)
{
    try {
        call();
    } catch (const CheckpointError& error) {
        return QString::fromUtf8(error.what());
    }
    return QStringLiteral("no CheckpointError");
}

QString decodeError(const std::string& bytes)
{
    return errorOf([&bytes] { decode_checkpoint(bytes); });
}

using Records = std::map<std::string, std::string>;

Records unpacked(const std::string& bytes)
{
    Records records;
    MemorySource source(bytes);
    const ZipReader reader(source);
    for (const auto& record : reader.records())
        records[record.name] = reader.read(record.name);
    return records;
}

std::string packed(const Records& records, bool always_zip64 = false)
{
    std::string bytes;
    ZipWriter writer([&bytes](std::string_view piece) { bytes += piece; }, always_zip64);
    for (const auto& [name, content] : records)
        writer.add(name, content);
    writer.finish();
    return bytes;
}

void replace(std::string& text, const std::string& from, const std::string& to)
{
    const size_t at = text.find(from);
    QVERIFY(at != std::string::npos);
    text.replace(at, from.size(), to);
}

std::vector<at::ScalarType> dtypes()
{
    return {at::kHalf, at::kBFloat16, at::kFloat, at::kDouble, at::kChar, at::kByte, at::kShort,
        at::kInt, at::kLong, at::kBool, at::kComplexFloat};
}

/// Everything that a state may hold.
StateTree sample()
{
    const at::Tensor base = torch::arange(24, torch::kFloat).reshape({4, 6});
    const at::Tensor tied = torch::tensor({1.5, -2.5});
    StateTree state = StateTree::dict({{"none", nullptr}, {"true", true}, {"one", 1},
        {"large", int64_t{1} << 40}, {"smallest", INT64_MIN}, {"pi", 3.141592653589793},
        {"nan", std::nan("")}, {"text", "h\xc3\xa4\xc3\x9flich \xf0\x9f\x98\x80\n"}, {"", "empty"},
        {"list", StateTree::list({1, StateTree::list(), StateTree::tuple()})},
        {"pair", StateTree::tuple({0.9, 0.999})}, {"dict", StateTree::dict({{7, 0}, {-1, false}})},
        {"scalar", torch::tensor(0.5)}, {"no elements", torch::empty({0, 3})},
        {"transposed", base.t()}, {"column", base.select(1, 1)},
        {"expanded", torch::ones({1, 2}).expand({3, 2})},
        {"requires_grad", torch::ones({2}, torch::requires_grad())}, {"tied", tied},
        {"also tied", tied}});
    StateTree ordered = StateTree::ordered_dict();
    for (const at::ScalarType dtype : dtypes())
        ordered.set(c10::toString(dtype), torch::arange(5).to(dtype));
    state.set("state_dict", ordered);
    return state;
}

/// Reads every element, so that a sanitizer sees one that lies outside of the storage.
void touch(const StateTree& state)
{
    if (state.is_tensor())
        state.tensor().clone();
    if (state.is_list()) {
        for (const StateTree& item : state.items())
            touch(item);
    }
    if (state.is_dict()) {
        for (const auto& [key, value] : state.entries())
            touch(value);
    }
}
} // namespace

class TestCheckpointFile final : public QObject
{
    Q_OBJECT

    std::unique_ptr<QTemporaryDir> m_folder;

    QString at(const char* name) const { return m_folder->filePath(QString::fromUtf8(name)); }

private Q_SLOTS:
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }

    void readsBackWhatItWrote()
    {
        const StateTree state = sample();
        QCOMPARE(stateText(decode_checkpoint(encoded(state))), stateText(state));
        const std::string path = at("a.ckpt").toStdString();
        save_checkpoint_file(FileSystem::local(), path, state);
        QCOMPARE(stateText(load_checkpoint_file(FileSystem::local(), path)), stateText(state));
        QCOMPARE(encoded(state), encoded(state)); // no time, no random name in it
    }

    void readsRecordedCheckpoints_data()
    {
        QTest::addColumn<QString>("name");
        QTest::newRow("torch.save of everything plain") << QStringLiteral("plain");
        QTest::newRow("Lightning 2.6.6") << QStringLiteral("lightning");
    }

    void readsRecordedCheckpoints()
    {
        QFETCH(const QString, name);
        const QByteArray expected = contents(data_folder + name + QStringLiteral(".txt"));
        QVERIFY(!expected.isEmpty());
        const StateTree state = decode_checkpoint(
            contents(data_folder + name + QStringLiteral(".ckpt")).toStdString());
        QCOMPARE(stateText(state), expected);
        QCOMPARE(stateText(decode_checkpoint(encoded(state))), expected);
    }

    void keepsSharedStoragesShared()
    {
        const at::Tensor base = torch::arange(1000, torch::kFloat);
        const StateTree state = StateTree::dict({{"front", base.slice(0, 10, 14)},
            {"back", base.slice(0, 12, 20)}, {"shape", base.slice(0, 10, 20).view({2, 5})}});
        const std::string bytes = encoded(state);
        QCOMPARE(unpacked(bytes).at("archive/data/0").size(), size_t(40)); // 10 of 1000 elements

        const StateTree read = decode_checkpoint(bytes);
        read.at("back").tensor()[0] = -1;
        QCOMPARE(read.at("front").tensor()[2].item<float>(), -1.0F);
        QCOMPARE(read.at("shape").tensor()[0][2].item<float>(), -1.0F);
    }

    void startsEachRecordAtAMultipleOf64()
    {
        for (const bool zip64 : {false, true}) {
            const std::string bytes = packed(unpacked(encoded(sample())), zip64);
            MemorySource source(bytes);
            const ZipReader reader(source);
            QVERIFY(reader.records().size() > 10);
            for (const auto& record : reader.records())
                QCOMPARE(record.offset % 64, uint64_t(0));
        }
    }

    void namesTheEntryThatCannotBeWritten()
    {
        const auto error
            = [](const StateTree& state) { return errorOf([&state] { encoded(state); }); };
        const at::Tensor sparse = torch::eye(2).to_sparse();
        QVERIFY(error(StateTree::dict({{"optimizer_states", StateTree::list({sparse})}}))
                .startsWith(QStringLiteral("the entry 'optimizer_states[0]' cannot be written: "
                                           "it is a sparse")));
        QVERIFY(error(StateTree::dict({{"a", StateTree::dict({{3, at::Tensor()}})}}))
                .contains(QStringLiteral("'a.3' cannot be written: it is an undefined")));
        QVERIFY(error(StateTree::dict({{"a", torch::empty({1}, at::kFloat8_e5m2)}}))
                .contains(QStringLiteral("its dtype Float8_e5m2")));
        QVERIFY(error(StateTree::dict({{"a", "\xff"}})).contains(QStringLiteral("not UTF-8")));
    }

    void keepsTheOldFileWhenTheDiskIsFull()
    {
        test::FaultyFileSystem disk;
        const std::string path = at("last.ckpt").toStdString();
        save_checkpoint_file(disk, path, 1);
        disk.free_bytes = 1000; // the first pieces fit
        QCOMPARE(errorOf([&] { save_checkpoint_file(disk, path, sample()); }),
            QStringLiteral("cannot write '%1': No space left on device").arg(at("last.ckpt")));
        QCOMPARE(load_checkpoint_file(disk, path).to_int(), int64_t{1});
        QCOMPARE(QDir(m_folder->path()).entryList(QDir::Files | QDir::Hidden).size(), 1);
    }

    void saysWhyAFileCannotBeRead_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("reason");
        const auto row = [](const char* name, const QByteArray& bytes, const char* reason) {
            QTest::newRow(name) << bytes << QString::fromUtf8(reason);
        };
        const QByteArray good = QByteArray::fromStdString(encoded(sample()));
        row("empty", {}, "it is empty");
        row("text", "not a checkpoint", "it is no checkpoint of PyTorch (not a zip archive)");
        row("cut in the middle", good.left(good.size() / 2),
            "the archive is damaged (it ends early, as after an interrupted copy)");
        row("the end alone", "PK" + good.right(30), "the archive is damaged (");
        row("another zip", QByteArray::fromStdString(packed({{"a/b.txt", "text"}})), "no data.pkl");
        row("before PyTorch 1.6", contents(data_folder + QStringLiteral("old.ckpt")),
            "it has the format of PyTorch before 1.6");
        row("a class in it", contents(data_folder + QStringLiteral("custom.ckpt")),
            "Leyden refuses to build 'pathlib.");

        const auto changed = [&good](const std::function<void(Records&)>& change) {
            Records records = unpacked(good.toStdString());
            change(records);
            return QByteArray::fromStdString(packed(records));
        };
        row("big-endian", changed([](Records& r) { r["archive/byteorder"] = "big"; }),
            "big-endian");
        row("storage gone", changed([](Records& r) { r.erase("archive/data/0"); }),
            "the archive has no record 'archive/data/0'");
        row("storage cut", changed([](Records& r) { r["archive/data/0"].pop_back(); }),
            "reaches past the end of its data");
        row("unknown storage", changed([](Records& r) {
            replace(r["archive/data.pkl"], "DoubleStorage", "QInt8Storage");
        }),
            "unknown type 'QInt8'");

        QByteArray flipped = good;
        flipped[good.indexOf("smallest")] = 'S'; // in data.pkl
        row("a flipped bit", flipped, "checksum");
    }

    void saysWhyAFileCannotBeRead()
    {
        QFETCH(const QByteArray, bytes);
        QFETCH(const QString, reason);
        FileSystem::local().write_atomic(at("x.ckpt").toStdString(), bytes.toStdString());
        const QString error = errorOf(
            [&] { load_checkpoint_file(FileSystem::local(), at("x.ckpt").toStdString()); });
        QVERIFY2(
            error.startsWith(QStringLiteral("cannot read the checkpoint '%1': ").arg(at("x.ckpt"))),
            qPrintable(error));
        QVERIFY2(error.contains(reason), qPrintable(error));
    }

    void saysThatAFileIsMissing()
    {
        QCOMPARE(
            errorOf([&] { load_checkpoint_file(FileSystem::local(), at("x.ckpt").toStdString()); }),
            QStringLiteral("cannot read '%1': No such file or directory").arg(at("x.ckpt")));
    }

    /// Numbers that a tensor's description must not get away with; the storage has 6 elements.
    void checksTensorsAgainstTheirStorage_data()
    {
        QTest::addColumn<QByteArray>("from");
        QTest::addColumn<QByteArray>("to");
        const QByteArray good = "K\1(K\2K\2t(K\2K\1t"; // offset 1, sizes (2, 2), strides (2, 1)
        const QByteArray huge("\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f", 10);
        const QByteArray minus("J\xff\xff\xff\xff", 5);
        const QByteArray million("J\0\0\0\x10", 5); // 2^28
        const QByteArray zero("K\0", 2);
        const auto row = [&good](const char* name, const QByteArray& to) {
            QTest::newRow(name) << good << to;
        };
        row("offset too far", "K\4(K\2K\2t(K\2K\1t");
        row("stride too far", "K\1(K\2K\2t(K\5K\1t");
        row("size too large", "K\1(K\2K\5t(K\2K\1t");
        row("offset below zero", minus + "(K\2K\2t(K\2K\1t");
        row("size below zero", "K\1(" + minus + minus + "t(K\2K\1t");
        row("stride below zero", "K\5(K\2K\2t(" + minus + "K\1t");
        row("largest offset", huge + "(K\2K\2t(K\2K\1t");
        row("largest size", "K\1(" + huge + huge + "t(" + zero + zero + "t");
        row("largest stride", "K\1(K\2K\2t(" + huge + huge + "t");
        row("largest empty", "K\1(" + huge + huge + zero + "t(K\1K\1K\1t");
        row("endless repetition", "K\1(" + million + "t(" + zero + "t");
        row("fewer strides", "K\1(K\2K\2t(K\2t");
    }

    void checksTensorsAgainstTheirStorage()
    {
        QFETCH(const QByteArray, from);
        QFETCH(const QByteArray, to);
        const at::Tensor base = torch::arange(6, torch::kFloat);
        Records records
            = unpacked(encoded(StateTree::list({base, base.as_strided({2, 2}, {2, 1}, 1)})));
        replace(records["archive/data.pkl"], from.toStdString(), to.toStdString());
        const QString error = decodeError(packed(records));
        QVERIFY2(error.startsWith(QStringLiteral("it holds a tensor ")), qPrintable(error));
    }

    void refusesHostileArchives()
    {
        const std::string good = encoded(sample());
        const size_t central = good.find(std::string("PK\1\2", 4));
        const size_t end = good.rfind(std::string("PK\5\6", 4));
        const auto with = [&good](size_t at, const std::string& bytes) {
            std::string changed = good;
            changed.replace(at, bytes.size(), bytes);
            return decodeError(changed);
        };
        const auto zeros = [](size_t count) { return std::string(count, '\0'); };
        const auto ones = [](size_t count) { return std::string(count, char(0xff)); };
        QVERIFY(with(central + 10, "\x08").contains(QStringLiteral("compressed")));
        QVERIFY(with(central + 8, "\x01").contains(QStringLiteral("encrypted")));
        QVERIFY(with(central + 20, ones(3)).contains(QStringLiteral("two sizes")));
        QVERIFY(with(central + 20, std::string("\0\0\0\x7f\0\0\0\x7f", 8))
                .contains(QStringLiteral("outside")));
        QVERIFY(with(central + 42, ones(3)).contains(QStringLiteral("outside")));
        QVERIFY(with(central + 42, "\x01").contains(QStringLiteral("without its header")));
        QVERIFY(with(central, "XX").contains(QStringLiteral("table of contents")));
        QVERIFY(with(central + 28, ones(2)).contains(QStringLiteral("is cut")));
        QVERIFY(with(end + 10, "\xfe\xfe").contains(QStringLiteral("more records")));
        QVERIFY(with(end + 10, ones(2)).contains(QStringLiteral("no table of contents")));
        QVERIFY(with(end + 16, std::string("\0\0\0\x7f", 4)).contains(QStringLiteral("no table")));
        QVERIFY(with(end + 10, zeros(2)).contains(QStringLiteral("no data.pkl")));
        QVERIFY(with(good.find("archive/data/1", central), "archive/data/0")
                .contains(QStringLiteral("two records of one name")));
        QVERIFY(with(end + 20, "\x01").contains(QStringLiteral("ends early")));
    }

    void refusesRecordsThatOverlap()
    {
        // Twenty names for the same 64 KiB: loading each would take twenty times the file.
        std::string bytes = packed({{"a/data/0", std::string(65536, 'x')}});
        const size_t central = bytes.find(std::string("PK\1\2", 4));
        const size_t end = bytes.rfind(std::string("PK\5\6", 4));
        const std::string entry = bytes.substr(central, end - central);
        std::string many = bytes.substr(0, central);
        for (char name = 'a'; name < 'u'; ++name)
            many += std::string(entry).replace(46, 1, 1, name);
        std::string tail = bytes.substr(end);
        tail[10] = 20;
        const auto size = uint32_t(entry.size() * 20);
        std::memcpy(tail.data() + 12, &size, 4);
        QVERIFY(decodeError(many + tail).contains(QStringLiteral("overlap")));
    }

    void survivesAnyMutationOfTheFile()
    {
        const std::string small = encoded(sample());
        const std::string large = packed(unpacked(small), true); // with the fields for large files
        std::mt19937 random(1);
        int refused = 0;
        for (int round = 0; round < 10'000; ++round) {
            try {
                touch(decode_checkpoint(mutated(round % 2 == 0 ? small : large, random)));
            } catch (const CheckpointError&) {
                ++refused;
            }
        }
        QVERIFY(refused > 5'000); // the rest hit padding or fields that nobody reads
    }

    void survivesSwappedRecords()
    {
        const Records original = unpacked(encoded(sample()));
        std::vector<std::string> names;
        for (const auto& [name, content] : original)
            names.push_back(name);
        int refused = 0;
        for (size_t i = 0; i < names.size(); ++i) {
            for (size_t j = 0; j < i; ++j) {
                Records records = original;
                std::swap(records.at(names[i]), records.at(names[j]));
                try {
                    touch(decode_checkpoint(packed(records)));
                } catch (const CheckpointError&) {
                    ++refused;
                }
            }
        }
        QVERIFY(refused > int(names.size())); // data.pkl with any other; tensors of one size may
                                              // change places
    }

    void survivesAnyMutationOfThePickle()
    {
        // The checksums are made new, so that the mutations get as far as the tensors.
        Records records = unpacked(encoded(sample()));
        const std::string original = records.at("archive/data.pkl");
        std::mt19937 random(2);
        int accepted = 0;
        for (int round = 0; round < 10'000; ++round) {
            records["archive/data.pkl"] = mutated(original, random);
            try {
                touch(decode_checkpoint(packed(records)));
                ++accepted;
            } catch (const CheckpointError&) {
            }
        }
        QVERIFY(accepted > 0);
        QVERIFY(accepted < 10'000);
    }

    void survivesAnyTruncation()
    {
        const std::string original = encoded(StateTree::dict({{"a", torch::ones({3})}}));
        for (size_t size = 0; size < original.size(); ++size)
            QVERIFY(decodeError(original.substr(0, size)) != QStringLiteral("no CheckpointError"));
    }

    void pythonReadsWhatWeWrite_data()
    {
        QTest::addColumn<bool>("always_zip64");
        QTest::newRow("plain") << false;
        QTest::newRow("with the fields for large files") << true;
    }

    void pythonReadsWhatWeWrite()
    {
        QFETCH(const bool, always_zip64);
        if (test::referencePython().isEmpty())
            QSKIP("LEYDEN_REFERENCE_PYTHON is not set");
        const StateTree state = sample();
        FileSystem::local().write_atomic(at("ours.ckpt").toStdString(),
            always_zip64 ? packed(unpacked(encoded(state)), true) : encoded(state));
        const auto result
            = test::runReferencePython(script, {QStringLiteral("describe"), at("ours.ckpt")});
        QVERIFY2(result.exitCode == 0, result.errors.constData());
        QCOMPARE(result.output, stateText(state));
    }

    void readsWhatPythonWrites_data()
    {
        QTest::addColumn<QString>("kind");
        for (const char* kind : {"plain", "lightning", "protocol4"})
            QTest::newRow(kind) << QString::fromUtf8(kind);
    }

    void readsWhatPythonWrites()
    {
        QFETCH(const QString, kind);
        if (test::referencePython().isEmpty())
            QSKIP("LEYDEN_REFERENCE_PYTHON is not set");
        const auto made
            = test::runReferencePython(script, {QStringLiteral("make"), kind, at("theirs.ckpt")});
        QVERIFY2(made.exitCode == 0, made.errors.constData());
        const StateTree state
            = load_checkpoint_file(FileSystem::local(), at("theirs.ckpt").toStdString());
        QVERIFY(made.output.endsWith(stateText(state)));
        QVERIFY(!stateText(state).isEmpty());

        // And back: what we make of it is the same to Python.
        save_checkpoint_file(FileSystem::local(), at("ours.ckpt").toStdString(), state);
        const auto told
            = test::runReferencePython(script, {QStringLiteral("describe"), at("ours.ckpt")});
        QVERIFY2(told.exitCode == 0, told.errors.constData());
        QCOMPARE(told.output, stateText(state));
    }
};
LEYDEN_TEST(TestCheckpointFile)
} // namespace tst_checkpoint_file

#include "tst_checkpoint_file.moc"
