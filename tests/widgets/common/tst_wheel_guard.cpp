// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/widget_test.h"
#include "widgets/common/wheel_guard.h"

#include <QApplication>
#include <QComboBox>
#include <QLabel>
#include <QScrollArea>
#include <QScrollBar>
#include <QSpinBox>
#include <QTest>
#include <QVBoxLayout>
#include <QWheelEvent>
#include <QtTest/qtestspontaneevent.h>

namespace tst_wheel_guard {
using namespace leyden::ui;

namespace {

void turnWheel(QWidget* widget)
{
    const QPointF middle = widget->rect().center();
    QWheelEvent event(middle, widget->mapToGlobal(middle), {}, {0, -120}, Qt::NoButton,
        Qt::NoModifier, Qt::NoScrollPhase, false);
    QSpontaneKeyEvent::setSpontaneous(&event); // else it goes to no parent
    qApp->notify(widget, &event);              // sendEvent() would take the mark away
}

} // namespace

class TestWheelGuard final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        m_area = std::make_unique<QScrollArea>();
        auto* page = new QWidget;
        auto* layout = new QVBoxLayout(page);
        m_combo = new QComboBox(page);
        m_combo->addItems({QStringLiteral("a"), QStringLiteral("b"), QStringLiteral("c")});
        m_spin = new QSpinBox(page);
        m_spin->setValue(5);
        auto* other = new QLabel(page);
        other->setMinimumHeight(2000);
        layout->addWidget(m_combo);
        layout->addWidget(m_spin);
        layout->addWidget(other);
        WheelGuard::protect(m_combo);
        WheelGuard::protect(m_spin);
        m_area->setWidget(page);
        m_area->resize(200, 200);
        m_area->show();
        QVERIFY(QTest::qWaitForWindowActive(m_area.get()));
        m_area->setFocus();
    }

    void scrollsThePageInsteadOfTheBox()
    {
        QVERIFY(m_area->verticalScrollBar()->maximum() > 0);
        turnWheel(m_combo);
        QCOMPARE(m_combo->currentIndex(), 0);
        QVERIFY(m_area->verticalScrollBar()->value() > 0);
        const auto before = m_area->verticalScrollBar()->value();
        turnWheel(m_spin);
        QCOMPARE(m_spin->value(), 5);
        QVERIFY(m_area->verticalScrollBar()->value() > before);
        QVERIFY(!m_combo->hasFocus());
    }

    void aFocusedBoxTakesTheWheel()
    {
        m_combo->setFocus();
        QVERIFY(m_combo->hasFocus());
        turnWheel(m_combo);
        QCOMPARE(m_combo->currentIndex(), 1);
        QCOMPARE(m_area->verticalScrollBar()->value(), 0);
    }

private:
    std::unique_ptr<QScrollArea> m_area;
    QComboBox* m_combo = nullptr;
    QSpinBox* m_spin = nullptr;
};
LEYDEN_WIDGET_TEST(TestWheelGuard)
} // namespace tst_wheel_guard

#include "tst_wheel_guard.moc"
