// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/widget_test.h"
#include "widgets/common/elided_header.h"
#include "widgets/common/message_box.h"
#include "widgets/common/plain_text.h"
#include "widgets/common/theme.h"

#include <QDialogButtonBox>
#include <QLabel>
#include <QMessageBox>
#include <QPushButton>
#include <QStandardItemModel>
#include <QStyle>
#include <QTest>
#include <QTextDocument>

namespace tst_plain_text {
using namespace leyden::ui;

class TestPlainText final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void shortensWhatCannotBeBroken_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("shown");
        const auto n = [](int count) { return QString(count, QLatin1Char('n')); };
        QTest::newRow("nothing") << QString() << QString();
        QTest::newRow("a sentence")
            << QStringLiteral(
                   "a few words, however many of them there may be in it, are left alone")
            << QStringLiteral(
                   "a few words, however many of them there may be in it, are left alone");
        QTest::newRow("as long as may be") << n(60) << n(60);
        QTest::newRow("a long name")
            << n(300) + QStringLiteral(" failed")
            << n(30) + QStringLiteral("…") + n(29) + QStringLiteral(" failed");
        QTest::newRow("two lines")
            << n(10) + QLatin1Char('\n') + n(10) << n(10) + QLatin1Char('\n') + n(10);
    }

    void shortensWhatCannotBeBroken()
    {
        QFETCH(const QString, text);
        QFETCH(const QString, shown);
        QCOMPARE(withShortWords(text), shown);
    }

    void aLabelKeepsTheWhole()
    {
        QLabel label;
        label.setWordWrap(true);
        const auto text = QString(300, QLatin1Char('n')) + QStringLiteral(" <b>failed</b>");
        showPlainText(label, text);
        QCOMPARE(label.textFormat(), Qt::PlainText);
        QVERIFY(label.text().endsWith(QStringLiteral("<b>failed</b>")));
        QVERIFY(label.text().size() < 100);
        QTextDocument tip;
        tip.setHtml(label.toolTip());
        QCOMPARE(tip.toPlainText().remove(QChar(0x200b)), text);
        showPlainText(label, QStringLiteral("short"));
        QVERIFY(label.toolTip().isEmpty());
    }

    void aToolTipIsNoHtml_data()
    {
        QTest::addColumn<QString>("text");
        QTest::newRow("plain") << "a < b & c";
        QTest::newRow("tags") << "<b>bold<i> 100%2.json";
        QTest::newRow("lines") << "<one>\n<two>";
        QTest::newRow("long") << QString(500, QLatin1Char('x'));
    }

    void aToolTipIsNoHtml()
    {
        QFETCH(const QString, text);
        const auto tip = plainToolTip(text);
        QTextDocument shown; // as QToolTip takes it
        if (Qt::mightBeRichText(tip))
            shown.setHtml(tip);
        else
            shown.setPlainText(tip);
        QCOMPARE(shown.toPlainText().remove(QChar(0x200b)), text);
    }

    void aBoxShowsItsTextsAsTheyStand()
    {
        Theme theme;
        QWidget window;
        const auto name = QStringLiteral("<b>bold<i> 100%2.json");
        auto* box
            = makeMessageBox(&window, QStringLiteral("info"), IconTone::Accent, {}, name, name);
        box->addButton(QMessageBox::Cancel);
        box->open();
        int texts = 0;
        for (const auto* label : box->findChildren<QLabel*>())
            if (label->text() == name) {
                QCOMPARE(label->textFormat(), Qt::PlainText);
                ++texts;
            }
        QCOMPARE(texts, 2);
        QCOMPARE(box->icon(), QMessageBox::NoIcon); // of the style; it has one of ours
        QVERIFY(!box->iconPixmap().isNull());
    }

    void buttonsOfDialogsHaveNoStockIcons()
    {
        Theme theme;
        QCOMPARE(QApplication::style()->styleHint(QStyle::SH_DialogButtonBox_ButtonsHaveIcons), 0);
        QDialogButtonBox buttons(QDialogButtonBox::Cancel | QDialogButtonBox::Close);
        for (const auto* button : buttons.findChildren<QPushButton*>())
            QVERIFY(button->icon().isNull());
    }

    void aHeaderEndsInAnEllipsis()
    {
        QStandardItemModel model(1, 2);
        model.setHorizontalHeaderLabels(
            {QString(300, QLatin1Char('c')) + QStringLiteral("\nnumber"),
                QStringLiteral("a\ntext")});
        ElidedHeader header;
        header.setModel(&model);
        header.resizeSection(0, 200);
        const auto lines = header.shownText(0).split(QLatin1Char('\n'));
        QCOMPARE(lines.size(), 2);
        QVERIFY(
            lines[0].startsWith(QStringLiteral("ccc")) && lines[0].endsWith(QStringLiteral("…")));
        QVERIFY(header.fontMetrics().horizontalAdvance(lines[0]) <= 200);
        QCOMPARE(lines[1], QStringLiteral("number"));
        QCOMPARE(header.shownText(1), QStringLiteral("a\ntext"));
    }
};
LEYDEN_WIDGET_TEST(TestPlainText)
} // namespace tst_plain_text

#include "tst_plain_text.moc"
