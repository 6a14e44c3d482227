// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/preview/csv_dialog.h"

#include "app/studio/preview/csv_features_model.h"
#include "app/studio/preview/let_go.h"
#include "widgets/common/plain_text.h"
#include "widgets/common/theme.h"
#include "widgets/common/wheel_guard.h"
#include "widgets/data/data_preview_panel.h"

#include <QComboBox>
#include <QDialogButtonBox>
#include <QFileInfo>
#include <QFormLayout>
#include <QLabel>
#include <QListView>
#include <QPushButton>
#include <QSplitter>
#include <QThread>
#include <QVBoxLayout>

namespace leyden::app {
namespace {
enum TaskIndex { ClassificationTask, RegressionTask };
} // namespace

CsvDialog::CsvDialog(const QString& path, QWidget* parent)
    : QDialog(parent)
    , m_features(new CsvFeaturesModel(this))
    , m_preview(new ui::DataPreviewPanel(this))
    , m_message(new QLabel(this))
    , m_buttons(new QDialogButtonBox(QDialogButtonBox::Cancel, this))
{
    setObjectName(QStringLiteral("csvDialog"));
    setWindowTitle(tr("Train on %1").arg(QFileInfo(path).fileName()));
    auto* use = m_buttons->addButton(tr("Make config"), QDialogButtonBox::AcceptRole);
    use->setObjectName(QStringLiteral("csvAccept"));
    use->setDefault(true);
    // Return never cancels, wherever the focus is
    m_buttons->button(QDialogButtonBox::Cancel)->setAutoDefault(false);
    connect(m_buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
    connect(m_buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    m_message->setObjectName(QStringLiteral("csvMessage"));
    m_message->setWordWrap(true);
    auto* splitter = new QSplitter(this);
    splitter->addWidget(makeChoices());
    splitter->addWidget(m_preview);
    splitter->setStretchFactor(0, 0);
    splitter->setStretchFactor(1, 1);
    splitter->setChildrenCollapsible(false);
    auto* foot = new QHBoxLayout;
    foot->addWidget(m_message, 1);
    foot->addWidget(m_buttons);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(14, 12, 14, 12);
    layout->setSpacing(10);
    layout->addWidget(splitter, 1);
    layout->addLayout(foot);
    resize(1080, 640);
    startReading(path);
}

CsvDialog::~CsvDialog()
{
    letGo(std::move(m_thread)); // the reader holds all that it needs
}

QWidget* CsvDialog::makeChoices()
{
    m_choices = new QWidget(this);
    m_choices->setMinimumWidth(240);
    m_target = new QComboBox(m_choices);
    m_target->setObjectName(QStringLiteral("csvTarget"));
    m_target->setAccessibleName(tr("Target"));
    m_target->setToolTip(tr("The column to predict"));
    m_target->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_task = new QComboBox(m_choices);
    m_task->setObjectName(QStringLiteral("csvTask"));
    m_task->setAccessibleName(tr("Task"));
    m_task->addItems({tr("a class"), tr("a number")});
    ui::WheelGuard::protect(m_target);
    ui::WheelGuard::protect(m_task);
    m_featuresView = new QListView(m_choices);
    m_featuresView->setObjectName(QStringLiteral("csvFeatures"));
    m_featuresView->setAccessibleName(tr("Features"));
    m_featuresView->setModel(m_features);
    m_featuresView->setUniformItemSizes(true);
    auto* form = new QFormLayout;
    form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    form->addRow(tr("Predict"), m_target);
    form->addRow(tr("as"), m_task);
    auto* from = new QLabel(tr("from"), m_choices);
    from->setBuddy(m_featuresView);
    auto* layout = new QVBoxLayout(m_choices);
    layout->setContentsMargins(0, 0, 6, 0);
    layout->addLayout(form);
    layout->addWidget(from);
    layout->addWidget(m_featuresView, 1);
    connect(m_target, &QComboBox::activated, this, &CsvDialog::targetChosen);
    connect(m_task, &QComboBox::activated, this, [this](int index) {
        if (!m_guess)
            return;
        m_guess->choices.isClassification = index == ClassificationTask;
        refresh();
    });
    connect(m_features, &CsvFeaturesModel::featuresChanged, this, [this] {
        m_guess->choices.features = m_features->features();
        refresh();
    });
    return m_choices;
}

void CsvDialog::startReading(const QString& path)
{
    m_preview->showLoading();
    m_choices->setEnabled(false);
    m_buttons->button(QDialogButtonBox::Cancel)->setFocus();
    findChild<QPushButton*>(QStringLiteral("csvAccept"))->setEnabled(false);
    m_reading = std::make_shared<CsvReading>();
    m_thread.reset(QThread::create([path, reading = m_reading] { *reading = readCsv(path); }));
    m_thread->setObjectName(QStringLiteral("csvReader"));
    connect(m_thread.get(), &QThread::finished, this, [this] { take(*m_reading); });
    m_thread->start();
}

void CsvDialog::take(const CsvReading& reading)
{
    m_guess = reading.guess;
    m_problem = reading.problem;
    if (!m_guess) {
        m_preview->showProblem(m_problem);
    } else {
        m_choices->setEnabled(true);
        for (const auto& one : std::as_const(m_guess->columns))
            m_target->addItem(one.column.name);
        m_target->setCurrentText(m_guess->choices.target);
        m_features->setGuess(*m_guess);
        refresh();
        m_target->setFocus();
    }
    Q_EMIT loaded();
}

void CsvDialog::targetChosen()
{
    if (!m_guess)
        return;
    chooseTarget(*m_guess, m_target->currentText());
    m_features->setGuess(*m_guess);
    refresh();
}

void CsvDialog::refresh()
{
    const auto isClassification = m_guess->choices.isClassification;
    m_task->setCurrentIndex(isClassification ? ClassificationTask : RegressionTask);
    auto preview = m_guess->preview;
    preview.isClassification = isClassification;
    if (!isClassification)
        preview.classes.clear();
    m_preview->showPreview(preview);
    m_problem = choicesProblem(*m_guess);
    ui::showPlainText(*m_message, m_problem);
    auto palette = this->palette();
    palette.setColor(QPalette::WindowText, ui::themeColors(palette).error);
    m_message->setPalette(palette);
    findChild<QPushButton*>(QStringLiteral("csvAccept"))->setEnabled(m_problem.isEmpty());
}

QString CsvDialog::configText() const
{
    return m_guess && m_problem.isEmpty() ? csvConfigText(*m_guess) : QString();
}

QString CsvDialog::problem() const
{
    return m_problem;
}

} // namespace leyden::app
