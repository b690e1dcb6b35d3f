// SPDX-License-Identifier: Apache-2.0
#include "streampark/connectors/sql/session.h"

namespace streampark::connectors::sql {

SchemaPtr CopiedRows() {
  static const SchemaPtr kSchema = std::make_shared<const Schema>(
      std::vector<Field>{{"streampark_copied", TypeKind::kBytes, Nullability::kRequired}});
  return kSchema;
}

bool AreCopiedRows(const Schema& schema) { return schema == *CopiedRows(); }

}  // namespace streampark::connectors::sql
