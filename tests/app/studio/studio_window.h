// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/studio/bridge/thread_guard.h"
#include "app/studio/window/main_window.h"
#include "engine/trainer/builtin_registry.h"
#include "widgets/config/config_page.h"

#include <QAbstractItemModelTester>
#include <QAbstractItemView>
#include <QAbstractProxyModel>
#include <QAction>
#include <QDir>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>
#include <QWidget>

#include <memory>

namespace leyden::app::test {

inline void type(QWidget* field, const QString& text)
{
    field->setFocus();
    QTest::keyClick(field, Qt::Key_A, Qt::ControlModifier);
    QTest::keyClicks(field, text);
    QTest::keyClick(field, Qt::Key_Return);
}

/// The window with settings and runs folder of its own, driven by object names as a user drives it.
struct StudioWindow
{
    QTemporaryDir folder;
    Registry registry;
    QRect room{0, 0, 1920, 1080}; ///< of the screen; that of the tests is small
    ThreadGuard guard;            ///< ends the test where a widget is touched off its thread
    std::unique_ptr<MainWindow> window;

    explicit StudioWindow(Registry components = builtin_registry())
        : registry(std::move(components))
    {
        open();
    }

    void open()
    {
        window.reset();
        qputenv("XDG_DATA_HOME", path(QStringLiteral("share")).toUtf8()); // the trash is in it
        window = std::make_unique<MainWindow>(registry,
            MainWindow::Options{
                path(QStringLiteral("settings.ini")), path(QStringLiteral("runs")), room});
        watchModels();
        window->show();
    }

    /// Every item model of the window keeps its contract for as long as the window lives.
    void watchModels() const
    {
        for (const auto* view : window->findChildren<QAbstractItemView*>())
            for (auto* model = view->model(); model;) {
                if (model->findChild<QAbstractItemModelTester*>() == nullptr)
                    new QAbstractItemModelTester(
                        model, QAbstractItemModelTester::FailureReportingMode::Fatal, model);
                const auto* proxy = qobject_cast<QAbstractProxyModel*>(model);
                model = proxy ? proxy->sourceModel() : nullptr;
            }
    }

    QString path(const QString& name) const { return folder.filePath(name); }
    RunController& controller() const { return window->controller(); }

    template <class Type> Type* find(const char* name) const
    {
        auto* found = window->findChild<Type*>(QString::fromLatin1(name));
        if (!found)
            qFatal("there is no %s", name);
        return found;
    }
    /// The field of an option, on its page of the form.
    QWidget* field(const char* pointer) const
    {
        window->showView(MainWindow::ConfigureView);
        find<ui::ConfigPage>("configPage")->reveal(QString::fromLatin1(pointer));
        return find<QWidget>((QByteArray("field:") + pointer).constData());
    }
    void trigger(const char* name) const { find<QAction>(name)->trigger(); }
    /// Presses Start once the config is checked.
    void start() const
    {
        QTRY_VERIFY(find<QAction>("startRun")->isEnabled());
        trigger("startRun");
    }
    QByteArray read(const QString& file) const
    {
        QFile in(controller().folder() + QLatin1Char('/') + file);
        return in.open(QIODevice::ReadOnly) ? in.readAll() : QByteArray();
    }
    QJsonObject runJson() const
    {
        return QJsonDocument::fromJson(read(QStringLiteral("run.json"))).object();
    }
    QStringList checkpoints() const
    {
        return QDir(controller().folder() + QStringLiteral("/checkpoints"))
            .entryList({QStringLiteral("*.ckpt")}, QDir::Files, QDir::Name);
    }
    bool isIdle() const { return controller().phase() == RunPhase::Idle; }
};

} // namespace leyden::app::test
