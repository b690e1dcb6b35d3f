// SPDX-License-Identifier: Apache-2.0
#include "streampark/connectors/batch_view.h"

#include <memory>

namespace streampark::connectors {
Buffer ViewOf(const Buffer& buffer) {
  if (buffer.empty()) {
    return {};
  }
  const std::shared_ptr<const void> nobody(std::shared_ptr<const void>(), buffer.data());
  return Buffer::Borrow({buffer.data(), buffer.size()}, nobody);
}

Column ViewOf(const Column& column) {
  Column view{.type = column.type, .length = column.length};
  view.validity = ViewOf(column.validity);
  view.offsets = ViewOf(column.offsets);
  view.values = ViewOf(column.values);
  for (const Column& child : column.children) {
    view.children.push_back(ViewOf(child));
  }
  return view;
}

Batch ViewOf(const Batch& batch, const SchemaPtr& schema, const std::vector<std::size_t>& places) {
  Batch view{.schema = schema, .length = batch.length};
  for (const std::size_t at : places) {
    view.columns.push_back(ViewOf(batch.columns[at]));
  }
  return view;
}

}  // namespace streampark::connectors
