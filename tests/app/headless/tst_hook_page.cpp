// SPDX-License-Identifier: GPL-3.0-or-later
// resources/help/hooks.md and its picture say what a run really calls, in the order of its trace.
#include "tests/app/headless/leyden_program.h"
#include "tests/support/test_program.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QRegularExpression>
#include <QSet>
#include <QTemporaryDir>
#include <QTest>
#include <QXmlStreamReader>

namespace tst_hook_page {
using leyden::test::LeydenProgram;

namespace {

const QString source = QStringLiteral(LEYDEN_SOURCE_DIR "/");
const QStringList fitOrder{QStringLiteral("Start"), QStringLiteral("Sanity check"),
    QStringLiteral("Training begins"), QStringLiteral("Each epoch begins"),
    QStringLiteral("Each training batch"), QStringLiteral("Validation"),
    QStringLiteral("Each epoch ends"), QStringLiteral("End")};

QString readText(const QString& path)
{
    QFile file(source + path);
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

/// A row of a table of the page: a hook (or "Validation", for all of that section) and on whom it
/// is called.
struct Row
{
    QString hook;
    QStringList on;
};

QMap<QString, QList<Row>> readPage()
{
    QMap<QString, QList<Row>> sections;
    QString section;
    static const QRegularExpression row(
        QStringLiteral(R"(^\| (?:`(\w+)`|\*(\w+)\*) \| ([DCM, ]*|call) \|)"));
    for (const auto& line : readText(QStringLiteral("resources/help/hooks.md")).split(u'\n')) {
        if (line.startsWith(QLatin1String("## ")))
            section = line.mid(3);
        if (const auto found = row.match(line); found.hasMatch())
            sections[section].append({found.captured(1) + found.captured(2),
                found.captured(3).split(QStringLiteral(", "))});
    }
    return sections;
}

/// "C on_train_start" for each line that the section's rows stand for.
QStringList linesOf(const QMap<QString, QList<Row>>& page, const QString& section)
{
    QStringList lines;
    for (const auto& row : page.value(section)) {
        if (row.hook == QLatin1String("Validation")) {
            lines += linesOf(page, row.hook).mid(1);
            continue;
        }
        for (const auto& on : row.on)
            lines += on + u' ' + row.hook;
    }
    return lines;
}

QStringList traced(const QByteArray& trace)
{
    QStringList lines;
    for (const auto& text : trace.trimmed().split('\n')) {
        const auto line = QJsonDocument::fromJson(text).object();
        if (line.contains(QLatin1String("call")))
            lines += QStringLiteral("call ") + line.value(QLatin1String("call")).toString();
        else if (line.contains(QLatin1String("hook")))
            lines += line.value(QLatin1String("on")).toString().at(0).toUpper() + QString(u' ')
                + line.value(QLatin1String("hook")).toString();
    }
    return lines;
}

QString firstDifference(const QStringList& found, const QStringList& expected)
{
    for (qsizetype i = 0; i < std::max(found.size(), expected.size()); ++i) {
        if (found.value(i) != expected.value(i))
            return QStringLiteral("line %1: the run has '%2', the page '%3'")
                .arg(i)
                .arg(found.value(i), expected.value(i));
    }
    return {};
}

} // namespace

class TestHookPage final : public QObject
{
    Q_OBJECT

private:
    QTemporaryDir m_folder;
    QMap<QString, QList<Row>> m_page = readPage();

    QStringList run(const QString& verb, const QStringList& more)
    {
        const LeydenProgram leyden{m_folder.path()};
        const auto result
            = leyden.run(QStringList{verb, QStringLiteral("--config"),
                             source + QStringLiteral("tests/data/lightning/hook_order/config.json"),
                             QStringLiteral("--run_dir"), verb, QStringLiteral("--trace"),
                             verb + QStringLiteral(".jsonl"), QStringLiteral("--quiet")}
                + more);
        if (result.exitCode != 0)
            qWarning("%s", result.errors.constData());
        return traced(leyden.read(verb + QStringLiteral(".jsonl")));
    }

private Q_SLOTS:
    void fitGoesAsThePageSays()
    {
        QStringList expected;
        for (const auto& section : fitOrder) {
            const auto lines = linesOf(m_page, section);
            QVERIFY2(!lines.isEmpty(), qPrintable(section));
            const bool isBatch = section == QLatin1String("Each training batch");
            expected += isBatch ? lines + lines : lines; // the run has two
        }
        QCOMPARE(firstDifference(run(QStringLiteral("fit"), {}), expected), QString());
    }

    void evaluationsGoAsThePageSays_data()
    {
        QTest::addColumn<QString>("section");
        QTest::newRow("test") << QStringLiteral("Test");
        QTest::newRow("predict") << QStringLiteral("Predict");
    }
    void evaluationsGoAsThePageSays()
    {
        QFETCH(const QString, section);
        const auto verb = section.toLower();
        const QStringList limits{QStringLiteral("--data.init_args.test_fraction=0.2"),
            QStringLiteral("--trainer.limit_%1_batches=1").arg(verb)};
        QCOMPARE(firstDifference(run(verb, limits), linesOf(m_page, section)), QString());
    }

    void pictureShowsWhatThePageSays()
    {
        QXmlStreamReader svg(readText(QStringLiteral("resources/help/hook-order.svg")));
        QMap<QString, QStringList> boxes;
        QString box, kind;
        while (!svg.atEnd()) {
            svg.readNext();
            if (svg.isStartElement() && svg.name() == QLatin1String("text")) {
                kind = svg.attributes().value(QLatin1String("class")).toString();
                const auto text = svg.readElementText();
                if (kind == QLatin1String("title"))
                    box = text;
                else if (kind == QLatin1String("hook"))
                    boxes[box] += text;
                else if (kind == QLatin1String("ref"))
                    boxes[box] += QStringLiteral("Validation");
            }
        }
        QVERIFY2(!svg.hasError(), qPrintable(svg.errorString()));
        for (const auto& section : fitOrder) {
            QStringList hooks;
            for (const auto& row : m_page.value(section))
                hooks += row.hook;
            QCOMPARE(boxes.value(section), hooks);
        }
        QCOMPARE(boxes.size(), fitOrder.size());
    }

    void pageNamesEveryHook()
    {
        const auto page = readText(QStringLiteral("resources/help/hooks.md"));
        static const QRegularExpression entry(
            QStringLiteral(R"re(\{"(\w+)", (?:forbidden|train_batch|eval_batch|epoch_only)\})re"));
        auto hooks = entry.globalMatch(readText(QStringLiteral("engine/trainer/hook.cpp")));
        int count = 0;
        while (hooks.hasNext()) {
            const auto name = hooks.next().captured(1);
            ++count;
            QVERIFY2(page.contains(u'`' + name + u'`'), qPrintable(name));
        }
        QVERIFY(count > 55);
    }
};
LEYDEN_TEST(TestHookPage)
} // namespace tst_hook_page

#include "tst_hook_page.moc"
