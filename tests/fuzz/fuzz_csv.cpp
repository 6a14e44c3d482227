// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/errors.h"
#include "engine/data/csv_data.h"
#include "tests/support/mutate.h"
#include "tests/support/test_program.h"

#include <QFile>
#include <QTemporaryDir>

#include <fstream>

namespace fuzz_csv {
using namespace leyden;

/// Whatever bytes a table holds, CSVData takes it or throws an error of ours.
class FuzzCsv final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void tables()
    {
        const QTemporaryDir folder;
        const auto path = folder.filePath(QStringLiteral("t.csv")).toStdString();
        std::vector<std::string> seeds{
            "x,name,y\n1,a,0\n2,b,1\n3.5,\"a, b\",0\n-4e2,\"c\"\"d\",1\n,a,0\n6,NA,1\n", "a;b\r\n",
            "x,y\n1,2\n2,3\n3,5\n4,7\n5,11\n"};
        for (const auto* name : {"iris.csv", "penguins.csv"}) {
            QFile file(
                QStringLiteral(LEYDEN_SOURCE_DIR "/resources/datasets/") + QLatin1String(name));
            if (file.open(QIODevice::ReadOnly))
                seeds.push_back(file.read(2000).toStdString());
        }
        int round = 0;
        test::fuzz(seeds, [&](const std::string& text) {
            std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
            const auto comma = text.find_first_of(",\r\n");
            CSVDataOptions options;
            options.path = path;
            options.target = round % 3 == 0 ? text.substr(0, comma)
                : round % 3 == 1            ? "y"
                                            : "species";
            options.missing = std::array{
                MissingValues::Error, MissingValues::Drop, MissingValues::Mean}[size_t(round % 3)];
            ++round;
            try {
                CSVData data(options);
                data.setup(TrainerFn::Fit);
                data.predict_dataloader();
                return data.spec().train_rows > 0;
            } catch (const Error& error) {
                if (*error.what() == '\0')
                    qFatal("an error without a sentence");
                return false;
            }
        });
    }
};

LEYDEN_TEST(FuzzCsv)
} // namespace fuzz_csv

#include "fuzz_csv.moc"
