// SPDX-License-Identifier: GPL-3.0-or-later
// Under a locale with decimal commas, which Qt takes over from the environment.
#include "programs.h"

#include "app/studio/window/decimal_points.h"
#include "tests/support/widget_test.h"

#include <QLabel>
#include <QLineEdit>
#include <QLocale>

#include <clocale>

namespace tst_locale {
using namespace leyden;
using namespace leyden::app;
using leyden::app::test::headlessMetrics;
using leyden::app::test::startStudio;
using leyden::app::test::StudioWindow;
using leyden::app::test::type;
using leyden::test::LeydenProgram;

class TestLocale final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        if (QByteArray(std::localeconv()->decimal_point) != ",")
            QSKIP("the locale de_DE.UTF-8 is missing: install the package locales, then configure "
                  "again");
        QCOMPARE(QLocale().decimalPoint(), QStringLiteral(","));
        useDecimalPoints();
        QCOMPARE(std::localeconv()->decimal_point, ".");
    }

    void readsWritesAndTrainsAsEverywhere()
    {
        StudioWindow studio;
        QVERIFY(studio.window->openPreset(QStringLiteral("iris-linear")));
        const auto* lr = qobject_cast<QLineEdit*>(studio.field("/optimizer/init_args/lr"));
        QVERIFY(lr);
        QVERIFY2(!lr->text().contains(QLatin1Char(',')), qPrintable(lr->text()));
        type(studio.field("/optimizer/init_args/lr"), QStringLiteral("0.0125"));
        const auto exported = studio.path(QStringLiteral("exported.json"));
        studio.window->exportConfig(exported);
        QFile file(exported);
        QVERIFY(file.open(QIODevice::ReadOnly));
        const auto json = file.readAll();
        QVERIFY2(json.contains("\"lr\": 0.0125"), json.constData());

        studio.start();
        QTRY_VERIFY_WITH_TIMEOUT(studio.isIdle() && !studio.controller().folder().isEmpty(), 60000);
        const auto metrics = studio.read(QStringLiteral("metrics.csv"));
        QVERIFY(metrics.contains("0."));
        QCOMPARE(metrics, headlessMetrics(studio, exported));
    }

    void aCommaInANumberIsAPlainError()
    {
        StudioWindow studio;
        QVERIFY(studio.window->openPreset(QStringLiteral("iris-linear")));
        type(studio.field("/optimizer/init_args/lr"), QStringLiteral("0,0125"));
        QTRY_VERIFY(!studio.find<QAction>("startRun")->isEnabled());
        QVERIFY(studio.find<QLabel>("problem:/optimizer/init_args/lr")->isVisible());
    }

    void theProgramItselfWritesPoints()
    {
        StudioWindow studio;
        QVERIFY(studio.window->openPreset(QStringLiteral("iris-linear")));
        const auto exported = studio.path(QStringLiteral("iris.json"));
        studio.window->exportConfig(exported);
        QProcess process;
        startStudio(process, studio, exported);
        const LeydenProgram folder{studio.path(QStringLiteral("runs/iris-linear/version_0"))};
        QTRY_VERIFY_WITH_TIMEOUT(
            folder.read(QStringLiteral("run.json")).contains("\"finished\""), 60000);
        process.kill();
        QVERIFY(process.waitForFinished());

        QCOMPARE(folder.read(QStringLiteral("metrics.csv")), headlessMetrics(studio, exported));
    }
};

LEYDEN_WIDGET_TEST(TestLocale)
} // namespace tst_locale

#include "tst_locale.moc"
