// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/widget_test.h"
#include "tests/widgets/config/sample_schema.h"
#include "widgets/config/config_document.h"
#include "widgets/config/json_editor.h"
#include "widgets/config/json_text.h"
#include "widgets/config/json_view.h"

#include <QTest>
#include <QTextBlock>

namespace tst_json_editor {
using namespace leyden::ui;

class TestJsonEditor final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        m_editor.reset();
        m_document = std::make_unique<ConfigDocument>(sampleSchema());
        m_document->load(sampleConfig());
        m_editor = std::make_unique<JsonEditor>(*m_document);
        m_editor->resize(400, 600);
        m_editor->show();
        QVERIFY(QTest::qWaitForWindowActive(m_editor.get()));
        m_editor->view()->setFocus();
    }

    void cleanup() { m_editor.reset(); }

    void showsTheConfig() { QCOMPARE(text(), jsonText(sampleConfig())); }

    void typedJsonGoesIntoTheDocumentAsOneStep()
    {
        select(QStringLiteral("\"max_epochs\": 10"));
        QTest::keyClicks(m_editor->view(), QStringLiteral("\"max_epochs\": 25"));
        QVERIFY(*m_document->value(epochs) == 25);
        QCOMPARE(m_editor->problem(), QString());
        QCOMPARE(m_document->undoStack()->count(), 1);
        QTest::keySequence(m_editor->view(), QKeySequence::Undo);
        QCOMPARE(text(), jsonText(sampleConfig()));
    }

    void wrongJsonKeepsTheTextAndSaysWhere()
    {
        select(QStringLiteral("\"max_epochs\": 10"));
        QTest::keyClicks(m_editor->view(), QStringLiteral("\"max_epochs\": 1x"));
        QVERIFY(text().contains(QLatin1String("\"max_epochs\": 1x")));
        const auto line
            = int(text().left(text().indexOf(QLatin1String("1x"))).count(QLatin1Char('\n'))) + 1;
        QVERIFY2(m_editor->problem().startsWith(QStringLiteral("Line %1, column ").arg(line)),
            qPrintable(m_editor->problem()));
        QVERIFY(markedLines().contains(line));
        QTest::keyClick(m_editor->view(), Qt::Key_Backspace);
        QCOMPARE(m_editor->problem(), QString());
        QVERIFY(*m_document->value(epochs) == 1);
    }

    void somethingElseThanAnObjectIsRefused()
    {
        m_editor->view()->selectAll();
        QTest::keyClicks(m_editor->view(), QStringLiteral("[1]"));
        QVERIFY(m_editor->problem().contains(QLatin1String("expected an object")));
        QCOMPARE(m_document->config().dump(), sampleConfig().dump());
    }

    void editsElsewhereKeepTheCursor()
    {
        const auto at = int(text().indexOf(QLatin1String("ModelCheckpoint")));
        auto cursor = m_editor->view()->textCursor();
        cursor.setPosition(at);
        m_editor->view()->setTextCursor(cursor);
        m_document->setValue(epochs, 1000); // two letters more, further up
        QCOMPARE(text(), jsonText(m_document->config()));
        QVERIFY(m_editor->view()
                ->document()
                ->toPlainText()
                .mid(m_editor->view()->textCursor().position())
                .startsWith(QLatin1String("ModelCheckpoint")));
    }

    void theLayoutThatSomebodyTypedStays()
    {
        auto cursor = m_editor->view()->textCursor();
        cursor.setPosition(1);
        m_editor->view()->setTextCursor(cursor);
        QTest::keyClick(m_editor->view(), Qt::Key_Return);
        QVERIFY(text().startsWith(QLatin1String("{\n\n")));
        QCOMPARE(m_document->undoStack()->count(), 0); // it says the same
    }

    void marksTheLinesOfProblems()
    {
        m_document->setProblems({{epochs, QStringLiteral("no")},
            {QStringLiteral("/model/init_args/missing"), QStringLiteral("missing")}});
        const auto lineOf = [&](const char* key) {
            return int(text().left(text().indexOf(QLatin1String(key))).count(QLatin1Char('\n')))
                + 1;
        };
        QCOMPARE(markedLines(), (QList<int>{lineOf("\"init_args\""), lineOf("\"max_epochs\"")}));
        m_document->setProblems({});
        QCOMPARE(markedLines(), QList<int>());
    }

    void tabLeavesTheEditor()
    {
        QTest::keyClick(m_editor->view(), Qt::Key_Tab);
        QCOMPARE(text(), jsonText(sampleConfig()));
    }

private:
    QString text() const { return m_editor->view()->toPlainText(); }

    void select(const QString& part)
    {
        auto cursor = m_editor->view()->document()->find(part);
        QVERIFY(!cursor.isNull());
        m_editor->view()->setTextCursor(cursor);
    }

    QList<int> markedLines() const
    {
        QList<int> lines;
        for (const auto& selection : m_editor->view()->extraSelections())
            lines += selection.cursor.blockNumber() + 1;
        return lines;
    }

    const QString epochs = QStringLiteral("/trainer/max_epochs");
    std::unique_ptr<ConfigDocument> m_document;
    std::unique_ptr<JsonEditor> m_editor;
};
LEYDEN_WIDGET_TEST(TestJsonEditor)
} // namespace tst_json_editor

#include "tst_json_editor.moc"
