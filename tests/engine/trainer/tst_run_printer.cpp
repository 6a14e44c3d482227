// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/trainer/run_printer.h"
#include "tests/support/test_program.h"

#include <QByteArray>
#include <QTest>

#include <algorithm>
#include <functional>
#include <limits>

#include <fcntl.h>
#include <pty.h>
#include <unistd.h>

namespace tst_run_printer {
using namespace leyden;

namespace {

/// What is written to standard error, which is a terminal meanwhile.
QByteArray on_a_terminal(const std::function<void()>& write)
{
    int reader = -1;
    int terminal = -1;
    winsize size{.ws_row = 24, .ws_col = 120, .ws_xpixel = 0, .ws_ypixel = 0};
    if (openpty(&reader, &terminal, nullptr, nullptr, &size) != 0)
        return "no terminal";
    std::fflush(stderr);
    const int before = dup(STDERR_FILENO);
    dup2(terminal, STDERR_FILENO);
    write();
    std::fflush(stderr);
    dup2(before, STDERR_FILENO);
    fcntl(reader, F_SETFL, O_NONBLOCK);
    QByteArray text(1 << 16, '\0');
    text.resize(std::max<ssize_t>(0, read(reader, text.data(), size_t(text.size()))));
    for (const int file : {before, terminal, reader})
        close(file);
    return text;
}

ProgressEvent progress(StageKind stage, int64_t epoch, int64_t batch)
{
    ProgressEvent event;
    event.stage = stage;
    event.epoch = epoch;
    event.max_epochs = 2;
    event.batch = batch;
    event.batches = 8;
    return event;
}

} // namespace

class TestRunPrinter final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    // A short run may be over before its second epoch was drawn.
    void theLastLineNamesTheLastEpoch()
    {
        const auto text = on_a_terminal([] {
            RunPrinter printer(PrintStyle{}, BarStyle{.stays = true, .is_shown = true});
            printer.on_event(progress(StageKind::Training, 0, 8));
            printer.on_event(progress(StageKind::Idle, 2, 8));
        });
        const auto last = text.mid(text.lastIndexOf("Epoch"));
        QVERIFY2(last.startsWith("Epoch 1/1 "), text.constData());
        QVERIFY2(text.contains("Epoch 0/1 "), text.constData());
        QVERIFY2(last.contains(" 8/8 "), text.constData());
    }

    // P10 of the public reports: the sign of a NaN says nothing.
    void writesNanWithoutASign()
    {
        const auto text = on_a_terminal([] {
            RunPrinter printer(PrintStyle{}, BarStyle{.is_shown = true});
            RowEvent row;
            row.epoch = 1;
            row.values = {{"val_loss", -std::numeric_limits<double>::quiet_NaN()}};
            printer.on_event(row);
        });
        QVERIFY2(text.contains("val_loss=nan"), text.constData());
        QVERIFY2(!text.contains("-nan"), text.constData());
    }
};
LEYDEN_TEST(TestRunPrinter)
} // namespace tst_run_printer

#include "tst_run_printer.moc"
