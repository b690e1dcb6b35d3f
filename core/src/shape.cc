// SPDX-License-Identifier: Apache-2.0
#include "streampark/core/shape.h"

#include <algorithm>
#include <string>

namespace streampark::core {

namespace {

constexpr int kDeepest = 32;

base::Error Refused(const std::string& path, std::string why) {
  return {base::ErrorCode::kStateNotRestored,
          "The field '" + (path.empty() ? std::string("(the value itself)") : path) + "' " +
              std::move(why) + "."};
}

base::Status Check(const Shape& from, const Shape& to, const std::string& path) {
  using Kind = Shape::Kind;
  const auto deeper = [&](std::string_view name) {
    return path.empty() ? std::string(name) : path + "." + std::string(name);
  };
  if (to.kind == Kind::kOptional && from.kind != Kind::kOptional) {
    return Check(from, to.children.front(), path);
  }
  const bool whole_from =
      from.kind == Kind::kInt || from.kind == Kind::kUnsigned || from.kind == Kind::kBool;
  const bool whole_to = to.kind == Kind::kInt || to.kind == Kind::kUnsigned;
  if (whole_from && whole_to) {
    const bool same = from.kind == to.kind && from.width <= to.width;
    const bool into_signed =
        from.kind != Kind::kInt && to.kind == Kind::kInt && from.width < to.width;
    const bool from_bool = from.kind == Kind::kBool;
    if (same || into_signed || from_bool) {
      return base::Ok();
    }
    return Refused(path, "was " + from.ToString() + " and is now " + to.ToString() +
                             ", which may not hold it");
  }
  // A whole number up to 32 bits is exact in a double.
  if (whole_from && to.kind == Kind::kFloat && to.width == 8 && from.width <= 4) {
    return base::Ok();
  }
  if (from.kind != to.kind) {
    return Refused(path, "was " + from.ToString() + " and is now " + to.ToString());
  }
  switch (from.kind) {
    case Kind::kFloat:
      return from.width <= to.width
                 ? base::Ok()
                 : base::Status(Refused(path, "was a double and is now a float"));
    case Kind::kOptional:
    case Kind::kList:
      return Check(from.children[0], to.children[0], deeper("[]"));
    case Kind::kMap:
      SP_TRY(Check(from.children[0], to.children[0], deeper("key")));
      return Check(from.children[1], to.children[1], deeper("value"));
    case Kind::kRecord:
      for (const auto& field : from.children) {
        const auto now = std::ranges::find(to.children, field.name, &Shape::name);
        if (now != to.children.end()) {
          SP_TRY(Check(field, *now, deeper(field.name)));
        }
      }
      return base::Ok();
    default:
      return base::Ok();
  }
}

base::Result<Shape> ReadShape(ByteReader& in, int depth) {
  const auto invalid = [] {
    return base::Error(base::ErrorCode::kSnapshotInvalid, "The description of a state is damaged.");
  };
  Shape shape;
  const auto kind = in.Fixed<std::uint8_t>();
  if (kind > static_cast<std::uint8_t>(Shape::Kind::kRecord) || depth > kDeepest) {
    return invalid();
  }
  shape.kind = static_cast<Shape::Kind>(kind);
  shape.width = in.Fixed<std::uint8_t>();
  shape.name = in.Text();
  for (auto children = in.Length(); children > 0 && !in.failed(); --children) {
    shape.children.push_back(SP_TRY(ReadShape(in, depth + 1)));
  }
  const std::size_t wanted =
      shape.kind == Shape::Kind::kOptional || shape.kind == Shape::Kind::kList ? 1
      : shape.kind == Shape::Kind::kMap                                        ? 2
                                                                               : 0;
  if (in.failed() || (shape.kind != Shape::Kind::kRecord && shape.children.size() != wanted)) {
    return invalid();
  }
  return shape;
}

}  // namespace

std::string Shape::ToString() const {
  switch (kind) {
    case Kind::kBool:
      return "bool";
    case Kind::kInt:
      return "int" + std::to_string(width * 8);
    case Kind::kUnsigned:
      return "uint" + std::to_string(width * 8);
    case Kind::kFloat:
      return width == 4 ? "float" : "double";
    case Kind::kText:
      return "text";
    case Kind::kOptional:
      return children[0].ToString() + "?";
    case Kind::kList:
      return "[" + children[0].ToString() + "]";
    case Kind::kMap:
      return "{" + children[0].ToString() + " → " + children[1].ToString() + "}";
    case Kind::kRecord: {
      std::string text = "{";
      for (const auto& field : children) {
        text += (text.size() > 1 ? ", " : "") + field.name + ": " + field.ToString();
      }
      return text + "}";
    }
  }
  return "";
}

void Shape::Write(ByteWriter& out) const {
  out.Fixed(static_cast<std::uint8_t>(kind));
  out.Fixed(width);
  out.Text(name);
  out.Length(children.size());
  for (const auto& child : children) {
    child.Write(out);
  }
}

base::Result<Shape> Shape::Read(ByteReader& in) { return ReadShape(in, 0); }

void Skip(const Shape& shape, ByteReader& in) {
  switch (shape.kind) {
    case Shape::Kind::kBool:
    case Shape::Kind::kInt:
    case Shape::Kind::kUnsigned:
    case Shape::Kind::kFloat:
      in.Raw(shape.width);
      return;
    case Shape::Kind::kText:
      in.Text();
      return;
    case Shape::Kind::kOptional:
      if (in.Fixed<std::uint8_t>() != 0) {
        Skip(shape.children[0], in);
      }
      return;
    case Shape::Kind::kList:
    case Shape::Kind::kMap:
      for (auto count = in.Length(); count > 0 && !in.failed(); --count) {
        for (const auto& child : shape.children) {
          Skip(child, in);
        }
      }
      return;
    case Shape::Kind::kRecord:
      for (const auto& child : shape.children) {
        Skip(child, in);
      }
      return;
  }
}

base::Status CheckEvolution(const Shape& from, const Shape& to) { return Check(from, to, ""); }

}  // namespace streampark::core
