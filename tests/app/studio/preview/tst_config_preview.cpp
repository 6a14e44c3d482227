// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/preview/config_preview.h"

#include "engine/config/registry.h"
#include "engine/trainer/builtin_registry.h"
#include "tests/app/studio/leased_file.h"
#include "tests/support/test_program.h"

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QTimer>

namespace tst_config_preview {
using namespace leyden;
using namespace leyden::app;

namespace {

QString resources()
{
    return QStringLiteral(LEYDEN_SOURCE_DIR "/resources");
}

QString config(const QString& model, const QString& data)
{
    return QStringLiteral("{'model': %1, 'data': %2, 'optimizer': 'SGD'}")
        .arg(model, data)
        .replace(QLatin1Char('\''), QLatin1Char('"'));
}

QString csv(const QString& path, const QString& target)
{
    return QStringLiteral("{'class_path': 'CSVData', 'init_args': {'path': '%1', 'target': '%2'}}")
        .arg(path, target);
}

const auto iris = csv(QStringLiteral("datasets/iris.csv"), QStringLiteral("species"));
const auto diabetes = csv(QStringLiteral("datasets/diabetes.csv"), QStringLiteral("progression"));
const auto mlp
    = QStringLiteral("{'class_path': 'MLP', 'init_args': {'hidden_sizes': [8], 'dropout': 0.1}}");

} // namespace

class TestConfigPreview final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        m_preview.reset(new ConfigPreview(m_registry, resources()));
        m_data.reset(new QSignalSpy(m_preview.data(), &ConfigPreview::dataReady));
        m_model.reset(new QSignalSpy(m_preview.data(), &ConfigPreview::modelReady));
        m_failed.reset(new QSignalSpy(m_preview.data(), &ConfigPreview::failed));
    }

    void cleanup()
    {
        m_data.reset();
        m_model.reset();
        m_failed.reset();
        m_preview.reset();
    }

    // What `leyden check` says of a run as a whole, at the places of the form.
    void findsWhatNoRunCouldDo()
    {
        QSignalSpy found(m_preview.data(), &ConfigPreview::problemsFound);
        const auto watching = [](const QString& metric) {
            auto text = config(mlp, iris);
            text.chop(1);
            return text
                + QStringLiteral(", \"trainer\": {\"callbacks\": [{\"class_path\": "
                                 "\"EarlyStopping\", \"init_args\": {\"monitor\": \"%1\"}}]}}")
                      .arg(metric);
        };
        m_preview->request(watching(QStringLiteral("val_los")), QStringLiteral("/"));
        QTRY_COMPARE_WITH_TIMEOUT(found.size(), 1, 30000);
        const auto problems = found.first().first().value<QList<ui::ConfigProblem>>();
        QCOMPARE(problems.size(), 1);
        QCOMPARE(problems[0].pointer, QStringLiteral("/trainer/callbacks/0/init_args/monitor"));
        QVERIFY(problems[0].message.contains(QStringLiteral("did you mean \"val_loss\"?")));
        m_model->clear();
        m_preview->request(watching(QStringLiteral("val_loss")), QStringLiteral("/"));
        QTRY_COMPARE_WITH_TIMEOUT(m_model->size(), 1, 30000);
        m_preview.reset(); // waits for the look
        QCOMPARE(found.size(), 1);
    }

    void tellsWhatCanBeNamed()
    {
        QSignalSpy names(m_preview.data(), &ConfigPreview::namesFound);
        const auto of = [&names](const char* kind) {
            for (const auto& each : names)
                if (each[0].toString() == QLatin1String(kind))
                    return each[1].toStringList();
            return QStringList();
        };
        m_preview->request(config(mlp, iris), QStringLiteral("/"));
        QTRY_COMPARE_WITH_TIMEOUT(names.size(), 2, 30000);
        QCOMPARE(of("columns").size(), 5);
        QVERIFY(of("columns").contains(QStringLiteral("species")));
        QVERIFY(of("metrics").contains(QStringLiteral("val_loss")));
        QVERIFY(of("metrics").contains(QStringLiteral("val_acc")));
    }

    void aColumnThatTheTableLacksIsAProblemOfItsField()
    {
        QSignalSpy found(m_preview.data(), &ConfigPreview::problemsFound);
        QSignalSpy names(m_preview.data(), &ConfigPreview::namesFound);
        auto data = csv(QStringLiteral("datasets/iris.csv"), QStringLiteral("specie"));
        data.replace(QLatin1String("'specie'"),
            QLatin1String("'specie', 'features': ['sepal_length_cm', 'petal_wdth_cm']"));
        m_preview->request(config(mlp, data), QStringLiteral("/"));
        QTRY_COMPARE_WITH_TIMEOUT(found.size(), 1, 30000);
        const auto problems = found.first().first().value<QList<ui::ConfigProblem>>();
        QCOMPARE(problems.size(), 2);
        QCOMPARE(problems[0].pointer, QStringLiteral("/data/init_args/target"));
        QCOMPARE(problems[0].message,
            QStringLiteral("found \"specie\"; iris.csv has no column of this name; did you mean "
                           "\"species\"?"));
        QCOMPARE(problems[1].pointer, QStringLiteral("/data/init_args/features/1"));
        QTRY_COMPARE(names.size(), 1); // the columns there are can be chosen from
        QCOMPARE(names.first()[1].toStringList().size(), 5);
    }

    void hearsOfItsFiles()
    {
        const QTemporaryDir folder;
        const auto path = folder.filePath(QStringLiteral("flowers.csv"));
        QVERIFY(QFile::copy(resources() + QStringLiteral("/datasets/iris.csv"), path));
        const auto text = config(mlp, csv(path, QStringLiteral("species")));
        QSignalSpy changed(m_preview.data(), &ConfigPreview::filesChanged);
        m_preview->request(text, QStringLiteral("/"));
        QTRY_COMPARE_WITH_TIMEOUT(m_model->size(), 1, 30000);
        QVERIFY(QFile::rename(path, path + QStringLiteral(".old")));
        QTRY_COMPARE_WITH_TIMEOUT(changed.size(), 1, 30000);
        m_preview->request(text, QStringLiteral("/"));
        QTRY_VERIFY_WITH_TIMEOUT(!m_failed->isEmpty(), 30000);
        QVERIFY(QFile::rename(path + QStringLiteral(".old"), path)); // is there again
        QTRY_COMPARE_WITH_TIMEOUT(changed.size(), 2, 30000);
        m_data->clear();
        m_preview->request(text, QStringLiteral("/"));
        QTRY_COMPARE_WITH_TIMEOUT(m_data->size(), 1, 30000);
        QFile file(path);
        QVERIFY(file.open(QIODevice::Append));
        file.write("1,1,1,1,setosa\n");
        file.close();
        QTRY_COMPARE_WITH_TIMEOUT(changed.size(), 3, 30000);
        // what lies beside it is nobody's business
        QFile other(folder.filePath(QStringLiteral("other.txt")));
        QVERIFY(other.open(QIODevice::WriteOnly));
        other.close();
        m_data->clear();
        m_preview->forget();
        m_preview->request(text, QStringLiteral("/"));
        QTRY_COMPARE_WITH_TIMEOUT(m_data->size(), 1, 30000);
        QCOMPARE(m_data->first()[0].value<ui::DataPreview>().rowCount, 151);
    }

    void showsDataAndModel()
    {
        m_preview->request(config(mlp, iris), QStringLiteral("/"));
        QTRY_COMPARE(m_model->size(), 1);
        QCOMPARE(m_data->size(), 1);
        QCOMPARE(m_failed->size(), 0);

        const auto data = m_data->first()[0].value<ui::DataPreview>();
        QCOMPARE(data.title, QStringLiteral("iris.csv"));
        QCOMPARE(data.rowCount, 150);
        QCOMPARE(data.target, QStringLiteral("species"));
        QCOMPARE(data.classes.size(), 3);
        QCOMPARE(data.classes[0].rows, 50);
        QCOMPARE(data.trainRows, 120);
        QCOMPARE(data.valRows, 30);
        QCOMPARE(data.rows.size(), 50);
        QCOMPARE(data.featureShape, QStringLiteral("[N, 4]"));

        const auto table = m_model->first()[0].value<ui::ModelTable>();
        QStringList lines;
        for (const auto& layer : table.layers)
            lines += QStringLiteral("%1 %2 %3 %4")
                         .arg(layer.name, layer.type, layer.outputShape)
                         .arg(layer.parameters);
        const QStringList expected{QStringLiteral("net Sequential [N, 3] 67"),
            QStringLiteral("net.0 Linear [N, 8] 40"), QStringLiteral("net.1 ReLU [N, 8] 0"),
            QStringLiteral("net.2 Dropout [N, 8] 0"), QStringLiteral("net.3 Linear [N, 3] 27")};
        QCOMPARE(lines, expected);
        QCOMPARE(table.parameters, 67);
        QVERIFY(table.layers[0].isContainer);
    }

    void aNumericTargetHasNoClasses()
    {
        m_preview->request(config(QStringLiteral("'MLP'"), diabetes), QStringLiteral("/"));
        QTRY_COMPARE(m_data->size(), 1);
        const auto data = m_data->first()[0].value<ui::DataPreview>();
        QVERIFY(!data.isClassification);
        QVERIFY(data.classes.isEmpty());
    }

    void tellsABatchOfOneRowWithBatchNorm()
    {
        auto data = iris;
        data.replace(QLatin1String("'species'"), QLatin1String("'species', 'batch_size': 17"));
        const auto model
            = QStringLiteral("{'class_path': 'MLP', 'init_args': {'batch_norm': true}}");
        m_preview->request(config(model, data), QStringLiteral("/")); // 120 = 7 * 17 + 1
        QTRY_COMPARE(m_failed->size(), 1);
        QCOMPARE(m_data->size(), 1);
        QCOMPARE(m_model->size(), 0);
        QVERIFY(m_failed->first().last().toString().startsWith(
            QStringLiteral("/data/init_args/batch_size: the last training batch has one row")));
        data.replace(
            QLatin1String("'batch_size'"), QLatin1String("'drop_last': true, 'batch_size'"));
        m_preview->request(config(model, data), QStringLiteral("/"));
        QTRY_COMPARE(m_model->size(), 1);
        QCOMPARE(m_failed->size(), 1);
    }

    void theNewestRequestWins()
    {
        for (int i = 0; i < 20; ++i)
            m_preview->request(config(mlp, iris), QStringLiteral("/"));
        m_preview->request(config(mlp, diabetes), QStringLiteral("/"));
        QTRY_COMPARE(m_model->size(), 1);
        QCOMPARE(m_data->size(), 1);
        QCOMPARE(m_data->first()[0].value<ui::DataPreview>().target, QStringLiteral("progression"));
    }

    void nothingIsHeardOfAnOvertakenRequest()
    {
        QSignalSpy started(m_preview.data(), &ConfigPreview::started);
        m_preview->request(config(mlp, iris), QStringLiteral("/"));
        auto overtake = connect(m_preview.data(), &ConfigPreview::started, this, [&] {
            QTimer::singleShot(0, this, // its look has begun and is not told yet
                [&] { m_preview->request(config(mlp, diabetes), QStringLiteral("/")); });
        });
        QTRY_COMPARE(started.size(), 1);
        disconnect(overtake);
        QTRY_COMPARE(started.size(), 2);
        QTRY_COMPARE(m_model->size(), 1);
        QCOMPARE(m_data->first()[0].value<ui::DataPreview>().target, QStringLiteral("progression"));
    }

    void findsDataBesideTheConfigFirst()
    {
        QTemporaryDir folder;
        QVERIFY(QDir(folder.path()).mkpath(QStringLiteral("datasets")));
        QFile file(folder.filePath(QStringLiteral("datasets/iris.csv")));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("a,species\n1,x\n2,y\n3,x\n4,y\n5,x\n");
        file.close();
        m_preview->request(config(mlp, iris), folder.path());
        QTRY_COMPARE(m_data->size(), 1);
        QCOMPARE(m_data->first()[0].value<ui::DataPreview>().rowCount, 5);
        QCOMPARE(m_data->first()[0].value<ui::DataPreview>().path, file.fileName());
    }

    void readsAFileAnewThatHasChanged()
    {
        QTemporaryDir folder;
        QFile file(folder.filePath(QStringLiteral("a.csv")));
        const auto data = csv(QStringLiteral("a.csv"), QStringLiteral("y"));
        const auto rows = [&](const QByteArray& text) {
            m_data->clear();
            if (file.open(QIODevice::WriteOnly))
                file.write(text);
            file.close();
            m_preview->request(config(mlp, data), folder.path());
            return m_data->wait() ? m_data->first()[0].value<ui::DataPreview>().rowCount : -1;
        };
        QCOMPARE(rows("x,y\n1,a\n2,b\n3,a\n4,b\n5,a\n"), 5);
        QCOMPARE(rows("x,y\n1,a\n2,b\n3,a\n4,b\n5,a\n6,a\n"), 6);
    }

    void saysWhatIsWrong_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("data"); // what the sentence holds; empty: the data is shown
        QTest::addColumn<QString>("model");
        QTest::newRow("no JSON") << "{"
                                 << "not valid JSON"
                                 << "not valid JSON";
        QTest::newRow("no object") << "[]"
                                   << "/data"
                                   << "/model";
        QTest::newRow("no file") << config(
            mlp, csv(QStringLiteral("none.csv"), QStringLiteral("y")))
                                 << "none.csv"
                                 << "none.csv";
        QTest::newRow("no such target")
            << config(mlp, csv(QStringLiteral("datasets/iris.csv"), QStringLiteral("colour")))
            << "colour"
            << "colour";
        QTest::newRow("bad model option")
            << config(QStringLiteral("{'class_path': 'MLP', 'init_args': {'dropout': 2}}"), iris)
            << ""
            << "/model/init_args/dropout";
        QTest::newRow("unknown model") << config(QStringLiteral("'MPL'"), iris) << ""
                                       << "MLP";
        QTest::newRow("too large") << config(
            QStringLiteral(
                "{'class_path': 'MLP', 'init_args': {'hidden_sizes': [1000000, 1000000]}}"),
            iris) << ""
                                   << "too large";
        QTest::newRow("both") << config(
            QStringLiteral("'MPL'"), csv(QStringLiteral("none.csv"), QStringLiteral("y")))
                              << "none.csv"
                              << "MPL";
    }

    void saysWhatIsWrong()
    {
        QFETCH(const QString, text);
        QFETCH(const QString, data);
        QFETCH(const QString, model);
        m_preview->request(text, QStringLiteral("/"));
        const auto sentence = [&](ConfigPreview::Part part) {
            for (const auto& failure : *m_failed)
                if (failure[0].value<ConfigPreview::Part>() == part)
                    return failure[1].toString();
            return QString();
        };
        QTRY_VERIFY(!sentence(ConfigPreview::Model).isEmpty());
        QVERIFY2(sentence(ConfigPreview::Model).contains(model),
            qPrintable(sentence(ConfigPreview::Model)));
        QCOMPARE(m_data->size(), data.isEmpty() ? 1 : 0);
        QVERIFY2(sentence(ConfigPreview::Data).contains(data),
            qPrintable(sentence(ConfigPreview::Data)));
    }

    void aMistakeElsewhereDoesNotMatter()
    {
        auto text = config(mlp, iris);
        text.replace(QStringLiteral("\"SGD\""), QStringLiteral("\"SDG\", \"trainer\": 5"));
        m_preview->request(text, QStringLiteral("/"));
        QTRY_COMPARE(m_model->size(), 1);
        QCOMPARE(m_data->size(), 1);
    }

    void goesOnAfterAFailure()
    {
        m_preview->request(QStringLiteral("{"), QStringLiteral("/"));
        QTRY_COMPARE(m_failed->size(), 2);
        m_preview->request(config(mlp, iris), QStringLiteral("/"));
        QTRY_COMPARE(m_model->size(), 1);
    }

    void endsWhileALookIsTaken()
    {
        QSignalSpy started(m_preview.data(), &ConfigPreview::started);
        m_preview->request(config(mlp, iris), QStringLiteral("/"));
        QVERIFY(started.wait());
        m_preview.reset();
    }

    void nobodyWaitsForADiskThatHangs()
    {
        const QTemporaryDir folder;
        const auto path = folder.filePath(QStringLiteral("hangs.csv"));
        leyden::app::test::LeasedFile lease(path);
        if (!lease.hangs())
            QSKIP("this file system gives no leases, with which the test makes a disk hang");
        m_preview->request(config(mlp, csv(path, QStringLiteral("y"))), folder.path());
        QTRY_VERIFY(lease.isWaitedFor());
        QElapsedTimer since;
        since.start();
        m_preview.reset();
        QVERIFY(since.elapsed() < 20'000);
        lease.release(); // its thread goes on, with an empty table that nobody wants
        QTest::qWait(300);
        QCOMPARE(m_data->size() + m_failed->size(), 0);
    }

    void aDiskThatHangsHoldsUpNoOtherLook()
    {
        const QTemporaryDir folder;
        const auto path = folder.filePath(QStringLiteral("hangs.csv"));
        leyden::app::test::LeasedFile lease(path);
        if (!lease.hangs())
            QSKIP("this file system gives no leases, with which the test makes a disk hang");
        m_preview->request(config(mlp, csv(path, QStringLiteral("y"))), folder.path());
        QTRY_VERIFY(lease.isWaitedFor());
        m_preview->request(config(mlp, iris), folder.path());
        QTRY_COMPARE_WITH_TIMEOUT(m_model->size(), 1, 20'000);
        QCOMPARE(m_data->size(), 1);
        lease.release();
        QTest::qWait(300);
        QCOMPARE(m_data->size() + m_failed->size(), 1); // nothing more is heard of the first
    }

private:
    const Registry m_registry = builtin_registry();
    QScopedPointer<ConfigPreview> m_preview;
    QScopedPointer<QSignalSpy> m_data;
    QScopedPointer<QSignalSpy> m_model;
    QScopedPointer<QSignalSpy> m_failed;
};
LEYDEN_TEST(TestConfigPreview)
} // namespace tst_config_preview

#include "tst_config_preview.moc"
