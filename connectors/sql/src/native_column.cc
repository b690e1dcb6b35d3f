// SPDX-License-Identifier: Apache-2.0
#include "streampark/connectors/sql/native_column.h"

#include <algorithm>

#include "streampark/base/spelling.h"

namespace streampark::connectors::sql {

base::Result<const NativeColumn*> FindColumn(const std::vector<NativeColumn>& columns,
                                             const std::string& name, const std::string& what) {
  const auto found = std::ranges::find(columns, name, &NativeColumn::name);
  if (found != columns.end()) {
    return &*found;
  }
  std::vector<std::string> names;
  std::string listed;
  for (const NativeColumn& column : columns) {
    names.push_back(column.name);
    listed.append(listed.empty() ? "" : ", ").append(column.name);
  }
  const auto near = base::ClosestMatch(name, names);
  return base::Error(base::ErrorCode::kValidationFailed, what + " has no column '" + name + "'")
      .WithHint((near ? "did you mean '" + *near + "'? " : "") + "it has " + listed);
}

}  // namespace streampark::connectors::sql
