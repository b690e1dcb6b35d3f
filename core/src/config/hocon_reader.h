// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/base/result.h"

/// The syntax of HOCON: a file as a tree, with nothing worked out (hocon.cc does that).
namespace streampark::core::hocon {

/// Counted from 1.
struct Place {
  int line = 1;
  int column = 1;
  std::string In(const std::string& file) const {
    return file + ":" + std::to_string(line) + ":" + std::to_string(column);
  }
};

using Path = std::vector<std::string>;
std::string Join(const Path& path);

struct Object;

/// A part of a value; a value is the concatenation of its pieces.
struct Piece {
  enum class Kind : std::uint8_t { kText, kBlanks, kReference, kList, kObject } kind = Kind::kText;
  Place at;
  std::string text;  // of a text, or of blanks between two pieces
  Path path;         // of a reference
  bool optional = false;
  std::vector<std::vector<Piece>> items;  // of a list
  std::shared_ptr<Object> object;
};

struct Assignment {
  Place at;
  std::vector<Piece> pieces;
  bool adds = false;  // +=
  bool null = false;
};

/// What was assigned to a key, in order. An object that follows an object is merged into it at once.
struct Field {
  std::vector<Assignment> assigned;
  /// Null unless the field is one object and nothing else.
  Object* object() const;
};

struct Object {
  std::map<std::string, std::unique_ptr<Field>> fields;
};

/// JOB_FILE_INVALID with file, line and column.
base::Result<std::shared_ptr<Object>> Read(std::string_view text, const std::string& file);

}  // namespace streampark::core::hocon
