// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/config/value_editors.h"

#include "widgets/common/icon.h"
#include "widgets/common/theme.h"
#include "widgets/common/wheel_guard.h"
#include "widgets/config/config_document.h"
#include "widgets/config/name_completer.h"
#include "widgets/config/value_text.h"

#include <QCheckBox>
#include <QCompleter>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QMenu>
#include <QPainter>
#include <QStringListModel>
#include <QToolButton>

namespace leyden::ui {

namespace {

constexpr int inputHeight = 26;

/// In red where the value is wrong.
void paintFrame(QWidget* widget, bool hasProblem)
{
    if (!hasProblem)
        return;
    QPainter painter(widget);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(themeColors(widget->palette()).error, 1.5));
    painter.drawRoundedRect(QRectF(widget->rect()).adjusted(0.75, 0.75, -0.75, -0.75), 2.5, 2.5);
}

QHBoxLayout* plainLayout(QWidget* widget)
{
    auto* layout = new QHBoxLayout(widget);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4);
    return layout;
}

} // namespace

void MarkedLineEdit::setProblem(bool hasProblem)
{
    m_hasProblem = hasProblem;
    update();
}

void MarkedLineEdit::setUnit(const QString& unit)
{
    m_unit = unit;
    auto margins = textMargins();
    margins.setRight(fontMetrics().horizontalAdvance(unit) + 14);
    setTextMargins(margins);
    update();
}

bool MarkedLineEdit::event(QEvent* event)
{
    if (event->type() == QEvent::ShortcutOverride || event->type() == QEvent::KeyPress) {
        const auto* press = static_cast<QKeyEvent*>(event);
        if (press->matches(QKeySequence::Undo) || press->matches(QKeySequence::Redo)) {
            event->ignore();
            return event->type() == QEvent::ShortcutOverride;
        }
    }
    return QLineEdit::event(event);
}

void MarkedLineEdit::paintEvent(QPaintEvent* event)
{
    QLineEdit::paintEvent(event);
    if (!m_unit.isEmpty()) {
        QPainter painter(this);
        painter.setPen(palette().color(QPalette::PlaceholderText));
        painter.drawText(rect().adjusted(0, 0, -9, 0), Qt::AlignRight | Qt::AlignVCenter, m_unit);
    }
    paintFrame(this, m_hasProblem);
}

MarkedComboBox::MarkedComboBox(QWidget* parent) : QComboBox(parent)
{
    WheelGuard::protect(this);
    setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    setMinimumContentsLength(8);
}

void MarkedComboBox::setProblem(bool hasProblem)
{
    m_hasProblem = hasProblem;
    update();
}

void MarkedComboBox::paintEvent(QPaintEvent* event)
{
    QComboBox::paintEvent(event);
    paintFrame(this, m_hasProblem);
}

CheckEditor::CheckEditor(const OptionSchema& option, QWidget* parent)
    : FieldEditor(parent), m_option(option), m_box(new QCheckBox(this))
{
    plainLayout(this)->addWidget(m_box);
    connect(m_box, &QCheckBox::clicked, this, [this](bool isOn) {
        Q_EMIT edited(Json(isOn));
        Q_EMIT finished();
    });
}

void CheckEditor::showValue(const std::optional<Json>& value)
{
    const auto shown = value.value_or(m_option.defaultValue.value_or(Json(false)));
    m_box->setChecked(shown == Json(true));
}

QWidget* CheckEditor::input()
{
    return m_box;
}

ChoiceEditor::ChoiceEditor(const OptionSchema& option, QWidget* parent)
    : FieldEditor(parent), m_option(option), m_box(new MarkedComboBox(this))
{
    plainLayout(this)->addWidget(m_box);
    m_box->setPlaceholderText(tr("choose"));
    m_box->setMinimumHeight(inputHeight);
    if (option.isNullable()) {
        const bool isDefault = option.defaultValue && option.defaultValue->is_null();
        addChoice(Json(nullptr), isDefault ? option.unsetText() : QStringLiteral("null"));
    }
    for (const auto& alternative : option.alternatives) {
        auto choices = alternative.choices;
        if (alternative.kind == ValueKind::Bool && choices.empty())
            choices = {Json(true), Json(false)};
        for (const auto& choice : choices) {
            if (m_box->findText(plainText(choice)) < 0) // 32 and "32" mean the same
                addChoice(choice, plainText(choice));
        }
    }
    connect(m_box, &QComboBox::activated, this, [this](int idx) {
        Q_EMIT edited(m_values[std::size_t(idx)]);
        Q_EMIT finished();
    });
}

void ChoiceEditor::addChoice(const Json& value, const QString& text)
{
    m_values.push_back(value);
    m_box->addItem(text);
}

int ChoiceEditor::indexOf(const Json& value) const
{
    const auto found = std::find(m_values.begin(), m_values.end(), value);
    if (found != m_values.end())
        return int(found - m_values.begin());
    return value.is_structured() ? -1 : m_box->findText(plainText(value));
}

void ChoiceEditor::showValue(const std::optional<Json>& value)
{
    if (m_strangerIdx >= 0) {
        m_box->removeItem(m_strangerIdx);
        m_values.pop_back();
        m_strangerIdx = -1;
    }
    const auto shown = value ? value : m_option.defaultValue;
    if (shown && indexOf(*shown) < 0) { // keep what the config says, however wrong
        m_strangerIdx = m_box->count();
        addChoice(*shown, plainText(*shown));
    }
    m_box->setCurrentIndex(shown ? indexOf(*shown) : -1);
}

TextEditor::TextEditor(const OptionSchema& option, QWidget* parent)
    : FieldEditor(parent), m_option(option), m_line(new MarkedLineEdit(this))
{
    plainLayout(this)->addWidget(m_line);
    m_line->setPlaceholderText(option.unsetText());
    m_line->setTextMargins(3, 0, 3, 0);
    m_line->setMinimumHeight(inputHeight);
    if (option.isPath)
        addBrowseButton();
    QStringList words;
    for (const auto& alternative : option.alternatives) {
        for (const auto& choice : alternative.choices)
            words += plainText(choice);
    }
    if (!words.isEmpty())
        m_line->setCompleter(new QCompleter(words, m_line));
    if (option.takes(ValueKind::Int))
        m_line->installEventFilter(this);
    connect(m_line, &QLineEdit::textEdited, this, &TextEditor::commit);
    connect(m_line, &QLineEdit::editingFinished, this, &FieldEditor::finished);
    if (auto* completer = m_line->completer())
        connect(completer, qOverload<const QString&>(&QCompleter::activated), this,
            &TextEditor::commit);
}

void TextEditor::addBrowseButton()
{
    auto* browse = new QToolButton(this);
    browse->setIcon(Icon::themed(QStringLiteral("folder")));
    browse->setAutoRaise(true);
    browse->setToolTip(tr("Browse"));
    browse->setAccessibleName(tr("Browse for %1").arg(m_option.name));
    auto* menu = new QMenu(browse);
    const auto add = [&](const QString& text, auto choose) {
        connect(menu->addAction(text), &QAction::triggered, this, [this, choose] {
            const auto path = choose(this, QFileInfo(m_line->text()).path());
            if (path.isEmpty())
                return;
            m_line->setText(path);
            commit(path);
            Q_EMIT finished();
        });
    };
    add(tr("File..."), [](QWidget* window, const QString& folder) {
        return QFileDialog::getOpenFileName(window, tr("Choose a file"), folder);
    });
    add(tr("Folder..."), [](QWidget* window, const QString& folder) {
        return QFileDialog::getExistingDirectory(window, tr("Choose a folder"), folder);
    });
    connect(browse, &QToolButton::clicked, menu, // no setMenu(): its arrow would cover the icon
        [browse, menu] { menu->popup(browse->mapToGlobal(browse->rect().bottomLeft())); });
    layout()->addWidget(browse);
}

void TextEditor::offerNames(const ConfigDocument& document)
{
    auto* names = new QStringListModel(document.knownNames(m_option.namesOf), this);
    auto* completer = new NameCompleter(names, m_option, m_line);
    m_line->setCompleter(completer);
    connect(completer, qOverload<const QString&>(&QCompleter::activated), this,
        [this](const QString& text) {
            commit(text);
            Q_EMIT finished();
        });
    auto* list = new QToolButton(this);
    list->setObjectName(QStringLiteral("names:") + m_option.name);
    list->setIcon(Icon::themed(QStringLiteral("chevron-down")));
    list->setAutoRaise(true);
    list->setToolTip(m_option.namesOf == QLatin1String("columns")
            ? tr("The columns of the table")
            : tr("The metrics that the model logs"));
    list->setAccessibleName(tr("Names for %1").arg(m_option.name));
    connect(list, &QToolButton::clicked, this, [this, completer] {
        m_line->setFocus(Qt::OtherFocusReason);
        completer->offerAll();
    });
    layout()->addWidget(list);
    const auto take = [this, names, list, &document] {
        names->setStringList(document.knownNames(m_option.namesOf));
        list->setEnabled(names->rowCount() > 0);
    };
    connect(&document, &ConfigDocument::knownNamesChanged, this, take);
    take();
}

void TextEditor::commit(const QString& text)
{
    m_isTyping = true;
    Q_EMIT edited(valueFromText(text, m_option));
    m_isTyping = false;
}

void TextEditor::showValue(const std::optional<Json>& value)
{
    const auto typed = valueFromText(m_line->text(), m_option);
    const auto fallback = m_option.defaultValue.value_or(Json());
    // "1e-3" stays as it is typed, and so does the default, though that may be written as nothing.
    if ((m_isTyping || m_line->hasFocus())
        && sameJson(typed.value_or(fallback), value.value_or(fallback)))
        return;
    const auto text = value ? valueText(*value, m_option) : QString();
    if (text == m_line->text())
        return;
    m_line->setText(text);
    m_line->setCursorPosition(0); // the beginning of a long one
}

bool TextEditor::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_line && event->type() == QEvent::KeyPress && !m_line->isReadOnly()) {
        const auto* press = static_cast<QKeyEvent*>(event);
        const bool isArrow = press->key() == Qt::Key_Up || press->key() == Qt::Key_Down;
        if (isArrow && press->modifiers() == Qt::NoModifier) {
            step(press->key() == Qt::Key_Up ? 1 : -1);
            return true;
        }
    }
    return FieldEditor::eventFilter(watched, event);
}

void TextEditor::step(int direction)
{
    const auto value
        = valueFromText(m_line->text(), m_option).value_or(m_option.defaultValue.value_or(Json()));
    if (!value.is_number_integer())
        return;
    const auto next = value.get<qint64>() + direction;
    const auto* whole = m_option.alternative(ValueKind::Int);
    if ((whole->minimum && double(next) < *whole->minimum)
        || (whole->maximum && double(next) > *whole->maximum))
        return;
    m_line->setText(QString::number(next));
    commit(m_line->text());
}

} // namespace leyden::ui
