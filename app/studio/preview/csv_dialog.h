// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/studio/preview/csv_config.h"

#include <QDialog>

#include <memory>

class QComboBox;
class QDialogButtonBox;
class QLabel;
class QListView;
class QThread;

namespace leyden::ui {
class DataPreviewPanel;
}

namespace leyden::app {

class CsvFeaturesModel;

/// Shows what a table seems to be, to be corrected, before it becomes a config. Reads the file on a
/// thread of its own; open() it, and take configText() when it is accepted.
class CsvDialog final : public QDialog
{
    Q_OBJECT

public:
    explicit CsvDialog(const QString& path, QWidget* parent = nullptr);
    ~CsvDialog() override; ///< waits for no reading

    QString configText() const; ///< "" where the table cannot be used
    QString problem() const;    ///< why it cannot

Q_SIGNALS:
    void loaded(); ///< the file was read, or could not be

private:
    QWidget* makeChoices();
    void startReading(const QString& path);
    void take(const CsvReading& reading);
    void targetChosen();
    void refresh(); ///< task, preview, message and buttons after a choice

    std::unique_ptr<QThread> m_thread;
    std::shared_ptr<CsvReading> m_reading; ///< the thread's until it has finished
    std::optional<CsvGuess> m_guess;
    CsvFeaturesModel* m_features;
    ui::DataPreviewPanel* m_preview;
    QWidget* m_choices = nullptr;
    QComboBox* m_target = nullptr;
    QComboBox* m_task = nullptr;
    QListView* m_featuresView = nullptr;
    QLabel* m_message;
    QDialogButtonBox* m_buttons;
    QString m_problem;
};

} // namespace leyden::app
