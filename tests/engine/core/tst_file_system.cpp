// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/clock.h"
#include "engine/core/errors.h"
#include "engine/core/file_system.h"
#include "tests/support/faulty_file_system.h"
#include "tests/support/test_program.h"

#include <QtTest>

#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>

namespace tst_file_system {
using namespace leyden;

namespace {
template <typename Call> QString messageOf(Call call)
{
    try {
        call();
    } catch (const FileError& error) {
        return QString::fromUtf8(error.what());
    }
    return QStringLiteral("no FileError");
}

/// No file of this process may grow past a size while it lives: writes come back short.
class FileSizeLimit
{
public:
    explicit FileSizeLimit(rlim_t bytes)
    {
        std::signal(SIGXFSZ, SIG_IGN);
        getrlimit(RLIMIT_FSIZE, &m_before);
        const rlimit limit = {bytes, m_before.rlim_max};
        setrlimit(RLIMIT_FSIZE, &limit);
    }
    ~FileSizeLimit() { setrlimit(RLIMIT_FSIZE, &m_before); }

private:
    rlimit m_before = {};
};
} // namespace

class TestFileSystem final : public QObject
{
    Q_OBJECT

    FileSystem& disk = FileSystem::local();
    std::unique_ptr<QTemporaryDir> m_folder;

    std::filesystem::path at(const char* name) const
    {
        return std::filesystem::path(m_folder->path().toStdString()) / name;
    }

private Q_SLOTS:
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }

    void replacesADocumentWithoutATrace()
    {
        const std::string long_text(3'000'000, 'x');
        disk.write_atomic(at("run.json"), long_text);
        QCOMPARE(disk.read(at("run.json")), long_text);
        disk.write_atomic(at("run.json"), std::string_view("a\0b", 3));
        QCOMPARE(disk.read(at("run.json")), std::string("a\0b", 3));
        QCOMPARE(disk.list(m_folder->path().toStdString()).size(), size_t(1));
    }

    void keepsTheOldDocumentWhenAWriteFails()
    {
        disk.write_atomic(at("last.ckpt"), "old");
        {
            const FileSizeLimit limit(1000);
            QCOMPARE(messageOf([&] { disk.write_atomic(at("last.ckpt"), std::string(2000, 'x')); }),
                QStringLiteral("cannot write '%1': File too large")
                    .arg(QString::fromStdString(at("last.ckpt").string())));
        }
        QVERIFY_THROWS_EXCEPTION(CheckpointError,
            disk.write_atomic_stream(at("last.ckpt"), [](const FileSystem::Sink& write) {
                write("half");
                throw CheckpointError("no more");
            }));
        QCOMPARE(disk.read(at("last.ckpt")), std::string("old"));
        QCOMPARE(disk.list(m_folder->path().toStdString()).size(), size_t(1));
    }

    void joinsThePiecesOfAStream()
    {
        disk.write_atomic_stream(at("file"), [](const FileSystem::Sink& write) {
            write("one, ");
            write("");
            write("two");
        });
        QCOMPARE(disk.read(at("file")), std::string("one, two"));
    }

    void appendsAfterWhatIsThere()
    {
        disk.write_atomic(at("metrics.csv"), "a\n");
        const auto file = disk.open_append(at("metrics.csv"));
        file->append("b\n");
        file->sync();
        QCOMPARE(file->size(), uint64_t(4));
        file->truncate(2);
        file->append("c\n");
        QCOMPARE(disk.read(at("metrics.csv")), std::string("a\nc\n"));
    }

    void cutsAShortWriteBack()
    {
        const auto file = disk.open_append(at("metrics.csv"));
        const std::string row = std::string(79, '1') + '\n';
        file->append(row);
        {
            const FileSizeLimit limit(100); // 20 of the next row's 80 bytes fit
            QVERIFY(messageOf([&] { file->append(row); }).contains(QStringLiteral("too large")));
        }
        QCOMPARE(disk.read(at("metrics.csv")), row);
        file->append(row); // space again: the next row starts on a line of its own
        QCOMPARE(disk.read(at("metrics.csv")), row + row);
    }

    void saysThatADiskIsFull()
    {
        const auto file = disk.open_append("/dev/full");
        QCOMPARE(messageOf([&] { file->append("row\n"); }),
            QStringLiteral("cannot write '/dev/full': No space left on device"));
    }

    void namesTheFileThatIsMissing()
    {
        QCOMPARE(messageOf([&] { disk.read(at("absent")); }),
            QStringLiteral("cannot read '%1': No such file or directory")
                .arg(QString::fromStdString(at("absent").string())));
        QVERIFY(messageOf([&] { disk.read(at("")); }).contains(QStringLiteral("Is a directory")));
        QCOMPARE(::mkfifo(at("pipe").c_str(), 0600), 0);
        // and does not wait
        QVERIFY(
            messageOf([&] { disk.read(at("pipe")); }).contains(QStringLiteral("pipe or a device")));
        QVERIFY(messageOf([&] {
            disk.read("/dev/zero");
        }).contains(QStringLiteral("pipe or a device")));
        QVERIFY(messageOf([&] {
            disk.write_atomic(at("no/file"), "");
        }).contains(QStringLiteral("no/file': No such file or directory")));
        QVERIFY(!disk.exists(at("absent")));
        disk.remove(at("absent"));
    }

    void readsFilesWithoutASize() { QVERIFY(disk.read("/proc/self/status").size() > 100); }

    void makesAFolderOnce()
    {
        disk.create_directories(at("a/b"));
        disk.create_directories(at("a/b"));
        QVERIFY(disk.create_directory_exclusive(at("a/version_0")));
        QVERIFY(!disk.create_directory_exclusive(at("a/version_0")));
        QVERIFY(messageOf([&] {
            disk.create_directory_exclusive(at("x/y"));
        }).contains(QStringLiteral("cannot create the folder")));
        disk.write_atomic(at("a/A"), "");
        const std::vector<std::filesystem::path> expected
            = {at("a/A"), at("a/b"), at("a/version_0")};
        QCOMPARE(disk.list(at("a")), expected);
        QVERIFY(disk.list(at("absent")).empty());
    }

    void renamesOverAFile()
    {
        disk.write_atomic(at("new"), "new");
        disk.write_atomic(at("old"), "old");
        disk.rename(at("new"), at("old"));
        QCOMPARE(disk.read(at("old")), std::string("new"));
        QVERIFY(!disk.exists(at("new")));
    }

    void failsOnRequest()
    {
        test::FaultyFileSystem faulty;
        int hooked = 0;
        faulty.before_write = [&hooked](const std::filesystem::path&) { ++hooked; };
        const auto file = faulty.open_append(at("log"));
        faulty.free_bytes = 6;
        file->append("1234");
        QVERIFY(messageOf([&] {
            file->append("5678");
        }).endsWith(QStringLiteral("': No space left on device")));
        QVERIFY_THROWS_EXCEPTION(FileError, faulty.write_atomic(at("doc"), "5678"));
        QVERIFY(!faulty.exists(at("doc")));
        faulty.free_bytes = test::FaultyFileSystem::unlimited;
        file->append("5678");
        faulty.is_read_only = true;
        QVERIFY_THROWS_EXCEPTION(FileError, file->append("9"));
        QVERIFY_THROWS_EXCEPTION(FileError, faulty.create_directories(at("folder")));
        QCOMPARE(faulty.read(at("log")), std::string("12345678"));
        QCOMPARE(hooked, 5);
        QCOMPARE(faulty.write_count.load(), int64_t(5));
    }

    void clockRunsForwardInTheseYears()
    {
        const Clock& clock = Clock::system();
        const auto first = clock.monotonic();
        QVERIFY(clock.monotonic() >= first);
        using namespace std::chrono_literals;
        QVERIFY(clock.wall() > 50 * 365 * 24h); // nanoseconds since 1970
        QVERIFY(clock.wall() < 250 * 365 * 24h);
    }
};
LEYDEN_TEST(TestFileSystem)
} // namespace tst_file_system

#include "tst_file_system.moc"
