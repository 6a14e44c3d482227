// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/test_program.h"
#include "widgets/config/place_text.h"

#include <QTest>

namespace tst_place_text {
using namespace leyden::ui;

class TestPlaceText final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void saysWhereInTheFormsWords_data()
    {
        QTest::addColumn<QString>("pointer");
        QTest::addColumn<QString>("place");
        const auto row = [](const char* pointer, const char* place) {
            QTest::newRow(*pointer ? pointer : "whole")
                << QString::fromLatin1(pointer) << QString::fromLatin1(place);
        };
        row("", "");
        row("/seed_everything", "seed_everything");
        row("/model", "Model");
        row("/model/class_path", "Model");
        row("/model/init_args/dropout", "Model > dropout");
        row("/model/init_args/hidden_sizes/1", "Model > hidden_sizes, 2nd value");
        row("/model/init_args/hidden_sizes/10", "Model > hidden_sizes, 11th value");
        row("/model/init_args/hidden_sizes/20", "Model > hidden_sizes, 21st value");
        row("/data/init_args/features/2", "Data > features, 3rd value");
        row("/lr_scheduler/interval", "Learning rate schedule > interval");
        row("/trainer/max_epochs", "Trainer > max_epochs");
        row("/trainer/callbacks/0/init_args/monitor",
            "Trainer > callbacks > EarlyStopping > monitor");
        row("/trainer/callbacks/1/init_args/mode",
            "Trainer > callbacks > 1st ModelCheckpoint > mode");
        row("/trainer/callbacks/2", "Trainer > callbacks > 2nd ModelCheckpoint");
        row("/trainer/callbacks/7/init_args/x", "Trainer > callbacks, 8th value > x"); // none there
        row("/0", "0");
        row("/a~1b/c~0d", "a/b > c~d");
    }

    void saysWhereInTheFormsWords()
    {
        QFETCH(const QString, pointer);
        QFETCH(const QString, place);
        const auto config = Json::parse(R"({
            "model": {"class_path": "MLP", "init_args": {"hidden_sizes": [1, 2, 3]}},
            "data": {"class_path": "CSVData", "init_args": {"features": ["a", "b", "c"]}},
            "trainer": {"callbacks": [{"class_path": "EarlyStopping"},
                {"class_path": "ModelCheckpoint"}, {"class_path": "ModelCheckpoint"}]}
        })");
        QCOMPARE(placeText(config, pointer), place);
        QCOMPARE(placedMessage(config, pointer, QStringLiteral("no")),
            place.isEmpty() ? QStringLiteral("no") : place + QStringLiteral(": no"));
    }
};
LEYDEN_TEST(TestPlaceText)
} // namespace tst_place_text

#include "tst_place_text.moc"
