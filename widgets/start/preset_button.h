// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractButton>
#include <QString>

namespace leyden::ui {

/// A preset as the start page shows it.
struct PresetCard
{
    QString name;         ///< "digits-mlp"
    QString title;        ///< "Handwritten digits"
    QString summary;      ///< what it trains
    QString data;         ///< "1,797 rows, 64 pixels, 10 classes"
    double seconds = 0.0; ///< that it ran where it was measured; 0: not known
    QString hint{};       ///< what to try with it; may be empty
};

/// A card that can be clicked, or chosen by Enter and Space.
class PresetButton final : public QAbstractButton
{
    Q_OBJECT

public:
    explicit PresetButton(const PresetCard& preset, QWidget* parent = nullptr);

    QString presetName() const { return m_name; }

protected:
    void paintEvent(QPaintEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    QString m_name;
};

} // namespace leyden::ui
