// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/test_program.h"
#include "tests/widgets/config/sample_schema.h"
#include "widgets/config/config_schema.h"

#include <QTest>

#include <algorithm>

namespace tst_form_schema {
using namespace leyden::ui;

class TestFormSchema final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void choosesTheEditor_data()
    {
        QTest::addColumn<EditorKind>("editor");
        QTest::newRow("flag") << EditorKind::Check;
        QTest::newRow("maybe_flag") << EditorKind::Choice;
        QTest::newRow("count") << EditorKind::Text;
        QTest::newRow("maybe_count") << EditorKind::Text;
        QTest::newRow("rate") << EditorKind::Text;
        QTest::newRow("choice") << EditorKind::Choice;
        QTest::newRow("number_choice") << EditorKind::Choice;
        QTest::newRow("file") << EditorKind::Path;
        QTest::newRow("integers") << EditorKind::Text;
        QTest::newRow("weights") << EditorKind::Text;
        QTest::newRow("interval") << EditorKind::Text;
        QTest::newRow("inner") << EditorKind::Component;
        QTest::newRow("inner_list") << EditorKind::ComponentList;
        QTest::newRow("later") << EditorKind::Check;
    }

    void choosesTheEditor()
    {
        QTEST(everyKind(QString::fromLatin1(QTest::currentDataTag())).editor(), "editor");
    }

    void toolTipsSayDefaultAndRange()
    {
        const auto tip = everyKind(QStringLiteral("count")).toolTip();
        QVERIFY(tip.contains(QLatin1String("A whole number")));
        QVERIFY(tip.contains(QLatin1String("Default: 3")));
        QVERIFY(tip.contains(QLatin1String("Allowed: 0 to 10")));
        const auto rate = everyKind(QStringLiteral("rate")).toolTip();
        QVERIFY(rate.contains(QLatin1String("above 0")));
        QVERIFY(rate.contains(QLatin1String("Unit: per step")));
        QVERIFY(everyKind(QStringLiteral("choice")).toolTip().contains(QLatin1String("a, b, c")));
        QVERIFY(everyKind(QStringLiteral("needed")).toolTip().contains(QLatin1String("Required")));
        QVERIFY(everyKind(QStringLiteral("later"))
                .toolTip()
                .contains(QLatin1String("Not available yet")));
    }

    void saysWhatUnsetMeans()
    {
        QCOMPARE(
            everyKind(QStringLiteral("maybe_count")).unsetText(), QStringLiteral("unset: 1000"));
        QCOMPARE(
            everyKind(QStringLiteral("maybe_flag")).unsetText(), QStringLiteral("unset: true"));
        QCOMPARE(everyKind(QStringLiteral("maybe_text")).unsetText(), QStringLiteral("unset"));
        QCOMPARE(everyKind(QStringLiteral("count")).unsetText(), QStringLiteral("3"));
        QCOMPARE(everyKind(QStringLiteral("needed")).unsetText(), QStringLiteral("required"));
    }

    void findsTheFieldOfAPlace_data()
    {
        QTest::addColumn<QString>("pointer");
        QTest::addColumn<QString>("field");
        const auto row = [](const char* pointer, const char* field) {
            QTest::newRow(pointer) << QString::fromLatin1(pointer) << QString::fromLatin1(field);
        };
        row("/trainer/max_epochs", "/trainer/max_epochs");
        row("/model/init_args/hidden_sizes/1", "/model/init_args/hidden_sizes");
        row("/model/init_args/nonsense", "/model");
        row("/model/class_path", "/model");
        row("/lr_scheduler/interval", "/lr_scheduler/interval");
        row("/lr_scheduler/init_args/T_max", "/lr_scheduler/init_args/T_max");
        row("/trainer/callbacks/1/init_args/save_top_k",
            "/trainer/callbacks/1/init_args/save_top_k");
        row("/trainer/callbacks/0/init_args/save_top_k", "/trainer/callbacks");
        row("/trainer/callbacks/7", "/trainer/callbacks");
        row("/trainer/precison", "/trainer");
        row("/nonsense", "");
    }

    void findsTheFieldOfAPlace()
    {
        QFETCH(const QString, pointer);
        QTEST(m_schema.placeOf(sampleConfig(), pointer).pointer, "field");
    }

    void readsASchemaOfNothing()
    {
        const ConfigSchema empty(Json::object());
        QVERIFY(empty.options().empty());
        QVERIFY(empty.components(QStringLiteral("model")).empty());
    }

    void survivesASchemaThatRefersToItself()
    {
        auto properties = Json::object();
        properties["a"]["$ref"] = "#/properties/a";
        properties["b"]["anyOf"].push_back({{"$ref", "#/properties/b"}});
        const ConfigSchema schema(Json{{"properties", properties}});
        QCOMPARE(schema.options().size(), 2u);
    }

private:
    const OptionSchema& everyKind(const QString& name) const
    {
        const auto& options
            = m_schema.component(QStringLiteral("model"), QStringLiteral("EveryKind"))->initArgs;
        return *std::find_if(options.begin(), options.end(),
            [&](const OptionSchema& option) { return option.name == name; });
    }

    const ConfigSchema m_schema{sampleSchema()};
};
LEYDEN_TEST(TestFormSchema)
} // namespace tst_form_schema

#include "tst_form_schema.moc"
