// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/base/result.h"
#include "streampark/connectors/batch.h"
#include "streampark/connectors/source.h"
#include "streampark/expressions/expression.h"
#include "streampark/pump/pump_file.h"

namespace streampark::pump {

/// What is made of the rows of one table between source and sink. In this order:
///
/// | step     | sees                                                      | gives                                            |
/// |----------|-----------------------------------------------------------|--------------------------------------------------|
/// | `cast`   | the columns as they are read                              | the column with another type                     |
/// | `filter` | the columns after `cast`, and those of `set` when it names them, then after it | the rows for which it is TRUE |
/// | `set`    | the columns after `cast`, and not each other              | a column more, or another value of one           |
/// | `mask`   | all columns by then                                       | the column with another value                    |
/// | `drop`   |                                                           | what is left                                     |
///
/// A value that cannot be computed makes its row dirty. What is masked is shown in no dirty record.
class RowTransform {
 public:
  /// A column of what it gives.
  struct Output {
    std::string name;
    std::string how;     // `set`, `mask`, …, for people; empty: as it is read
    bool unique = true;  // whether different values stay different
  };

  /// `read`: the columns under their own names. `salts`: the secrets of masks by their columns. VALIDATION_FAILED names the place in the file, and in
  /// the expression.
  static base::Result<RowTransform> Make(const TableRule& rule, connectors::SchemaPtr read,
                                         std::string table,
                                         const std::map<std::string, std::string>& salts);

  /// The fields of what it gives, with those of `outputs`.
  const std::vector<connectors::Field>& fields() const { return fields_; }
  const std::vector<Output>& outputs() const { return outputs_; }

  /// The rows of `batch` after it, under `schema` (of fields() with other names): good until the next call, and as long as `batch` lives.
  connectors::Batch& Apply(const connectors::Batch& batch, const connectors::SchemaPtr& schema,
                           std::vector<connectors::DirtyRecord>& dirty);
  /// Takes out of a record of the source what is not to be seen.
  void Hide(connectors::DirtyRecord& record) const;

 private:
  struct Step {
    expressions::Expression expression;
    std::size_t column = 0;  // of columns_
    std::string what;        // `'amount'`
    std::string origin;      // `job.yaml:12`
    connectors::Column made;
  };

  RowTransform() = default;
  base::Status MakeCasts(const TableRule& rule);
  base::Status MakeComputed(const TableRule& rule);
  base::Status MakeFilter(const TableRule& rule);
  base::Status MakeMasks(const TableRule& rule, const std::map<std::string, std::string>& salts);
  base::Status MakeOutputs(const TableRule& rule);
  base::Result<expressions::Expression> Compile(const Computed& computed,
                                                expressions::Setting setting) const;
  std::size_t Place(const std::string& column) const;
  void FindHidden(const TableRule& rule);

  void Run(Step& step);
  void RunAll(std::vector<Step>& steps);
  void Filter();
  void TakeFailures(const std::string& what, const std::string& origin);

  std::string table_;
  connectors::SchemaPtr read_;
  /// The columns by now while it is made: those that are read, then those of `set`.
  std::vector<connectors::Field> columns_;
  std::vector<Output> hows_;
  std::vector<std::string> hidden_;  // columns that are read and not to be seen
  std::vector<Step> casts_, sets_, masks_;
  std::vector<Step> filter_;  // one, or none
  bool filter_sees_set_ = false;
  std::vector<std::size_t> kept_;  // places in columns_
  std::vector<connectors::Field> fields_;
  std::vector<Output> outputs_;

  // Of the batch that is worked on.
  const connectors::Batch* batch_ = nullptr;
  std::vector<connectors::DirtyRecord>* dirty_ = nullptr;
  connectors::Batch now_;  // columns_ as views
  connectors::Batch out_;
  std::vector<std::int32_t> rows_;  // that are left
  std::vector<expressions::Failure> failures_;
  std::vector<connectors::Column> copies_;  // of the outputs, when rows are left out
};

}  // namespace streampark::pump
