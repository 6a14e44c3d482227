// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QMetaType>
#include <QString>
#include <QStringList>

#include <algorithm>
#include <limits>

namespace leyden::ui {

enum class DataColumnType { Number, Text, Mixed, Empty };

/// A column of a table at a glance.
struct DataColumn
{
    QString name;
    DataColumnType type = DataColumnType::Number;
    qint64 missing = 0;                                        ///< cells
    qint64 distinct = -1;                                      ///< values; -1: not counted
    double minimum = std::numeric_limits<double>::quiet_NaN(); ///< of numbers; NaN: none
    double maximum = std::numeric_limits<double>::quiet_NaN();
};

struct ClassCount
{
    QString name;
    qint64 rows = -1; ///< -1: not counted
};

/// What a run learns from. A plain value, so that a queued signal can carry it.
struct DataPreview
{
    QString title;        ///< the file's name, or that of the data module
    QString path;         ///< "" where there is no single file
    qint64 rowCount = -1; ///< of the file; -1: not known
    QString target;
    bool isClassification = true;
    QString featureShape; ///< "[N, 64]": of a batch as the model gets it; "" before that is known
    QList<DataColumn> columns; ///< as the file has them; may be empty
    QList<QStringList> rows;   ///< the first ones, as written
    QList<ClassCount> classes; ///< empty for a numeric target
    qint64 trainRows = -1;     ///< -1: not known
    qint64 valRows = -1;
    qint64 testRows = -1;

    /// Rows of the file that no part takes, e.g. for their missing values; 0 where that is not known.
    qint64 leftOutRows() const
    {
        return rowCount < 0 || trainRows < 0
            ? 0
            : std::max<qint64>(0,
                  rowCount - trainRows - std::max<qint64>(0, valRows)
                      - std::max<qint64>(0, testRows));
    }
};

} // namespace leyden::ui

Q_DECLARE_METATYPE(leyden::ui::DataPreview)
