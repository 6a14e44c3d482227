// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/studio/preview/csv_config.h"

#include <QDialog>

#include <memory>

class QComboBox;
class QDialogButtonBox;
class QFormLayout;
class QLabel;
class QLineEdit;
class QListView;
class QThread;

namespace leyden::ui {
class DataPreviewPanel;
}

namespace leyden::app {

class CsvFeaturesModel;

/// Shows what a table seems to be, to be corrected, before it becomes a config: how the file is
/// written, target, task and features. Reads the file on a thread of its own, and again where
/// somebody chooses how it is written; open() it, and take configText() when it is accepted.
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
    QWidget* makeFormat();
    QComboBox* addFormatBox(QFormLayout* form, const QString& label, const char* name,
        const QList<QStringList>& items, const QString& toolTip);
    void startReading();
    void take(const CsvReading& reading);
    void showFormat(const CsvFormatChoices& format);
    void formatChosen();
    void targetChosen();
    void refresh(); ///< task, preview, message and buttons after a choice

    QString m_path;
    CsvFormatChoices m_format; ///< what somebody chose; else "auto"
    std::unique_ptr<QThread> m_thread;
    std::shared_ptr<CsvReading> m_reading; ///< the thread's until it has finished
    std::optional<CsvTableGuess> m_guess;
    CsvFeaturesModel* m_features;
    ui::DataPreviewPanel* m_preview;
    QWidget* m_choices = nullptr;
    QWidget* m_formatBoxes = nullptr;
    QComboBox* m_separator = nullptr;
    QComboBox* m_decimal = nullptr;
    QComboBox* m_encoding = nullptr;
    QLineEdit* m_missing = nullptr;
    QLabel* m_notes = nullptr;
    QWidget* m_focusBack = nullptr; ///< has the focus once the file is read
    QComboBox* m_target = nullptr;
    QComboBox* m_task = nullptr;
    QListView* m_featuresView = nullptr;
    QLabel* m_message;
    QDialogButtonBox* m_buttons;
    QString m_problem;
};

} // namespace leyden::app
