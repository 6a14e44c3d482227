// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/widget_test.h"
#include "widgets/common/icon.h"
#include "widgets/common/theme.h"

#include <QApplication>
#include <QDir>
#include <QLineEdit>
#include <QListView>
#include <QProxyStyle>
#include <QSignalSpy>
#include <QStandardItemModel>
#include <QStyle>
#include <QTest>
#include <QToolButton>

namespace tst_theme {
using namespace leyden::ui;

namespace {

/// The colour of the pixel that differs most from transparent: that of the strokes.
QColor strokeColor(const QIcon& icon, QIcon::Mode mode = QIcon::Normal)
{
    const auto image
        = icon.pixmap(QSize(48, 48), mode).toImage().convertToFormat(QImage::Format_ARGB32);
    QColor strongest(0, 0, 0, 0);
    for (int y = 0; y < image.height(); ++y) {
        for (int x = 0; x < image.width(); ++x) {
            const auto color = image.pixelColor(x, y);
            if (color.alpha() > strongest.alpha())
                strongest = color;
        }
    }
    return strongest;
}

} // namespace

class TestTheme final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void textIsReadable_data()
    {
        QTest::addColumn<bool>("dark");
        QTest::newRow("light") << false;
        QTest::newRow("dark") << true;
    }

    void textIsReadable()
    {
        QFETCH(const bool, dark);
        const auto palette = themePalette(dark);
        const auto colors = themeColors(palette);
        const auto check = [&](const QColor& ink, const QColor& ground) {
            QVERIFY2(contrastRatio(ink, ground) >= 4.5,
                qPrintable(QStringLiteral("%1 on %2: %3")
                        .arg(ink.name(), ground.name())
                        .arg(contrastRatio(ink, ground))));
        };
        const auto color = [&](QPalette::ColorRole role) { return palette.color(role); };
        check(color(QPalette::ButtonText), color(QPalette::Button));
        check(color(QPalette::HighlightedText), color(QPalette::Highlight));
        check(color(QPalette::ToolTipText), color(QPalette::ToolTipBase));
        for (const auto& ground : {color(QPalette::Window), color(QPalette::Base),
                 color(QPalette::AlternateBase), colors.card}) {
            check(color(QPalette::Text), ground);
            check(color(QPalette::PlaceholderText), ground);
            check(color(QPalette::Link), ground);
            check(color(QPalette::LinkVisited), ground);
            for (const auto& ink :
                {colors.accent, colors.muted, colors.error, colors.warning, colors.success})
                check(ink, ground);
        }
    }

    void ratioFollowsTheStandard()
    {
        QCOMPARE(contrastRatio(Qt::black, Qt::white), 21.0);
        QVERIFY(qAbs(contrastRatio(QColor(0x777777), Qt::white) - 4.48) < 0.01);
    }

    void switchesWhileRunning()
    {
        Theme theme;
        const auto* style = qobject_cast<const QProxyStyle*>(QApplication::style());
        QVERIFY(style);
        QCOMPARE(style->baseStyle()->name().toLower(), QStringLiteral("fusion"));
        QSignalSpy changed(&theme, &Theme::changed);
        theme.setMode(ThemeMode::Dark);
        QVERIFY(theme.isDark());
        QVERIFY(isDark(QApplication::palette()));
        theme.setMode(ThemeMode::Light);
        QVERIFY(!isDark(QApplication::palette()));
        QCOMPARE(changed.size(), 2);
    }

    void outlinesCanBeSeen_data()
    {
        QTest::addColumn<bool>("dark");
        QTest::newRow("light") << false;
        QTest::newRow("dark") << true;
    }

    /// Of inputs: 1.5:1 at least, beside their different ground; of the squares to tick: 3:1.
    void outlinesCanBeSeen()
    {
        QFETCH(const bool, dark);
        Theme theme;
        theme.setMode(dark ? ThemeMode::Dark : ThemeMode::Light);
        const auto picture = [](QWidget& widget) {
            widget.ensurePolished();
            QImage image(widget.size(), QImage::Format_RGB32);
            widget.render(&image);
            return image;
        };
        QLineEdit edit;
        edit.resize(100, 26);
        QVERIFY(contrastRatio(picture(edit).pixelColor(50, 0),
                    QApplication::palette().color(QPalette::Window))
            > 1.5);
        QStandardItemModel items(1, 1);
        items.setItem(0, new QStandardItem(QStringLiteral("x")));
        items.item(0)->setCheckable(true);
        QListView list;
        list.setFrameShape(QFrame::NoFrame);
        list.setModel(&items);
        list.resize(100, 40);
        const auto rect = list.visualRect(items.index(0, 0));
        QVERIFY(rect.height() >= list.fontMetrics().height() + 5);
        const auto image = picture(list);
        double best = 1.0;
        for (int x = 0; x < 20; ++x)
            best = std::max(best,
                contrastRatio(image.pixelColor(x, rect.center().y()),
                    QApplication::palette().color(QPalette::Base)));
        QVERIFY2(best > 3.0 || !dark, qPrintable(QString::number(best)));
    }

    void systemModeFollowsTheFirstPalette()
    {
#if QT_VERSION >= QT_VERSION_CHECK(6, 5, 0)
        QSKIP("Qt itself says what the system's scheme is");
#endif
        QApplication::setPalette(themePalette(true));
        Theme theme;
        QCOMPARE(theme.mode(), ThemeMode::System);
        QVERIFY(theme.isDark());
        QApplication::setPalette(themePalette(false)); // the desktop went light
        QVERIFY(!theme.isDark());
    }

    void everyIconFileDraws()
    {
        const QDir files(QStringLiteral(LEYDEN_SOURCE_DIR "/resources/icons"));
        const auto names = files.entryList({QStringLiteral("*.svg")});
        QVERIFY(names.size() >= 28);
        for (const auto& name : names) {
            const auto icon = Icon::themed(name.chopped(4));
            QVERIFY2(!icon.isNull(), qPrintable(name));
            QVERIFY2(strokeColor(icon).alpha() > 200, qPrintable(name));
        }
        QVERIFY(Icon::themed(QStringLiteral("no such icon")).isNull());
        QTest::failOnWarning(QRegularExpression(QStringLiteral("QPainter")));
        QVERIFY(Icon::themed(QStringLiteral("play")).pixmap(QSize(0, 16)).isNull());
    }

    void iconsTakeTheColoursOfTheTheme()
    {
        Theme theme;
        const auto icon = Icon::themed(QStringLiteral("stop"));
        const auto error = Icon::themed(QStringLiteral("stop"), IconTone::Error);
        for (const auto mode : {ThemeMode::Dark, ThemeMode::Light}) {
            theme.setMode(mode);
            const auto palette = QApplication::palette();
            QCOMPARE(strokeColor(icon).name(), palette.color(QPalette::ButtonText).name());
            QCOMPARE(strokeColor(error).name(), themeColors(palette).error.name());
            QCOMPARE(strokeColor(icon, QIcon::Disabled).name(),
                palette.color(QPalette::Disabled, QPalette::ButtonText).name());
        }
    }

    void iconsAreSharpOnDenseScreens()
    {
        const auto pixmap = Icon::themed(QStringLiteral("play")).pixmap(QSize(16, 16), 2.0);
        QCOMPARE(pixmap.size(), QSize(32, 32));
        QCOMPARE(pixmap.devicePixelRatio(), 2.0);
    }
};
LEYDEN_WIDGET_TEST(TestTheme)
} // namespace tst_theme

#include "tst_theme.moc"
