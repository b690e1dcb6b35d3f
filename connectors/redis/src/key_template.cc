// SPDX-License-Identifier: Apache-2.0
#include "key_template.h"

#include <algorithm>

#include "streampark/connectors/option_errors.h"
#include "streampark/formats/text_values.h"

#include "columns.h"

namespace streampark::connectors::redis {

bool HasText(const Type& type) {
  return type.kind() != TypeKind::kList && type.kind() != TypeKind::kMap &&
         type.kind() != TypeKind::kStruct;
}

void AppendValue(const Column& column, std::int64_t row, std::string& out) {
  if (column.type.kind() == TypeKind::kBytes) {
    out += column.text(row);
  } else {
    formats::WriteTextValue(column, row, 'T', out);
  }
}

base::Result<KeyTemplate> KeyTemplate::Parse(std::string_view text, const Schema& schema) {
  KeyTemplate parsed;
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if ((c == '{' || c == '}') && i + 1 < text.size() && text[i + 1] == c) {
      plain.push_back(c);
      ++i;
      continue;
    }
    const auto end = c == '{' ? text.find('}', i) : std::string_view::npos;
    if (c == '}' || (c == '{' && end == std::string_view::npos)) {
      return WrongOption("key", "'" + std::string(text) + "' has a brace without its other one",
                         "{{ and }} stand for braces");
    }
    if (c != '{') {
      plain.push_back(c);
      continue;
    }
    const std::string name(text.substr(i + 1, end - i - 1));
    const int at = schema.Find(name);
    if (at < 0) {
      return WrongOption("key", "there is no column '" + name + "'",
                         "{NAME} stands for the value of the column NAME");
    }
    const auto column = static_cast<std::size_t>(at);
    if (!HasText(schema.fields()[column].type)) {
      return WrongOption("key", "the column '" + name + "' of type " +
                                    schema.fields()[column].type.ToString() +
                                    " has no form as text");
    }
    parsed.pieces_.push_back({std::move(plain), column});
    plain.clear();
    parsed.columns_.push_back(column);
    i = end;
  }
  parsed.tail_ = std::move(plain);
  if (parsed.pieces_.empty() && parsed.tail_.empty()) {
    return WrongOption("key", "is empty", "user:{id}");
  }
  std::ranges::sort(parsed.columns_);
  parsed.columns_.erase(std::ranges::unique(parsed.columns_).begin(), parsed.columns_.end());
  return parsed;
}

formats::Refusal KeyTemplate::Append(const Batch& batch, std::int64_t row, std::string& out) const {
  for (const Piece& piece : pieces_) {
    const Column& column = batch.columns[piece.column];
    if (!batch.is_known(piece.column, row) || column.null(row)) {
      return "its key is null in '" + batch.schema->fields()[piece.column].name + "'";
    }
    out += piece.text;
    AppendValue(column, row, out);
  }
  out += tail_;
  return std::nullopt;
}

}  // namespace streampark::connectors::redis
