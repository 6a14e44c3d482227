// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/errors.h"
#include "engine/data/csv_data.h"
#include "engine/data/csv_guess.h"
#include "tests/support/test_program.h"

#include <nlohmann/json.hpp>

#include <QTemporaryDir>
#include <QTest>

#include <filesystem>
#include <fstream>
#include <functional>
#include <string>

namespace tst_csv_guess {
using namespace leyden;

class TestCsvGuess final : public QObject
{
    Q_OBJECT

    /// A header and 40 rows.
    std::string file_with(const std::string& header, const std::function<std::string(int)>& row)
    {
        auto text = header;
        for (int i = 0; i < 40; ++i)
            text += "\n" + row(i);
        const auto file = std::filesystem::path(folder_.path().toStdString()) / "my tables.2.csv";
        std::ofstream(file, std::ios::binary) << text << "\n";
        return file.string();
    }

    static QStringList joined(const std::vector<std::string>& list)
    {
        QStringList result;
        for (const auto& text : list)
            result += QString::fromStdString(text);
        return result;
    }

    static std::string number(int value) { return std::to_string(value); }

private Q_SLOTS:
    void leavesOutIdentifiersAndNames()
    {
        const auto path = file_with(
            ",rownames,Kunden-Nr,PassengerId,room,count,name,city,day,mark,y", [](int i) {
                return number(i) + "," + number(i + 7) + "," + number(1000 + i * 3 % 97) + ","
                    + number(i * i) + "," + number(100 + i * 7 % 40) + "," + number(i % 30) + ",n"
                    + number(i) + ",c" + number(i % 25) + ",2024-01-" + number(10 + i % 20) + ","
                    + (i % 2 ? "5 kg" : "7 kg") + "," + number(i % 2);
            });
        const auto guess = guess_csv({.path = path});
        QCOMPARE(joined(csv_guess_lines(guess)).join(u'\n'),
            QStringLiteral("separator: comma\n"
                           "decimal sign: \".\"\n"
                           "thousands separator: none\n"
                           "encoding: utf-8\n"
                           "target: \"y\", the last column\n"
                           "task: classification\n"
                           "left out: column 1, which has no name\n"
                           "left out: \"rownames\", which numbers the rows\n"
                           "left out: \"Kunden-Nr\", which numbers the rows\n"
                           "left out: \"PassengerId\", which numbers the rows\n"
                           "left out: \"name\", which names each row\n"
                           "left out: \"city\", which has a text of its own in most rows\n"
                           "left out: \"mark\", which mixes numbers and text, or writes numbers as "
                           "text, such as \"7 kg\" in line 2"));
        QVERIFY(guess.features == (std::vector<std::string>{"room", "count", "day"}));
    }

    void keepsYearsAndWhatThereIs()
    {
        auto path = file_with("id,year,y",
            [](int i) { return number(i) + "," + number(1871 + i) + "," + number(i % 9) + ".5"; });
        QVERIFY(guess_csv({.path = path}).features == std::vector<std::string>{"year"});
        path = file_with("id,y", [](int i) { return number(i) + "," + number(i % 9) + ".5"; });
        const auto guess = guess_csv({.path = path}); // which has nothing better
        QVERIFY(guess.features == std::vector<std::string>{"id"});
        QVERIFY(!joined(csv_guess_lines(guess)).join(u'\n').contains(QStringLiteral("left out")));
    }

    void proposesWordsForMissingValues()
    {
        const auto path = file_with("a;b;c;y", [](int i) {
            return (i % 9 == 4 ? "k.A." : number(i) + ",5") + ";"
                + (i % 7 == 3 ? "closed" : number(i % 6)) + ";"
                + (i % 5 == 1        ? "N/A"
                        : i % 5 == 2 ? "-"
                                     : "x")
                + ";" + number(i % 3);
        });
        const auto guess = guess_csv({.path = path});
        QVERIFY(guess.format.na_values
            == (std::vector<std::string>{
                "", "NA", "NaN", "k.A.", "closed", "N/A"})); // "-" may be a text
        QCOMPARE(guess.words[0].cells, int64_t(4));
        QCOMPARE(int(guess.missing), int(MissingValues::Mean));
        QVERIFY(guess.features == (std::vector<std::string>{"a", "b", "c"}));
        QCOMPARE(guess.preview.columns[0].missing, int64_t(4));
        const auto lines = joined(csv_guess_lines(guess));
        QVERIFY(lines.contains(QStringLiteral("separator: semicolon")));
        QVERIFY(lines.contains(QStringLiteral("decimal sign: \",\", as in \"0,5\"")));
        QVERIFY(
            lines.contains(QStringLiteral("missing value: \"k.A.\" (4 cells, first in \"a\")")));
        QVERIFY(lines.contains(QStringLiteral("missing: mean, for features lack values")));
        const auto data = csv_run_config(guess, path)["data"]["init_args"];
        QCOMPARE(data["sep"].get<std::string>(), std::string(";"));
        QCOMPARE(data["decimal"].get<std::string>(), std::string(","));
        QVERIFY(data["thousands"].is_null());
        QCOMPARE(data["na_values"].size(), size_t(6));
        QVERIFY(!data.contains("encoding"));
        CSVData read(csv_options(guess, path));
        QCOMPARE(read.spec().train_rows + read.spec().val_rows, int64_t(40));

        const auto strict
            = guess_csv({.path = path, .na_values = std::vector<std::string>{"", "-"}});
        QVERIFY(strict.words.empty()); // somebody said which
        QCOMPARE(int(strict.left_out[0]), int(CsvLeftOut::NotNumbers));
    }

    void sparesRowsWhereTheTargetLacksValues()
    {
        const auto path = file_with("a,b,c,y", [](int i) {
            return number(i % 5) + "," + (i % 4 ? "" : "1.5") + "," + (i == 3 ? "" : number(i % 7))
                + "," + (i % 10 == 9 ? "" : number(i) + ".5");
        });
        const auto guess = guess_csv({.path = path});
        QCOMPARE(int(guess.missing), int(MissingValues::Drop));
        QVERIFY(guess.lacking == (std::vector<std::string>{"b"})); // 10 rows would be left
        QVERIFY(guess.features == (std::vector<std::string>{"a", "c"}));
        CSVData data(csv_options(guess, path));
        QCOMPARE(data.spec().train_rows + data.spec().val_rows, int64_t(35));
        QCOMPARE(guess.used_rows(), int64_t(35));
    }

    void takesATargetThatCanBeLearned_data()
    {
        QTest::addColumn<QString>("header");
        QTest::addColumn<QString>("target");
        QTest::newRow("the last") << "a,b,c" << "b"; // c is one value, so nothing to learn
        QTest::newRow("by name") << "Price,b,c" << "Price";
        QTest::newRow("y in front") << "y,b,c" << "y";
        QTest::newRow("a name for what cannot be learned") << "a,b,target" << "b";
    }

    void takesATargetThatCanBeLearned()
    {
        QFETCH(const QString, header);
        QFETCH(const QString, target);
        const auto path = file_with(header.toStdString(),
            [](int i) { return number(i * 7 % 40) + "," + number(i % 4) + ",5"; });
        QCOMPARE(QString::fromStdString(guess_csv({.path = path}).target), target);
        QCOMPARE(guess_csv({.path = path, .target = header.split(u',')[2].toStdString()}).target,
            header.split(u',')[2].toStdString());
    }

    void leavesDatesAsTargetsToTheirError()
    {
        auto path = file_with(
            "a,y", [](int i) { return number(i % 5) + ",2024-01-" + number(10 + i % 22); });
        auto guess = guess_csv({.path = path, .target = "y"});
        QVERIFY_EXCEPTION_THROWN(CSVData(csv_options(guess, path)).spec(), DataError);
        path = file_with(
            "a,y", [](int i) { return number(i % 5) + ",2024-01-" + number(10 + i % 4); });
        guess = guess_csv({.path = path, .target = "y"}); // few, and told
        QCOMPARE(CSVData(csv_options(guess, path)).spec().outputs, int64_t(4));
        QVERIFY(
            joined(csv_guess_lines(guess)).join(u'\n').contains(QStringLiteral("each date or")));
    }

    void takesFewSpelledNumbersForClasses()
    {
        const auto path = file_with("a,y", [](int i) {
            return number(i) + "," + (i % 5 ? number(5 + i % 5) : i % 2 ? "<5" : "10+");
        });
        const auto guess = guess_csv({.path = path, .target = "y"});
        QVERIFY(guess.is_classification);
        QCOMPARE(CSVData(csv_options(guess, path)).spec().outputs, int64_t(6));
    }

    void writesAConfigThatFitsTheTable()
    {
        const auto path = file_with("a,b,y",
            [](int i) { return number(i % 9) + ".5,t" + number(i % 3) + "," + number(i) + ".5"; });
        const auto config = csv_run_config(guess_csv({.path = path}), path);
        QCOMPARE(QString::fromStdString(config["data"].dump()),
            QStringLiteral(
                "{\"class_path\":\"CSVData\",\"init_args\":{\"path\":\"%1\",\"target\":\"y\","
                "\"task\":\"regression\",\"batch_size\":16,\"standardize_target\":true}}")
                .arg(QString::fromStdString(path)));
        QCOMPARE(config["trainer"]["logger"][0]["init_args"]["name"].get<std::string>(),
            std::string("my_tables"));
    }

    void namesTheLineOfACellThatIsWrittenOtherwise()
    {
        const auto path = file_with("a,b,y", [](int i) {
            return number(i * i % 17) + "," + (i == 30 ? "\"4,5\"" : number(i) + ".5") + ","
                + number(i % 2);
        });
        const auto lines = joined(csv_guess_lines(guess_csv({.path = path})));
        QVERIFY2(lines.contains(QStringLiteral(
                     "left out: \"b\", which mixes numbers and text, or writes numbers as text, "
                     "such as \"4,5\" in line 32")),
            qPrintable(lines.join(u'\n')));
    }

    void takesNoTelephoneNumbersForThousands()
    {
        const auto path = file_with("phone,b,y", [](int i) {
            return "030 " + number(100 + i) + " " + number(200 + i) + "," + number(i) + ".5,"
                + number(i % 2);
        });
        const auto guess = guess_csv({.path = path});
        QCOMPARE(guess.format.thousands, '\0');
        QVERIFY(guess.features == std::vector<std::string>{"b"});
    }

    void refusesWhatCannotBeLearnedFrom()
    {
        const auto problem = [](const CsvGuessRequest& request) {
            try {
                guess_csv(request);
            } catch (const Error& error) {
                return QString::fromUtf8(error.what()).section(u'/', -1);
            }
            return QStringLiteral("no error");
        };
        auto path = file_with("a", [](int i) { return number(i); });
        QVERIFY(problem({.path = path})
                .startsWith(
                    QStringLiteral("my tables.2.csv has a single column; to learn from it")));
        path = file_with("a b", [](int i) { return number(i) + " " + number(i * i); });
        QVERIFY2(
            problem({.path = path})
                .endsWith(QStringLiteral(
                    "; its header holds spaces, which may be meant to separate columns: name that "
                    "sign by sep in a config, or save the table with commas")),
            qPrintable(problem({.path = path})));
        path = file_with("all of a", [](int i) { return number(i); });
        QVERIFY(!problem({.path = path}).contains(QStringLiteral("spaces")));
        path = file_with("a,b", [](int i) { return number(i) + "," + number(i); });
        QCOMPARE(problem({.path = path, .target = "bb"}),
            QStringLiteral(
                "my tables.2.csv has no such column; did you mean \"b\"?; its columns are "
                "\"a\", \"b\""));
        std::ofstream(path) << "a,b\n1,2\n";
        QCOMPARE(problem({.path = path}),
            QStringLiteral(
                "my tables.2.csv has 1 row; to train and validate, give it at least 10"));
    }

private:
    QTemporaryDir folder_;
};
LEYDEN_TEST(TestCsvGuess)
} // namespace tst_csv_guess

#include "tst_csv_guess.moc"
