// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/session/output_root.h"
#include "tests/support/test_program.h"

#include <QTest>

namespace tst_output_root {
using namespace leyden;
using namespace leyden::app;

class TestOutputRoot final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void doublesNoFolder_data()
    {
        QTest::addColumn<QString>("runs");
        QTest::addColumn<QString>("trainer");
        QTest::addColumn<QString>("root");
        const auto row
            = [](const char* name, const char* runs, const char* trainer, const char* root) {
                  QTest::newRow(name) << QString::fromLatin1(runs) << QString::fromLatin1(trainer)
                                      << QString::fromLatin1(root);
              };
        const auto* usual
            = R"({"logger": [{"class_path": "CSVLogger", "init_args": {"save_dir": "runs"}}]})";
        row("another folder", "/home/me/Leyden", usual, "/home/me/Leyden");
        row("a folder of that name", "/home/me/runs", usual, "/home/me");
        row("with a slash", "/home/me/runs/", usual, "/home/me");
        row("deeper inside", "/home/me/runs",
            R"({"logger": {"class_path": "CSVLogger", "init_args": {"save_dir": "./runs/mnist"}}})",
            "/home/me");
        row("only begins like it", "/home/me/runs",
            R"({"logger": [{"class_path": "CSVLogger", "init_args": {"save_dir": "runs2"}}]})",
            "/home/me/runs");
        row("no logger", "/home/me/runs", R"({"logger": false})", "/home/me/runs");
        row("the default logger", "/home/me/runs", R"({})", "/home/me/runs");
        row("a short form", "/home/me/runs", R"({"logger": "CSVLogger"})", "/home/me/runs");
        row("one of two elsewhere", "/home/me/runs",
            R"({"logger": [{"class_path": "CSVLogger", "init_args": {"save_dir": "runs"}},
                {"class_path": "CSVLogger", "init_args": {"save_dir": "logs"}}]})",
            "/home/me/runs");
        row("an absolute folder", "/home/me/runs",
            R"({"logger": [{"class_path": "CSVLogger", "init_args": {"save_dir": "/tmp/runs"}}]})",
            "/home/me/runs");
        row("checkpoints elsewhere", "/home/me/runs",
            R"({"logger": [{"class_path": "CSVLogger", "init_args": {"save_dir": "runs"}}],
                "callbacks": [{"class_path": "ModelCheckpoint", "init_args": {"dirpath": "kept"}}]})",
            "/home/me/runs");
        row("the root", "/", usual, "/");
        row("none", "", usual, "");
    }

    void doublesNoFolder()
    {
        QFETCH(const QString, runs);
        QFETCH(const QString, trainer);
        QFETCH(const QString, root);
        ui::Json config = ui::Json::object();
        config["trainer"] = ui::Json::parse(trainer.toStdString());
        QCOMPARE(outputRootOf(runs, config), root);
    }

    void aConfigThatIsNoneChangesNothing()
    {
        QCOMPARE(outputRootOf(QStringLiteral("/a/runs"), ui::Json()), QStringLiteral("/a/runs"));
        QCOMPARE(
            outputRootOf(QStringLiteral("/a/runs"), ui::Json::array()), QStringLiteral("/a/runs"));
    }
};

LEYDEN_TEST(TestOutputRoot)
} // namespace tst_output_root

#include "tst_output_root.moc"
