// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/pickle.h"
#include "engine/core/errors.h"
#include "tests/support/test_program.h"

#include <QtTest>

#include <random>

namespace tst_pickle {
using namespace leyden;

namespace {
// Small texts of pickle; tests put them together by hand.
const std::string proto2 = "\x80\x02";

std::string text(const std::string& value)
{
    return "X" + std::string(1, char(value.size())) + std::string(3, '\0') + value;
}

std::string op(const char* bytes, size_t size = 1)
{
    return std::string(bytes, size);
}

std::string number(int value)
{
    return "K" + std::string(1, char(value));
}

/// A call of _rebuild_tensor_v2 on storage "0" of 6 float32, with the pieces to vary.
std::string tensorPickle(
    const std::string& sizes, const std::string& strides, const std::string& offset = number(0))
{
    return "ctorch._utils\n_rebuild_tensor_v2\n((" + text("storage") + "ctorch\nFloatStorage\n"
        + text("0") + text("cpu") + number(6) + "tQ" + offset + "(" + sizes + "t(" + strides
        + "t\x89" + "ccollections\nOrderedDict\n)RtR";
}

QString errorOf(const std::string& pickle)
{
    try {
        read_pickle(pickle);
    } catch (const CheckpointError& error) {
        return QString::fromUtf8(error.what());
    }
    return QStringLiteral("no CheckpointError");
}

/// Equal values are written as equal bytes.
bool sameValues(const PickleValue& a, const PickleValue& b)
{
    return write_pickle(a) == write_pickle(b);
}

PickleValue sample()
{
    PickleTensor tensor{"0", "Float", 6, 1, {2, 2}, {3, 1}, true};
    PickleValue::List pair{{{0.9}, {0.999}}, true};
    PickleValue::Dict state{{{int64_t{0}, {tensor}}, {int64_t{1} << 40, {}}}, true};
    return {
        PickleValue::Dict{{{"bool", {true}}, {"int", {int64_t{-5}}}, {"large", {int64_t{1} << 40}},
                              {"text", {std::string("h\xc3\xa4")}}, {"pair", {pair}},
                              {"state", {state}}, {"empty", {PickleValue::List{}}}},
            false}};
}
} // namespace

class TestPickle final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void readsBackWhatItWrote()
    {
        const PickleValue value = sample();
        const PickleValue read = read_pickle(write_pickle(value));
        QVERIFY(sameValues(read, value));
        const auto& dict = std::get<PickleValue::Dict>(read.value);
        QCOMPARE(dict.entries.size(), size_t(7));
        QVERIFY(std::holds_alternative<bool>(dict.entries[0].second.value));
        QCOMPARE(std::get<int64_t>(dict.entries[2].second.value), int64_t{1} << 40);
        QVERIFY(std::get<PickleValue::List>(dict.entries[4].second.value).is_tuple);
        const auto& state = std::get<PickleValue::Dict>(dict.entries[5].second.value);
        QVERIFY(state.is_ordered_dict);
        const PickleTensor expected{"0", "Float", 6, 1, {2, 2}, {3, 1}, true};
        QVERIFY(std::get<PickleTensor>(state.entries[0].second.value) == expected);
    }

    void readsWholeNumbers_data()
    {
        QTest::addColumn<qint64>("value");
        for (const qint64 value : std::initializer_list<qint64>{0, 255, 256, 65535, -1, 2147483647,
                 2147483648, -2147483648, -2147483649, INT64_MAX, INT64_MIN})
            QTest::addRow("%lld", value) << value;
    }

    void readsWholeNumbers()
    {
        QFETCH(const qint64, value);
        const PickleValue read = read_pickle(write_pickle({int64_t{value}}));
        QCOMPARE(qint64(std::get<int64_t>(read.value)), value);
    }

    void readsShortLongs()
    {
        const auto read = [](const std::string& digits) {
            const std::string pickle
                = proto2 + "\x8a" + std::string(1, char(digits.size())) + digits + ".";
            return std::get<int64_t>(read_pickle(pickle).value);
        };
        QCOMPARE(read(""), int64_t{0});
        QCOMPARE(read("\xff"), int64_t{-1});
        QCOMPARE(read("\x7f"), int64_t{127});
        QCOMPARE(read(std::string("\xff\x00", 2)), int64_t{255});
        QVERIFY(errorOf(proto2 + "\x8a\x09" + std::string(9, 'x') + ".")
                .contains(QStringLiteral("more than 64 bits")));
    }

    void keepsReferences()
    {
        // l = []; [l, l] with l filled after both got hold of it: ] q0 ( h0 h0 K1 a e
        const std::string pickle = proto2 + "](]" + op("q\0", 2) + op("h\0", 2) + "K\1ae.";
        const auto outer = std::get<PickleValue::List>(read_pickle(pickle).value);
        QCOMPARE(outer.items.size(), size_t(2));
        for (const PickleValue& item : outer.items)
            QCOMPARE(std::get<PickleValue::List>(item.value).items.size(), size_t(1));
    }

    void dropsTheMetadataOfAStateDict()
    {
        const std::string pickle = proto2 + "ccollections\nOrderedDict\n)R" + text("a") + "K\1s}"
            + text("_metadata") + "}sb.";
        const auto dict = std::get<PickleValue::Dict>(read_pickle(pickle).value);
        QCOMPARE(dict.entries.size(), size_t(1));
        QVERIFY(dict.is_ordered_dict);
    }

    void readsACounterAsADict()
    {
        const auto dict = std::get<PickleValue::Dict>(
            read_pickle(proto2 + "ccollections\nCounter\n}(K\4K\2K\6K\1u\x85R.").value);
        QCOMPARE(dict.entries.size(), size_t(2));
        QCOMPARE(std::get<int64_t>(dict.entries[0].first), int64_t{4});
        QCOMPARE(std::get<int64_t>(dict.entries[0].second.value), int64_t{2});
        QVERIFY(errorOf(proto2 + "ccollections\nCounter\n)R.").contains(QStringLiteral("Counter")));
        QVERIFY(errorOf(proto2 + "ccollections\nCounter\nK\1\x85R.")
                .contains(QStringLiteral("Counter")));
    }

    void laterKeysReplaceEarlierOnes()
    {
        const std::string pickle
            = proto2 + "}(" + text("a") + "K\1" + text("b") + "K\2" + text("a") + "K\3u.";
        const auto dict = std::get<PickleValue::Dict>(read_pickle(pickle).value);
        QCOMPARE(dict.entries.size(), size_t(2));
        QCOMPARE(std::get<std::string>(dict.entries[0].first), std::string("a"));
        QCOMPARE(std::get<int64_t>(dict.entries[0].second.value), int64_t{3});
    }

    void refusesWhatIsNoPlainData_data()
    {
        QTest::addColumn<QByteArray>("pickle");
        QTest::addColumn<QString>("message");
        const auto row = [](const char* name, const std::string& body, const char* message) {
            QTest::newRow(name) << QByteArray::fromStdString(proto2 + body)
                                << QString::fromUtf8(message);
        };
        row("os.system", "cos\nsystem\n(" + text("true") + "tR.",
            "Leyden refuses to build 'os.system': a checkpoint is data");
        row("builtins.eval", text("builtins") + text("eval") + "\x93.",
            "refuses to build 'builtins.eval'");
        row("submodule", "ctorch\nsave\n.", "refuses to build 'torch.save'");
        row("storage elsewhere", "cevil\nFloatStorage\n.", "'evil.FloatStorage'");
        row("a bare global", "ccollections\nOrderedDict\n.", "no data");
        row("a bare storage",
            "(" + text("storage") + "ctorch\nFloatStorage\n" + text("0") + text("cpu") + "K\6tQ.",
            "no data");
        row("a foreign record", "(" + text("module") + "K\1K\1K\1K\1tQ.", "unknown kind of record");
        row("nothing", "", "ends early");
        row("no value", ".", "more or less than one value");
        row("two values", "NN.", "more or less than one value");
        row("an open mark", "(N.", "more or less than one value");
        row("pop of nothing", "0.", "not there");
        row("pop below a mark", "N(0.", "not there");
        row("no mark", "t.", "not marked");
        row("no mark for appends", "]e.", "not marked");
        row("no such memo", op("h\5", 2) + ".", "never kept");
        row("no such long memo", op("j\xff\xff\xff\xff", 5) + ".", "never kept");
        row("memo of nothing", op("q\0", 2) + ".", "not there");
        row("text past the end", op("X\xff\xff\xff\x7f", 5) + "abc.", "ends early");
        row("endless text", op("\x8d\xff\xff\xff\xff\xff\xff\xff\xff", 9) + "abc.", "ends early");
        row("text that is not UTF-8", op("X\1\0\0\0\xff.", 7), "not UTF-8");
        row("surrogate", op("X\3\0\0\0\xed\xa0\x80.", 9), "not UTF-8");
        row("overlong", op("X\2\0\0\0\xc0\x80.", 8), "not UTF-8");
        row("unfinished global", "ccollections", "ends early");
        row("append to a number", "K\1K\2a.", "no list");
        row("append to a tuple", ")K\2a.", "appends to a tuple");
        row("entry of a list", "]K\1K\2s.", "no dict");
        row("a key alone", "}(K\1u.", "key without a value");
        row("a float as key", "}G\1\1\1\1\1\1\1\1Ns.", "neither a str nor an int");
        row("a call of a number", "K\1)R.", "no function");
        row("OrderedDict of something", "ccollections\nOrderedDict\nK\1\x85R.", "with arguments");
        row("attributes of a list", "]}b.", "attributes of a plain value");
        row("attributes of a dict", "}}b.", "attributes of a dict");
        row("bytes", "C\1a.", "which plain data does not need");
        row("sizes of text", tensorPickle(text("a"), number(1)) + ".", "no number");
        row("sizes without a tuple", "ctorch\nSize\n]\x85R.", "tuple is missing");
        std::string many;
        for (int i = 0; i < 65; ++i)
            many += number(1);
        row("65 dimensions", tensorPickle(many, many) + ".", "too long");
    }

    void refusesWhatIsNoPlainData()
    {
        QFETCH(const QByteArray, pickle);
        QFETCH(const QString, message);
        const QString error = errorOf(pickle.toStdString());
        QVERIFY2(error.contains(message), qPrintable(error));
    }

    void refusesOtherProtocols()
    {
        QVERIFY(errorOf("\x80\x01N.").contains(QStringLiteral("protocol 1")));
        QVERIFY(errorOf("\x80\x06N.").contains(QStringLiteral("protocol 6")));
    }

    void limitsDepth()
    {
        const auto nested = [](int depth) {
            std::string pickle = proto2;
            for (int i = 0; i < depth; ++i)
                pickle += "]";
            for (int i = 1; i < depth; ++i)
                pickle += "a";
            return pickle + ".";
        };
        QCOMPARE(errorOf(nested(100)), QStringLiteral("no CheckpointError"));
        QVERIFY(errorOf(nested(102)).contains(QStringLiteral("100 deep")));
        QVERIFY(errorOf(nested(5'000'000)).contains(QStringLiteral("100 deep")));
        const std::string itself = proto2 + "]" + op("q\0", 2) + op("h\0", 2) + "a.";
        QVERIFY(errorOf(itself).contains(QStringLiteral("100 deep")));
    }

    void limitsCopies()
    {
        // Each list holds the one before ten times: 10^30 values from some 700 bytes.
        std::string lists = "]" + op("q\0", 2);
        for (char level = 1; level <= 30; ++level) {
            lists += "](";
            for (int i = 0; i < 10; ++i)
                lists += std::string("h") + char(level - 1);
            lists += std::string("eq") + level;
        }
        QVERIFY(errorOf(proto2 + "(" + lists + "t.")
                .contains(QStringLiteral("more often than any real ones")));
        // One long text, ten thousand times.
        std::string repeated
            = proto2 + op("X\0\0\x10\0", 5) + std::string(1 << 20, 'a') + op("q\0", 2) + "0](";
        for (int i = 0; i < 10'000; ++i)
            repeated += op("h\0", 2);
        QVERIFY(errorOf(repeated + "e.").contains(QStringLiteral("more often")));
    }

    void refusesTextThatPythonCouldNotRead()
    {
        QVERIFY_THROWS_EXCEPTION(CheckpointError, write_pickle({std::string("\xff")}));
        PickleValue deep;
        for (int i = 0; i < 102; ++i)
            deep = {PickleValue::List{{deep}, false}};
        QVERIFY_THROWS_EXCEPTION(CheckpointError, write_pickle(deep));
    }

    void survivesAnyMutation()
    {
        const std::string original = write_pickle(sample());
        std::mt19937 random(1);
        int accepted = 0;
        for (int round = 0; round < 20'000; ++round) {
            std::string pickle = original;
            for (auto changes = 1 + random() % 4; changes > 0; --changes) {
                const size_t at = random() % pickle.size();
                switch (random() % 4) {
                case 0:
                    pickle[at] = char(random());
                    break;
                case 1:
                    pickle.erase(at, 1 + random() % 8);
                    break;
                case 2:
                    pickle.insert(at, pickle.substr(random() % pickle.size(), random() % 16));
                    break;
                default:
                    pickle.insert(at, 1, "(.0NKGRb]aec}hqstu)\x80\x85\x8a\x93\x94"[random() % 23]);
                }
                if (pickle.empty())
                    pickle = original;
            }
            try {
                read_pickle(pickle);
                ++accepted;
            } catch (const CheckpointError&) {
            }
        }
        QVERIFY(accepted > 0); // the mutations are mild enough to get anywhere
        QVERIFY(accepted < 20'000);
    }
};
LEYDEN_TEST(TestPickle)
} // namespace tst_pickle

#include "tst_pickle.moc"
