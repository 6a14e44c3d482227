// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/config/component_list_editor.h"

#include "widgets/common/card.h"
#include "widgets/common/elided_label.h"
#include "widgets/common/icon.h"
#include "widgets/config/component_editor.h"
#include "widgets/config/config_document.h"
#include "widgets/config/field_row.h"
#include "widgets/config/json_pointer.h"
#include "widgets/config/options_view.h"
#include "widgets/config/value_editors.h"

#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>

namespace leyden::ui {

ComponentItem::ComponentItem(FormContext& context, const QString& kind, const QString& name,
    const QString& pointer, QWidget* parent)
    : QWidget(parent), m_context(context), m_pointer(pointer), m_name(name)
{
    setObjectName(QStringLiteral("item:") + pointer);
    auto* card = new Card(this);
    auto* outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(card);
    auto* layout = new QVBoxLayout(card);
    layout->setContentsMargins(0, 6, 8, 6);
    layout->setSpacing(2);

    const auto* component = context.document.schema().component(kind, name);
    auto* title = new ElidedLabel(name.isEmpty() ? tr("Not a component") : name, card);
    auto bold = title->font();
    bold.setWeight(QFont::DemiBold);
    title->setFont(bold);
    auto* help = new ElidedLabel(
        component ? component->help : tr("There is no %1 of this name.").arg(kind), card);
    help->setForegroundRole(QPalette::PlaceholderText);

    m_fold = addButton(QStringLiteral("fold"), tr("Fold"));
    m_up = addButton(QStringLiteral("up"), tr("Move up"));
    m_down = addButton(QStringLiteral("down"), tr("Move down"));
    m_remove = addButton(QStringLiteral("remove"), tr("Remove"));
    auto* head = new QHBoxLayout;
    head->setContentsMargins(6, 0, 0, 0);
    head->setSpacing(6);
    head->addWidget(m_fold);
    head->addWidget(title);
    head->addWidget(help, 1);
    head->addWidget(m_up);
    head->addWidget(m_down);
    head->addWidget(m_remove);
    layout->addLayout(head);
    if (component) {
        m_options = ComponentOptions::make(context, *component, pointer, card);
        m_options->setContentsMargins(22, 0, 0, 4);
        layout->addWidget(m_options);
    }
    connect(m_fold, &QToolButton::clicked, this, [this] { Q_EMIT foldRequested(!m_isFolded); });
    connect(m_up, &QToolButton::clicked, this, [this] { Q_EMIT moveRequested(-1); });
    connect(m_down, &QToolButton::clicked, this, [this] { Q_EMIT moveRequested(1); });
    connect(m_remove, &QToolButton::clicked, this, &ComponentItem::removeRequested);
    setFolded(false);
}

QToolButton* ComponentItem::addButton(const QString& action, const QString& toolTip)
{
    auto* button = new QToolButton(this);
    button->setObjectName(action + QLatin1Char(':') + m_pointer);
    button->setAutoRaise(true);
    button->setIconSize({16, 16});
    button->setIcon(Icon::themed(action, IconTone::Muted));
    button->setToolTip(toolTip);
    button->setAccessibleName(QStringLiteral("%1 %2").arg(toolTip, m_name));
    button->setFocusPolicy(Qt::StrongFocus);
    return button;
}

void ComponentItem::setFolded(bool isFolded)
{
    m_isFolded = isFolded;
    m_fold->setIcon(
        Icon::themed(isFolded ? QStringLiteral("chevron-right") : QStringLiteral("chevron-down"),
            IconTone::Muted));
    m_fold->setToolTip(isFolded ? tr("Unfold") : tr("Fold"));
    m_fold->setAccessibleName(QStringLiteral("%1 %2").arg(m_fold->toolTip(), m_name));
    if (m_options)
        m_options->setHidden(isFolded || m_options->rows().empty());
}

void ComponentItem::setMovable(bool canGoUp, bool canGoDown)
{
    m_up->setEnabled(canGoUp);
    m_down->setEnabled(canGoDown);
}

void ComponentItem::focusFirst()
{
    if (m_options && !m_options->rows().empty())
        m_options->rows().front()->focusInput();
    else
        m_remove->setFocus();
}

void ComponentItem::focusButton(const QString& action)
{
    auto* button = action == QLatin1String("up") ? m_up
        : action == QLatin1String("down")        ? m_down
                                                 : m_remove;
    (button->isEnabled() ? button : m_remove)->setFocus();
}

FilterResult ComponentItem::applyFilter()
{
    if (!m_options)
        return {};
    const auto result = m_options->applyFilter();
    m_options->setVisible(result.isVisible && (!m_isFolded || !m_context.words.isEmpty()));
    return result;
}

ComponentListEditor::ComponentListEditor(
    FormContext& context, const OptionSchema& option, const QString& pointer, QWidget* parent)
    : FieldEditor(parent)
    , m_context(context)
    , m_option(option)
    , m_pointer(pointer)
    , m_add(new QPushButton(this))
    , m_empty(new QLabel(this))
    , m_layout(new QVBoxLayout(this))
{
    m_layout->setContentsMargins(0, 0, 0, 0);
    m_layout->setSpacing(8);
    if (option.takes(ValueKind::Bool))
        setupMode();
    m_empty->setForegroundRole(QPalette::PlaceholderText);
    m_empty->setContentsMargins(12, 4, 0, 4);
    m_empty->setText(tr("Nothing here yet."));
    m_layout->addWidget(m_empty);
    setupAddButton();
    m_layout->addWidget(m_add, 0, Qt::AlignLeft);
    if (!m_mode)
        setFocusProxy(m_add);
}

void ComponentListEditor::setupMode()
{
    m_mode = new MarkedComboBox(this);
    m_mode->setFixedSize(240, 26);
    if (m_option.isNullable())
        m_mode->addItem(m_option.unsetText(), QStringLiteral("null"));
    m_mode->addItem(QStringLiteral("true"), QStringLiteral("true"));
    m_mode->addItem(QStringLiteral("false"), QStringLiteral("false"));
    m_mode->addItem(tr("a list"), QStringLiteral("list"));
    connect(m_mode, &QComboBox::activated, this, &ComponentListEditor::chooseMode);
    m_layout->addWidget(m_mode, 0, Qt::AlignLeft);
}

void ComponentListEditor::setupAddButton()
{
    auto* menu = new QMenu(m_add);
    menu->setToolTipsVisible(true);
    const auto kind = m_option.componentKind();
    for (const auto& component : m_context.document.schema().components(kind)) {
        auto* action = menu->addAction(component.name);
        action->setToolTip(component.help);
        connect(action, &QAction::triggered, this, [this, name = component.name] { add(name); });
    }
    m_add->setObjectName(QStringLiteral("add:") + m_pointer);
    m_add->setText(tr("Add %1").arg(kind));
    m_add->setAccessibleName(m_add->text());
    m_add->setIcon(Icon::themed(QStringLiteral("add")));
    m_add->setIconSize({16, 16});
    m_add->setMinimumHeight(28);
    m_add->setFocusPolicy(Qt::StrongFocus);
    m_add->setMenu(menu);
}

QWidget* ComponentListEditor::input()
{
    return m_mode ? static_cast<QWidget*>(m_mode) : this;
}

void ComponentListEditor::setProblem(bool hasProblem)
{
    if (m_mode)
        m_mode->setProblem(hasProblem);
}

Json ComponentListEditor::list() const
{
    const auto value = m_context.document.effectiveValue(m_pointer);
    if (value.is_array())
        return value;
    return value.is_object() || value.is_string() ? Json::array({value}) : Json::array();
}

void ComponentListEditor::write(const Json& list)
{
    m_context.document.finishEdit();
    m_context.document.setValue(m_pointer, list);
    m_context.document.finishEdit();
}

void ComponentListEditor::chooseMode(int idx)
{
    const auto mode = m_mode->itemData(idx).toString();
    if (mode == QLatin1String("list"))
        write(list());
    else
        write(Json::parse(mode.toStdString()));
}

void ComponentListEditor::add(const QString& name)
{
    auto items = list();
    items.push_back({{"class_path", name.toStdString()}, {"init_args", Json::object()}});
    write(items);
    if (!m_items.isEmpty())
        m_items.last()->focusFirst();
}

void ComponentListEditor::move(int idx, int by)
{
    auto items = list();
    const auto other = idx + by;
    if (other < 0 || std::size_t(other) >= items.size())
        return;
    std::swap(items[std::size_t(idx)], items[std::size_t(other)]);
    m_folded.swapItemsAt(idx, other);
    write(items);
    if (other < m_items.size())
        m_items[other]->focusButton(by < 0 ? QStringLiteral("up") : QStringLiteral("down"));
}

void ComponentListEditor::remove(int idx)
{
    auto items = list();
    if (std::size_t(idx) >= items.size())
        return;
    items.erase(std::size_t(idx));
    m_folded.removeAt(idx);
    write(items);
    if (m_items.isEmpty())
        m_add->setFocus();
    else
        m_items[qMin(idx, int(m_items.size()) - 1)]->focusButton(QStringLiteral("remove"));
}

void ComponentListEditor::showValue(const std::optional<Json>& value)
{
    const auto shown = value.value_or(m_option.defaultValue.value_or(Json()));
    if (m_mode) {
        const auto mode = shown.is_boolean() ? (shown == Json(true) ? "true" : "false")
            : shown.is_null()                ? "null"
                                             : "list";
        m_mode->setCurrentIndex(m_mode->findData(QLatin1String(mode)));
    }
    const auto items = list();
    QStringList names;
    for (const auto& item : items)
        names += classPathOf(&item);
    m_empty->setVisible(items.empty() && (!m_mode || shown.is_array()));
    if (names == m_names && m_items.size() == names.size())
        return;
    m_names = names;
    rebuild();
}

void ComponentListEditor::rebuild()
{
    for (auto* item : std::as_const(m_items)) { // one of their buttons may have led here
        item->hide();
        item->setParent(nullptr);
        item->deleteLater();
    }
    m_items.clear();
    m_folded.resize(m_names.size());
    for (int i = 0; i < m_names.size(); ++i) {
        auto* item = new ComponentItem(m_context, m_option.componentKind(), m_names[i],
            childPointer(m_pointer, QString::number(i)), this);
        item->setMovable(i > 0, i + 1 < m_names.size());
        item->setFolded(m_folded[i]);
        connect(item, &ComponentItem::foldRequested, this, [this, i](bool isFolded) {
            m_folded[i] = isFolded;
            m_items[i]->setFolded(isFolded);
        });
        connect(item, &ComponentItem::moveRequested, this, [this, i](int by) { move(i, by); });
        connect(item, &ComponentItem::removeRequested, this, [this, i] { remove(i); });
        m_layout->insertWidget(m_layout->count() - 1, item);
        item->applyFilter();
        item->show();
        m_items += item;
    }
}

FilterResult ComponentListEditor::applyFilter()
{
    FilterResult result;
    for (auto* item : std::as_const(m_items)) {
        const auto one = item->applyFilter();
        item->setVisible(m_context.words.isEmpty() || one.matches > 0);
        result += one;
    }
    return result;
}

} // namespace leyden::ui
