// SPDX-License-Identifier: Apache-2.0
#include "config/hocon.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <map>
#include <utility>

#include "config/hocon_reader.h"

/// A value is known when all of the file is read, since `${path}` may look ahead. So a field keeps what was assigned to it, in order, and
/// is worked out when it is asked for: by whoever collects the properties, or by another field. Asked for while it is being
/// worked out, it is what it was so far: `path = ${path}":/opt"`.
namespace streampark::core::hocon {
namespace {

constexpr std::size_t kMostBytes = std::size_t{1} << 20;
constexpr int kLongestChain = 64;

struct Value {
  enum class Kind : std::uint8_t { kMissing, kText, kList, kObject } kind = Kind::kMissing;
  std::string text;
  std::vector<Value> items;
  std::map<std::string, Value> fields;
  int line = 0;

  bool missing() const { return kind == Kind::kMissing; }
};

class Solver {
 public:
  Solver(const Object& root, const std::string& file) : root_(root), file_(file) {}

  base::Status Collect(std::vector<Property>& into) {
    for (const auto& [name, field] : root_.fields) {
      SP_TRY(Flatten(SP_TRY(Solve(*field, 0)), name, into));
    }
    return base::Ok();
  }

 private:
  base::Error Wrong(const Place& at, std::string message) const {
    return {base::ErrorCode::kJobFileInvalid, at.In(file_) + ": " + std::move(message)};
  }

  base::Status Flatten(const Value& value, const std::string& key, std::vector<Property>& into) {
    switch (value.kind) {
      case Value::Kind::kMissing:
        return base::Ok();
      case Value::Kind::kText:
        into.push_back({key, value.text, value.line});
        return base::Ok();
      case Value::Kind::kList: {
        std::string joined;
        for (const Value& item : value.items) {
          if (item.kind != Value::Kind::kText) {
            return Wrong({value.line, 1},
                         "The items of the list '" + key + "' must be plain values.");
          }
          joined += (joined.empty() ? "" : ",") + item.text;
        }
        into.push_back({key, std::move(joined), value.line});
        return base::Ok();
      }
      case Value::Kind::kObject:
        for (const auto& [name, field] : value.fields) {
          SP_TRY(Flatten(field, key + "." + name, into));
        }
        return base::Ok();
    }
    return base::Ok();
  }

  // NOLINTNEXTLINE(misc-no-recursion): bounded by kLongestChain
  base::Result<Value> Solve(const Field& field, int depth) {
    const auto [at, begun] = solved_.try_emplace(&field);
    Value& so_far = at->second;  // of a map: it stays where it is
    if (!begun) {
      return so_far;
    }
    for (const auto& assigned : field.assigned) {
      if (depth > kLongestChain) {
        return Wrong(assigned.at, "Values refer to each other, or are nested, more than " +
                                      std::to_string(kLongestChain) + " deep.");
      }
      auto value = SP_TRY(Work(assigned.pieces, depth + 1));
      if (assigned.null) {
        so_far = {};
        continue;
      }
      if (value.missing()) {
        continue;  // ${?path} of what is not there leaves what was
      }
      value.line = assigned.at.line;
      if (assigned.adds) {
        Value list =
            so_far.missing() ? Value{.kind = Value::Kind::kList, .line = assigned.at.line} : so_far;
        if (list.kind != Value::Kind::kList) {
          return Wrong(assigned.at, "+= adds to a list, and the key has another value.");
        }
        list.items.push_back(std::move(value));
        so_far = std::move(list);
      } else {
        so_far = Over(std::move(so_far), std::move(value));
      }
    }
    return so_far;
  }

  /// Objects are merged; anything else takes the place of what was.
  // NOLINTNEXTLINE(misc-no-recursion): bounded by kLongestChain
  static Value Over(Value before, Value after) {
    if (before.kind != Value::Kind::kObject || after.kind != Value::Kind::kObject) {
      return after;
    }
    for (auto& [name, field] : after.fields) {
      Value& there = before.fields[name];
      there = Over(std::move(there), std::move(field));
    }
    return before;
  }

  // NOLINTNEXTLINE(misc-no-recursion): bounded by kLongestChain
  base::Result<Value> Work(const std::vector<Piece>& pieces, int depth) {
    Value whole;
    std::string blanks;  // between two texts they belong to the value
    for (const Piece& piece : pieces) {
      if (piece.kind == Piece::Kind::kBlanks) {
        blanks = piece.text;
        continue;
      }
      Value part = SP_TRY(WorkPiece(piece, depth));
      if (part.missing()) {
        continue;
      }
      SP_TRY(CountBytes(part, piece.at));
      if (whole.missing()) {
        whole = std::move(part);
      } else if (whole.kind != part.kind) {
        return Wrong(piece.at, "A text, a list and an object cannot be one value.");
      } else if (whole.kind == Value::Kind::kText) {
        whole.text += blanks + part.text;
      } else if (whole.kind == Value::Kind::kList) {
        std::ranges::move(part.items, std::back_inserter(whole.items));
      } else {
        whole = Over(std::move(whole), std::move(part));
      }
      blanks.clear();
    }
    return whole;
  }

  // NOLINTNEXTLINE(misc-no-recursion): bounded by kLongestChain
  base::Result<Value> WorkPiece(const Piece& piece, int depth) {
    Value value{.line = piece.at.line};
    switch (piece.kind) {
      case Piece::Kind::kBlanks:
        break;
      case Piece::Kind::kText:
        value.kind = Value::Kind::kText;
        value.text = piece.text;
        break;
      case Piece::Kind::kList:
        value.kind = Value::Kind::kList;
        for (const auto& item : piece.items) {
          if (auto one = SP_TRY(Work(item, depth + 1)); !one.missing()) {
            value.items.push_back(std::move(one));
          }
        }
        break;
      case Piece::Kind::kObject:
        value.kind = Value::Kind::kObject;
        for (const auto& [name, field] : piece.object->fields) {
          value.fields[name] = SP_TRY(Solve(*field, depth + 1));
        }
        break;
      case Piece::Kind::kReference:
        value = SP_TRY(Find(piece, depth));
    }
    return value;
  }

  // NOLINTNEXTLINE(misc-no-recursion): bounded by kLongestChain
  base::Result<Value> Find(const Piece& reference, int depth) {
    const Path& path = reference.path;
    const Object* object = &root_;
    Value value;
    for (std::size_t i = 0; i < path.size(); ++i) {
      const auto found = object->fields.find(path[i]);
      if (found == object->fields.end()) {
        value = {};
        break;
      }
      if (i + 1 < path.size() && found->second->object() != nullptr) {
        object = found->second->object();  // without a look at the other fields of it
        continue;
      }
      value = SP_TRY(Solve(*found->second, depth + 1));
      for (++i; i < path.size() && !value.missing(); ++i) {
        const auto inner = value.fields.find(path[i]);
        value = inner == value.fields.end() ? Value{} : Value(inner->second);
      }
      break;
    }
    const std::string name = Join(path);
    if (value.missing() && std::getenv(name.c_str()) != nullptr) {
      value.kind = Value::Kind::kText;
      value.text = "${env:" + name + "}";  // put in when it is asked for, and shown nowhere
    }
    if (value.missing() && !reference.optional) {
      return Wrong(reference.at, "${" + name +
                                     "} is set neither in this file nor in the environment"
                                     ", or refers to itself.")
          .WithHint("${?" + name + "} is nothing when it is not set");
    }
    return value;
  }

  /// References can make much of little.
  base::Status CountBytes(const Value& value, const Place& at) {
    bytes_ += BytesOf(value);
    if (bytes_ > kMostBytes * kLongestChain) {
      return Wrong(at, "The references of this file make it too large.");
    }
    return base::Ok();
  }
  // NOLINTNEXTLINE(misc-no-recursion): bounded by kLongestChain
  static std::size_t BytesOf(const Value& value) {
    std::size_t bytes = value.text.size() + 1;
    for (const Value& item : value.items) {
      bytes += BytesOf(item);
    }
    for (const auto& [name, field] : value.fields) {
      bytes += name.size() + BytesOf(field);
    }
    return bytes;
  }

  const Object& root_;
  const std::string& file_;
  std::map<const Field*, Value> solved_;
  std::size_t bytes_ = 0;
};

}  // namespace
}  // namespace streampark::core::hocon

namespace streampark::core {

base::Result<std::vector<Property>> ParseHocon(std::string_view text, const std::string& file) {
  const auto root = SP_TRY(hocon::Read(text, file));
  std::vector<Property> properties;
  SP_TRY(hocon::Solver(*root, file).Collect(properties));
  return properties;
}

}  // namespace streampark::core
