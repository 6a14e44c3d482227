// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/widget_test.h"
#include "widgets/common/elided_label.h"

#include <QTest>

namespace tst_elided_label {
using namespace leyden::ui;

class TestElidedLabel final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void elidesWhereThereIsNoRoom()
    {
        ElidedLabel label(QStringLiteral("A name that is far too long for sixty pixels"));
        label.resize(60, 20);
        QVERIFY(label.isElided());
        label.resize(label.sizeHint());
        QVERIFY(!label.isElided());
    }

    void mayGetNarrowerThanItsText()
    {
        ElidedLabel label(QString(200, QLatin1Char('x')));
        QVERIFY(label.minimumSizeHint().width() < 100);
        QVERIFY(label.sizeHint().width() > 500);
    }

    void itsMarginsHaveRoomToo()
    {
        ElidedLabel label(QStringLiteral("a name"));
        label.setContentsMargins(8, 0, 8, 0);
        label.resize(label.sizeHint());
        QVERIFY(!label.isElided());
    }

    void tellsTheWholeTextToAssistiveTools()
    {
        ElidedLabel label(QStringLiteral("whole text"));
        label.resize(10, 10);
        QCOMPARE(label.accessibleName(), QStringLiteral("whole text"));
    }
};
LEYDEN_WIDGET_TEST(TestElidedLabel)
} // namespace tst_elided_label

#include "tst_elided_label.moc"
