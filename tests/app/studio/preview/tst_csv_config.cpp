// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/preview/csv_config.h"

#include "app/studio/preview/preview_builder.h"
#include "engine/config/json_text.h"
#include "engine/config/run_config.h"
#include "engine/trainer/builtin_registry.h"
#include "tests/support/test_program.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

namespace tst_csv_config {
using namespace leyden;
using namespace leyden::app;

namespace {

QString dataset(const char* name)
{
    return QStringLiteral(LEYDEN_SOURCE_DIR "/resources/datasets/") + QLatin1String(name);
}

/// Rows "i,t<i % 3>,<i>.5,r<i>" below a header.
QByteArray table(const QByteArray& header, int rows)
{
    auto text = header + '\n';
    for (int i = 0; i < rows; ++i)
        text += QByteArray::number(i) + ",t" + QByteArray::number(i % 3) + ','
            + QByteArray::number(i) + ".5,r" + QByteArray::number(i) + '\n';
    return text;
}

} // namespace

class TestCsvConfig final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void guessesTheTarget_data()
    {
        QTest::addColumn<QByteArray>("header");
        QTest::addColumn<QString>("target");
        QTest::addColumn<bool>("isClassification");
        QTest::newRow("called label") << QByteArray("id,Label,c,d") << "Label" << true;
        QTest::newRow("called target") << QByteArray("id,b,TARGET,d") << "TARGET" << false;
        QTest::newRow("called species") << QByteArray("id,species,c,d") << "species" << true;
        QTest::newRow("class before species")
            << QByteArray("id,class,species,d") << "class" << true;
        QTest::newRow("y first") << QByteArray("y,b,c,d") << "y" << false;
        QTest::newRow("the last that can be learned") << QByteArray("a,b,c,d") << "c" << false;
    }

    void guessesTheTarget()
    {
        QFETCH(const QByteArray, header);
        QFETCH(const QString, target);
        QFETCH(const bool, isClassification);
        const auto reading = readCsv(file(table(header, 40)));
        QVERIFY2(reading.guess, qPrintable(reading.problem));
        QCOMPARE(reading.guess->choices.target, target);
        QCOMPARE(reading.guess->choices.isClassification, isClassification);
    }

    void guessesForOurDatasets_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("target"); // "": the guess
        QTest::addColumn<bool>("isClassification");
        QTest::newRow("digits") << "digits.csv"
                                << "" << true;
        QTest::newRow("iris") << "iris.csv"
                              << "" << true;
        QTest::newRow("wine") << "wine.csv"
                              << "" << true;
        QTest::newRow("breast cancer") << "breast_cancer.csv"
                                       << "" << true;
        QTest::newRow("diabetes") << "diabetes.csv"
                                  << "" << false;
        QTest::newRow("penguins") << "penguins.csv"
                                  << "species" << true;
        QTest::newRow("penguins' mass") << "penguins.csv"
                                        << "body_mass_g" << false;
    }

    void guessesForOurDatasets()
    {
        QFETCH(const QString, name);
        QFETCH(const QString, target);
        QFETCH(const bool, isClassification);
        auto reading = readCsv(dataset(qPrintable(name)));
        QVERIFY2(reading.guess, qPrintable(reading.problem));
        auto& guess = *reading.guess;
        if (!target.isEmpty())
            chooseTarget(guess, target);
        QCOMPARE(guess.choices.isClassification, isClassification);
        QCOMPARE(choicesProblem(guess), QString());
        checkConfig(guess);
    }

    void leavesOutWhatTeachesNothing()
    {
        const auto reading = readCsv(file(table("id,y,value,name", 40)));
        QVERIFY(reading.guess);
        auto guess = *reading.guess;
        chooseTarget(guess, QStringLiteral("y"));
        QCOMPARE(guess.columns[0].leftOut, QStringLiteral("numbers the rows"));
        QCOMPARE(guess.columns[3].leftOut, QStringLiteral("names each row"));
        QCOMPARE(guess.choices.features, QStringList{QStringLiteral("value")});
        checkConfig(guess);
    }

    void readsATableOfAGermanExcel()
    {
        QByteArray text = "Kunden-Nr;Fl\xE4"
                          "che (m\xB2);Zustand;Preis\r\n";
        for (int i = 0; i < 40; ++i)
            text += QByteArray::number(1001 + i) + ';' + QByteArray::number(40 + i % 9) + ",19;"
                + (i % 2 ? "gut" : "m\xE4\xDFig") + ';'
                + (i == 7 ? QByteArray("k.A.") : QByteArray::number(100 + i) + ".000,50") + "\r\n";
        const auto reading = readCsv(file(text));
        QVERIFY2(reading.guess, qPrintable(reading.problem));
        const auto& guess = *reading.guess;
        QCOMPARE(guess.format.sep, QStringLiteral(";"));
        QCOMPARE(guess.format.decimal, QStringLiteral(","));
        QCOMPARE(guess.format.encoding, QStringLiteral("cp1252"));
        QVERIFY(guess.format.missingWords == QStringList{QStringLiteral("k.A.")});
        QCOMPARE(guess.notes,
            QStringList{QStringLiteral("Numbers with decimal commas: 40,19 is read as 40.19.")});
        QCOMPARE(guess.columns[0].leftOut, QStringLiteral("numbers the rows"));
        QCOMPARE(guess.choices.target, QStringLiteral("Preis"));
        QVERIFY(!guess.choices.isClassification);
        QCOMPARE(guess.choices.features,
            QStringList({QStringLiteral("Fl\u00E4che (m\u00B2)"), QStringLiteral("Zustand")}));
        checkConfig(guess);
        const auto typed
            = readCsv(file(text), {.sep = QStringLiteral(","), .missingWords = QStringList()});
        QVERIFY(!typed.guess); // as somebody says, right or wrong
    }

    void notesNumbersThatAreTexts()
    {
        QByteArray text = "a,b\n";
        for (int i = 0; i < 40; ++i)
            text += QByteArray::number(i) + " kg," + QByteArray::number(i % 3) + '\n';
        const auto reading = readCsv(file(text));
        QVERIFY(reading.guess);
        QVERIFY(reading.guess->notes.value(0).startsWith(
            QStringLiteral("a mixes numbers with texts such as 0 kg, so it is left out;")));
    }

    void takesCareOfMissingValues_data()
    {
        QTest::addColumn<QString>("target");
        QTest::addColumn<QString>("missing");
        QTest::newRow("of a feature") << "b"
                                      << "mean";
        QTest::newRow("of the target") << "a"
                                       << "drop";
    }

    void takesCareOfMissingValues()
    {
        QFETCH(const QString, target);
        QFETCH(const QString, missing);
        QByteArray text = "a,b\n,0\n";
        for (int i = 0; i < 30; ++i)
            text += QByteArray::number(i % 4) + ',' + QByteArray::number(i % 5) + '\n';
        auto reading = readCsv(file(text));
        QVERIFY(reading.guess);
        chooseTarget(*reading.guess, target);
        QVERIFY(csvConfigText(*reading.guess)
                .contains(QStringLiteral("\"missing\": \"%1\"").arg(missing)));
        checkConfig(*reading.guess);
    }

    void saysWhyATableIsOfNoUse_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QString>("sentence");
        QTest::newRow("empty") << QByteArray() << "is empty";
        QTest::newRow("only a header") << QByteArray("a,b\n") << "no rows";
        QTest::newRow("one column") << QByteArray("a\n1\n2\n") << "a single column";
        QTest::newRow("colons") << QByteArray("a:b\n1:2\n1:3\n") << "a single column";
        QTest::newRow("not UTF-8") << QByteArray("a,b\n1,\xe9\x81\n") << "UTF-8";
        QTest::newRow("cut UTF-16") << QByteArray("\xff\xfe\x61\x00\x0a", 5) << "utf-16";
        QTest::newRow("ragged") << QByteArray("a,b\n1,2\n1\n") << "line 3";
        QTest::newRow("few rows") << QByteArray("a,b\n1,2\n3,4\n") << "2 rows";
        QTest::newRow("a picture")
            << QByteArray("\x89PNG\r\n\x1a\n\0\0", 10) << "is a PNG image, not a CSV file";
    }

    void saysWhyATableIsOfNoUse()
    {
        QFETCH(const QByteArray, text);
        QFETCH(const QString, sentence);
        const auto reading = readCsv(file(text));
        QVERIFY(!reading.guess);
        QVERIFY2(reading.problem.contains(sentence), qPrintable(reading.problem));
    }

    void saysThatAFileIsMissing()
    {
        QVERIFY(readCsv(QStringLiteral("/nowhere/a.csv"))
                .problem.contains(QStringLiteral("/nowhere/a.csv")));
        QVERIFY(readCsv(m_folder.path()).problem.contains(QStringLiteral("folder")));
    }

    void saysWhatKeepsChoicesFromWork()
    {
        auto reading = readCsv(file(table("id,y,value,name", 40)));
        auto& guess = *reading.guess;
        chooseTarget(guess, QStringLiteral("y"));
        guess.choices.features.clear();
        QVERIFY(choicesProblem(guess).contains(QStringLiteral("at least one column")));
        chooseTarget(guess, QStringLiteral("y"));
        guess.choices.isClassification = false;
        QVERIFY(choicesProblem(guess).contains(QStringLiteral("as a class")));
        chooseTarget(guess, QStringLiteral("name"));
        QVERIFY(choicesProblem(guess).contains(QStringLiteral("in every row")));
        chooseTarget(guess, QStringLiteral("nothing"));
        QVERIFY(!choicesProblem(guess).isEmpty());
    }

    void fitsEpochsAndBatchesToTheRows()
    {
        const auto of = [&](int rows) {
            const auto reading = readCsv(file(table("id,y,value,name", rows)));
            return parse_json(csvConfigText(*reading.guess).toStdString()).document;
        };
        const auto small = of(100);
        const auto large = of(20'000);
        QVERIFY(
            small["data"]["init_args"]["batch_size"] < large["data"]["init_args"]["batch_size"]);
        QVERIFY(small["trainer"]["max_epochs"] > large["trainer"]["max_epochs"]);
    }

    void namesRunsAfterTheFile()
    {
        const auto reading = readCsv(file(table("a,b,c,d", 40), QStringLiteral("my täble.csv")));
        const auto config = parse_json(csvConfigText(*reading.guess).toStdString()).document;
        QCOMPARE(QString::fromStdString(
                     config["trainer"]["logger"][0]["init_args"]["name"].get<std::string>()),
            QStringLiteral("my_t_ble"));
    }

private:
    QString file(const QByteArray& text, const QString& name = QStringLiteral("a.csv"))
    {
        QFile made(m_folder.filePath(name));
        if (made.open(QIODevice::WriteOnly))
            made.write(text);
        return made.fileName();
    }

    /// The engine takes the config and makes its data and model.
    void checkConfig(const CsvTableGuess& guess)
    {
        const auto registry = builtin_registry();
        const auto text = csvConfigText(guess);
        const auto parsed
            = parse_run_config(parse_json(text.toStdString()).document, registry, {"/", {}});
        QVERIFY2(parsed.problems.empty(),
            parsed.problems.empty() ? "" : parsed.problems.front().message.c_str());
        const auto look = PreviewBuilder(registry, {}).look(text.toUtf8(), "/");
        QVERIFY2(look.data && look.model, qPrintable(look.dataProblem + look.modelProblem));
        QCOMPARE(look.data->target, guess.choices.target);
        QCOMPARE(look.data->isClassification, guess.choices.isClassification);
        QVERIFY(look.data->valRows > 0);
    }

    QTemporaryDir m_folder;
};
LEYDEN_TEST(TestCsvConfig)
} // namespace tst_csv_config

#include "tst_csv_config.moc"
