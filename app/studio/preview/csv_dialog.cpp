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
#include <QLineEdit>
#include <QListView>
#include <QPushButton>
#include <QSplitter>
#include <QThread>
#include <QVBoxLayout>

namespace leyden::app {
namespace {
enum TaskIndex { ClassificationTask, RegressionTask };

/// What a box stands for: an option's value beside the words for it.
void setValue(QComboBox* box, const QString& value)
{
    auto index = box->findData(value);
    if (index < 0 && !value.isEmpty()) { // a rare one, found or written in a config
        box->addItem(value, value);
        index = box->count() - 1;
    }
    box->setCurrentIndex(index);
}

/// Words between commas.
QStringList wordsIn(const QString& text)
{
    QStringList words;
    for (const auto& word : text.split(QLatin1Char(',')))
        if (const auto trimmed = word.trimmed(); !trimmed.isEmpty() && !words.contains(trimmed))
            words += trimmed;
    return words;
}
} // namespace

CsvDialog::CsvDialog(const QString& path, QWidget* parent)
    : QDialog(parent)
    , m_path(path)
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
    auto* left = new QWidget(this);
    auto* column = new QVBoxLayout(left);
    column->setContentsMargins(0, 0, 6, 0);
    column->addWidget(makeFormat());
    column->addWidget(makeChoices(), 1);
    splitter->addWidget(left);
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
    // Its frame too lies within the window: the buttons are to be seen on every screen.
    const QSize size(1080, 640);
    resize(parent ? size.boundedTo(parent->window()->size() - QSize(40, 60)) : size);
    startReading();
}

CsvDialog::~CsvDialog()
{
    letGo(std::move(m_thread)); // the reader holds all that it needs
}

QComboBox* CsvDialog::addFormatBox(QFormLayout* form, const QString& label, const char* name,
    const QList<QStringList>& items, const QString& toolTip)
{
    auto* box = new QComboBox(m_formatBoxes);
    box->setObjectName(QLatin1String(name));
    box->setAccessibleName(label);
    box->setToolTip(toolTip);
    for (const auto& item : items) // value, words
        box->addItem(item[1], item[0]);
    ui::WheelGuard::protect(box);
    form->addRow(label, box);
    connect(box, &QComboBox::activated, this, &CsvDialog::formatChosen);
    return box;
}

QWidget* CsvDialog::makeFormat()
{
    m_formatBoxes = new QWidget(this);
    m_formatBoxes->setMinimumWidth(240);
    auto* form = new QFormLayout(m_formatBoxes);
    form->setContentsMargins(0, 0, 0, 6);
    form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    const auto item = [](const char* value, const QString& words) {
        return QStringList{QLatin1String(value), words};
    };
    m_separator = addFormatBox(form, tr("Separator"), "csvSeparator",
        {item(",", tr("comma")), item(";", tr("semicolon")), item("\t", tr("tab")),
            item("|", tr("vertical bar")), item(" ", tr("space")), item(":", tr("colon"))},
        tr("The sign between the columns of the file"));
    m_decimal = addFormatBox(form, tr("Decimal sign"), "csvDecimal",
        {item(".", tr("point, as in 3.14")), item(",", tr("comma, as in 3,14"))},
        tr("How the file writes numbers"));
    QList<QStringList> encodings;
    for (const auto* name : {"utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1",
             "cp1252"}) // by pandas' names, as in the config
        encodings += item(name, QLatin1String(name));
    m_encoding = addFormatBox(
        form, tr("Encoding"), "csvEncoding", encodings, tr("How the file writes letters"));
    m_missing = new QLineEdit(m_formatBoxes);
    m_missing->setObjectName(QStringLiteral("csvMissingWords"));
    m_missing->setAccessibleName(tr("Missing values"));
    m_missing->setPlaceholderText(tr("besides empty cells, NA, NaN"));
    m_missing->setToolTip(
        tr("Words that mark a missing value, with commas between them: k.A., -, ?"));
    form->addRow(tr("Missing"), m_missing);
    connect(m_missing, &QLineEdit::editingFinished, this, &CsvDialog::formatChosen);
    m_notes = new QLabel(m_formatBoxes);
    m_notes->setObjectName(QStringLiteral("csvNotes"));
    m_notes->setWordWrap(true);
    m_notes->hide();
    form->addRow(m_notes);
    return m_formatBoxes;
}

QWidget* CsvDialog::makeChoices()
{
    m_choices = new QWidget(this);
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
    layout->setContentsMargins(0, 0, 0, 0);
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

void CsvDialog::startReading()
{
    letGo(std::move(m_thread)); // of what was chosen before
    m_focusBack = m_formatBoxes->isAncestorOf(focusWidget()) ? focusWidget() : m_target;
    m_preview->showLoading();
    m_choices->setEnabled(false);
    m_formatBoxes->setEnabled(false);
    m_buttons->button(QDialogButtonBox::Cancel)->setFocus();
    findChild<QPushButton*>(QStringLiteral("csvAccept"))->setEnabled(false);
    m_reading = std::make_shared<CsvReading>();
    m_thread.reset(QThread::create([path = m_path, format = m_format, reading = m_reading] {
        *reading = readCsv(path, format);
    }));
    m_thread->setObjectName(QStringLiteral("csvReader"));
    connect(m_thread.get(), &QThread::finished, this, [this, reading = m_reading] {
        if (reading == m_reading) // and no other was begun meanwhile
            take(*reading);
    });
    m_thread->start();
}

void CsvDialog::take(const CsvReading& reading)
{
    const auto target = m_target->currentText();
    m_guess = reading.guess;
    m_problem = reading.problem;
    m_formatBoxes->setEnabled(true); // also where only another choice there makes it a table
    m_target->clear();
    m_notes->hide();
    if (!m_guess) {
        m_preview->showProblem(m_problem);
        showFormat(m_format);
    } else {
        m_choices->setEnabled(true);
        for (const auto& one : std::as_const(m_guess->columns))
            m_target->addItem(one.column.name);
        if (!target.isEmpty() && m_target->findText(target) >= 0) // of the reading before
            chooseTarget(*m_guess, target);
        m_target->setCurrentText(m_guess->choices.target);
        m_features->setGuess(*m_guess);
        showFormat(m_guess->format);
        constexpr auto most = 3;
        ui::showPlainText(*m_notes, m_guess->notes.mid(0, most).join(QLatin1Char('\n')));
        m_notes->setVisible(!m_guess->notes.isEmpty());
        refresh();
        m_focusBack->setFocus();
    }
    Q_EMIT loaded();
}

void CsvDialog::showFormat(const CsvFormatChoices& format)
{
    const auto known
        = [](const QString& value) { return value == QLatin1String("auto") ? QString() : value; };
    setValue(m_separator, known(format.sep));
    setValue(m_decimal, known(format.decimal));
    setValue(m_encoding, known(format.encoding));
    m_missing->setText(format.missingWords.value_or(QStringList()).join(QStringLiteral(", ")));
}

/// What was not touched is found anew: another separator shows other numbers.
void CsvDialog::formatChosen()
{
    const auto shown = m_guess ? m_guess->format : m_format;
    auto chosen = m_format;
    const auto take = [](const QComboBox* box, const QString& before, QString& choice) {
        if (const auto value = box->currentData().toString(); !value.isEmpty() && value != before)
            choice = value;
    };
    take(m_separator, shown.sep, chosen.sep);
    take(m_decimal, shown.decimal, chosen.decimal);
    take(m_encoding, shown.encoding, chosen.encoding);
    const auto words = wordsIn(m_missing->text());
    if (words != shown.missingWords.value_or(QStringList()))
        chosen.missingWords = words;
    if (chosen.sep == m_format.sep && chosen.decimal == m_format.decimal
        && chosen.encoding == m_format.encoding && chosen.missingWords == m_format.missingWords)
        return;
    m_format = chosen;
    startReading();
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
