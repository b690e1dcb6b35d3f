// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/base/result.h"
#include "streampark/connectors/batch.h"

/// Values and conditions that people write, `amount * 2 > limit AND state IN ('NEW', 'PAID')`, over batches of rows. The language is in README.md.
namespace streampark::expressions {

/// A row of a batch whose value cannot be computed.
struct Failure {
  std::int64_t row = 0;
  std::string reason;
};

/// What an expression is compiled with.
struct Setting {
  /// The texts behind `:name`; shown in no error.
  std::map<std::string, std::string> parameters = {};
  /// Whether the reason of a failure may have the value in it.
  enum class Values : std::uint8_t { kShown, kHidden } values = Values::kShown;
};

/// One expression, bound to the columns of a schema. Used by one thread at a time; move-only.
class Expression {
 public:
  /// Types are checked here. VALIDATION_FAILED: `at character 7: there is no column 'amuont'`, with what would do as the hint.
  static base::Result<Expression> Compile(std::string_view text, const connectors::Schema& schema,
                                          Setting setting = {});
  /// What can be known without columns. VALIDATION_FAILED as Compile's.
  static base::Status CheckSyntax(std::string_view text);

  Expression(Expression&&) noexcept;
  Expression& operator=(Expression&&) noexcept;
  ~Expression();

  const connectors::Type& type() const;
  connectors::Nullability nullability() const;
  /// Places in the schema of the columns that it reads; ascending, none twice.
  const std::vector<std::size_t>& columns() const;

  /// The values of all rows of `batch`, which has the schema's columns (the types by place count), into `column`, whose buffers are used again. What
  /// it holds for a failed row means nothing; `failures` becomes those, each once, ascending. Values that the batch does not know are null.
  void Evaluate(const connectors::Batch& batch, connectors::Column& column,
                std::vector<Failure>& failures);
  /// The same for those rows alone, ascending; all others become null.
  void Evaluate(const connectors::Batch& batch, std::span<const std::int32_t> rows,
                connectors::Column& column, std::vector<Failure>& failures);
  /// Leaves of `rows`, ascending, those for which a BOOLEAN is TRUE; SP_CHECK refuses other types. Failed rows are not among them.
  void Select(const connectors::Batch& batch, std::vector<std::int32_t>& rows,
              std::vector<Failure>& failures);

 private:
  struct State;
  explicit Expression(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

/// `name` as the language takes it for a column, whatever is in it.
std::string QuoteName(std::string_view name);

}  // namespace streampark::expressions
