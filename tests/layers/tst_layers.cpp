// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/test_program.h"
#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QHash>
#include <QRegularExpression>
#include <QSet>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <filesystem>

namespace tst_layers {
namespace {

/// The layers of the tree, read from the include lines: app -> engine, app -> widgets, nothing
/// else.
class SourceTree
{
public:
    explicit SourceTree(const QString& root) : m_root(root)
    {
        for (const auto* folder : {"app", "engine", "widgets"})
            readFolder(QLatin1String(folder));
    }

    qsizetype fileCount() const { return m_includes.size(); }

    /// "FILE includes HEADER" for each file under `folder` with an include that `forbidden`
    /// matches.
    QStringList crossings(const QString& folder, const QString& forbidden) const
    {
        return find(forbidden, [&](const QString& file) { return file.startsWith(folder + u'/'); });
    }

    QStringList crossingsInHeaders(const QString& forbidden) const
    {
        return find(
            forbidden, [](const QString& file) { return file.endsWith(QLatin1String(".h")); });
    }

    /// The same for a file together with all of ours that it includes, directly or not.
    QStringList crossingsBelow(const QString& file, const QString& forbidden) const
    {
        QStringList found;
        QStringList waiting{file};
        QSet<QString> seen;
        while (!waiting.isEmpty()) {
            const auto current = waiting.takeLast();
            if (seen.contains(current))
                continue;
            seen.insert(current);
            waiting += m_includes.value(current);
            for (const auto& crossing : crossingsOf(current, forbidden))
                found += file + QStringLiteral(": ") + crossing;
        }
        return found;
    }

    /// What must not know LibTorch: engine/config, and the options headers beside the components.
    QStringList torchFreeFiles() const
    {
        QStringList files;
        for (auto it = m_includes.keyBegin(); it != m_includes.keyEnd(); ++it) {
            if (it->startsWith(QLatin1String("engine/config/"))
                || it->endsWith(QLatin1String("_options.h")))
                files += *it;
        }
        return files;
    }

private:
    void readFolder(const QString& folder)
    {
        static const QRegularExpression include(
            QStringLiteral("^\\s*#\\s*include\\s*[<\"]([^>\"]+)[>\"]"),
            QRegularExpression::MultilineOption);
        QDirIterator files(m_root.filePath(folder),
            {QStringLiteral("*.h"), QStringLiteral("*.cpp")}, QDir::Files,
            QDirIterator::Subdirectories);
        while (files.hasNext()) {
            QFile file(files.next());
            if (!file.open(QIODevice::ReadOnly))
                continue; // the count of files is checked
            auto& includes = m_includes[m_root.relativeFilePath(file.fileName())];
            auto matches = include.globalMatch(QString::fromUtf8(file.readAll()));
            while (matches.hasNext())
                includes += matches.next().captured(1);
        }
    }

    QStringList crossingsOf(const QString& file, const QString& forbidden) const
    {
        const QRegularExpression pattern(QStringLiteral("^(?:%1)").arg(forbidden));
        QStringList found;
        for (const auto& header : m_includes.value(file)) {
            if (pattern.match(header).hasMatch())
                found += file + QStringLiteral(" includes ") + header;
        }
        return found;
    }

    template <class Predicate> QStringList find(const QString& forbidden, Predicate concerns) const
    {
        QStringList found;
        for (auto it = m_includes.keyBegin(); it != m_includes.keyEnd(); ++it) {
            if (concerns(*it))
                found += crossingsOf(*it, forbidden);
        }
        return found;
    }

    QDir m_root;
    QHash<QString, QStringList> m_includes;
};

const auto anyQt = QStringLiteral("Q[A-Z]|Qt[A-Z0-9]|qcustomplot|q[a-z]+\\.h$");
const auto anyTorch = QStringLiteral("torch/|ATen/|c10/|caffe2/");

void write(const QDir& root, const QString& name, const QByteArray& text)
{
    QVERIFY(root.mkpath(QFileInfo(name).path()));
    QFile file(root.filePath(name));
    QVERIFY(file.open(QIODevice::WriteOnly));
    QCOMPARE(file.write(text), text.size());
}

} // namespace

class TestLayers final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void keepsTheDirectionOfTheTree_data()
    {
        QTest::addColumn<QString>("folder");
        QTest::addColumn<QString>("forbidden");
        QTest::newRow("engine knows no Qt") << QStringLiteral("engine") << anyQt;
        QTest::newRow("engine knows no program and no window")
            << QStringLiteral("engine") << QStringLiteral("app/|widgets/");
        QTest::newRow("the command knows no Qt")
            << QStringLiteral("app/headless") << anyQt + QStringLiteral("|widgets/|app/studio/");
        QTest::newRow("widgets know no LibTorch") << QStringLiteral("widgets") << anyTorch;
        QTest::newRow("widgets know no engine and no program")
            << QStringLiteral("widgets") << QStringLiteral("engine/|app/");
    }

    void keepsTheDirectionOfTheTree()
    {
        QFETCH(const QString, folder);
        QFETCH(const QString, forbidden);
        QCOMPARE(m_tree.crossings(folder, forbidden), QStringList());
    }

    void keepsLibTorchOutOfTheOptions()
    {
        const auto files = m_tree.torchFreeFiles();
        QVERIFY(files.contains(QStringLiteral("engine/config/run_config.h")));
        for (const auto& file : files)
            QCOMPARE(m_tree.crossingsBelow(file, anyTorch), QStringList());
    }

    void keepsTheWholeOfLibTorchOutOfHeaders()
    {
        QCOMPARE(m_tree.crossingsInHeaders(QStringLiteral("torch/torch\\.h")), QStringList());
    }

    void keepsModulesOutOfHeaders() // 10 seconds of the compiler for each file that includes one
    {
        auto crossings = m_tree.crossingsInHeaders(QStringLiteral("torch/nn/"));
        QVERIFY(crossings.removeOne(
            QStringLiteral("engine/core/lightning_module.h includes torch/nn/module.h")));
        crossings.erase(
            std::remove_if(crossings.begin(), crossings.end(), // the modules that are shipped
                [](const QString& one) { return one.startsWith(QLatin1String("engine/models/")); }),
            crossings.end());
        QCOMPARE(crossings, QStringList());
    }

    void readsTheWholeTree()
    {
        namespace fs = std::filesystem;
        qsizetype sources = 0;
        for (const auto* folder : {"app", "engine", "widgets"}) {
            for (const auto& entry :
                fs::recursive_directory_iterator(fs::path(LEYDEN_SOURCE_DIR) / folder))
                sources += entry.path().extension() == ".h" || entry.path().extension() == ".cpp";
        }
        QCOMPARE(m_tree.fileCount(), sources);
        QVERIFY2(sources > 600, qPrintable(QString::number(sources)));
    }

    void findsACrossing() // or the tests above would pass over anything
    {
        const QTemporaryDir folder;
        const QDir root(folder.path());
        write(root, QStringLiteral("engine/a.cpp"), "#include <QString>\n#include <algorithm>\n");
        write(root, QStringLiteral("engine/b.h"), "  # include <torch/torch.h>\n");
        write(root, QStringLiteral("engine/config/c.h"), "#include \"engine/b.h\"\n");
        write(root, QStringLiteral("widgets/d.h"), "#include \"engine/b.h\"\n");
        write(root, QStringLiteral("engine/e.h"), "#include <torch/nn/module.h>\n");
        const SourceTree tree(folder.path());

        QCOMPARE(tree.fileCount(), 5);
        QCOMPARE(tree.crossings(QStringLiteral("engine"), anyQt),
            QStringList(QStringLiteral("engine/a.cpp includes QString")));
        QCOMPARE(tree.crossings(QStringLiteral("widgets"), QStringLiteral("engine/")),
            QStringList(QStringLiteral("widgets/d.h includes engine/b.h")));
        QCOMPARE(tree.crossingsInHeaders(QStringLiteral("torch/nn/")),
            QStringList(QStringLiteral("engine/e.h includes torch/nn/module.h")));
        QCOMPARE(tree.crossingsInHeaders(QStringLiteral("torch/torch\\.h")),
            QStringList(QStringLiteral("engine/b.h includes torch/torch.h")));
        QCOMPARE(tree.crossingsBelow(QStringLiteral("engine/config/c.h"), anyTorch),
            QStringList(QStringLiteral("engine/config/c.h: engine/b.h includes torch/torch.h")));
    }

private:
    SourceTree m_tree{QStringLiteral(LEYDEN_SOURCE_DIR)};
};

LEYDEN_TEST(TestLayers)
} // namespace tst_layers

#include "tst_layers.moc"
