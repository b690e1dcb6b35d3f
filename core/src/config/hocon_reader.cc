// SPDX-License-Identifier: Apache-2.0
#include "config/hocon_reader.h"

#include <optional>
#include <utility>

#include "streampark/base/utf8.h"

#include "config/unicode_escape.h"

namespace streampark::core::hocon {
namespace {

constexpr std::size_t kDeepest = 32;
constexpr std::string_view kOnlyInQuotes = "$\"{}[]:=,+#`^?!@*&\\";

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v'; }

void Merge(Object& into, Object& from);

/// Puts an assignment behind those that the field has.
// NOLINTNEXTLINE(misc-no-recursion): as deep as the file
void Assign(Field& field, Assignment assigned) {
  const bool object = !assigned.adds && assigned.pieces.size() == 1 &&
                      assigned.pieces[0].kind == Piece::Kind::kObject;
  if (object && field.object() != nullptr) {
    Merge(*field.object(), *assigned.pieces[0].object);
  } else {
    field.assigned.push_back(std::move(assigned));
  }
}

// NOLINTNEXTLINE(misc-no-recursion): as deep as the file
void Merge(Object& into, Object& from) {
  for (auto& [name, field] : from.fields) {
    auto& there = into.fields[name];
    if (!there) {
      there = std::move(field);
      continue;
    }
    for (auto& assigned : field->assigned) {
      Assign(*there, std::move(assigned));
    }
  }
}

class Reader {
 public:
  Reader(std::string_view text, const std::string& file) : text_(text), file_(file) {}

  base::Result<std::shared_ptr<Object>> Whole() {
    if (text_.starts_with("\xef\xbb\xbf")) {
      text_.remove_prefix(3);
    }
    auto root = std::make_shared<Object>();
    SkipToKey();
    if (Take("{")) {
      SP_TRY(Fields(*root, true, 1));
      SkipToKey();
      if (!at_end()) {
        return Wrong("Nothing can follow the last '}'.");
      }
    } else if (Next("[")) {
      return Wrong("The file must hold keys and values.");
    } else {
      SP_TRY(Fields(*root, false, 1));
    }
    return root;
  }

 private:
  bool at_end() const { return at_ >= text_.size(); }
  char next() const { return text_[at_]; }
  bool Next(std::string_view what) const { return text_.substr(at_).starts_with(what); }
  Place place() const {
    const auto line_begin = text_.rfind('\n', at_ == 0 ? 0 : at_ - 1);
    const bool first = line_begin == std::string_view::npos || line_begin >= at_;
    return {line_, static_cast<int>(first ? at_ + 1 : at_ - line_begin)};
  }
  base::Error Wrong(std::string message) const { return WrongAt(place(), std::move(message)); }
  base::Error WrongAt(const Place& at, std::string message) const {
    return {base::ErrorCode::kJobFileInvalid, at.In(file_) + ": " + std::move(message)};
  }
  void Step() { line_ += text_[at_++] == '\n' ? 1 : 0; }
  bool Take(std::string_view what) {
    if (!Next(what)) {
      return false;
    }
    at_ += what.size();
    return true;
  }
  bool AtComment() const { return Next("#") || Next("//"); }
  /// Blanks of a line and a comment at its end.
  void SkipBlanks() {
    while (!at_end() && IsBlank(next())) {
      Step();
    }
  }
  void SkipComment() {
    while (!at_end() && next() != '\n') {
      Step();
    }
  }
  void SkipLines() {
    for (SkipBlanks(); !at_end() && (next() == '\n' || AtComment()); SkipBlanks()) {
      next() == '\n' ? Step() : SkipComment();
    }
  }
  /// A bracket may open on a line further down; what else stands there is the next key.
  void SkipToValue() {
    SkipBlanks();
    const auto at = at_;
    const auto line = line_;
    SkipLines();
    if (!Next("{") && !Next("[")) {
      at_ = at;
      line_ = line;
    }
  }
  void SkipToKey() {
    for (SkipLines(); Take(","); SkipLines()) {
    }
  }

  // NOLINTNEXTLINE(misc-no-recursion): bounded by kDeepest
  base::Status Fields(Object& into, bool braces, std::size_t depth) {
    const Place begin = place();
    if (depth > kDeepest) {
      return Wrong("Nested more than " + std::to_string(kDeepest) + " deep.");
    }
    for (;;) {
      SkipToKey();
      if (braces && Take("}")) {
        return base::Ok();
      }
      if (at_end()) {
        return braces ? WrongAt(begin, "The '{' before this place is never closed.") : base::Ok();
      }
      SP_TRY(OneField(into, depth));
      SkipBlanks();
      if (!at_end() && next() != '\n' && next() != ',' && next() != '}' && !AtComment()) {
        return Wrong("A comma or a new line must follow a value.");
      }
    }
  }

  // NOLINTNEXTLINE(misc-no-recursion): bounded by kDeepest
  base::Status OneField(Object& into, std::size_t depth) {
    const Place begin = place();
    auto path = SP_TRY(TakePath("a key"));
    SkipBlanks();
    if (path.size() == 1 && path[0].starts_with("include") &&
        (path[0].size() == 7 || path[0][7] == ' ') && (at_end() || Next("\"") || Next("("))) {
      return WrongAt(begin, "'include' is not read here.")
          .WithHint("give the files one after another: --config a.conf --config b.conf");
    }
    Assignment assigned{.at = begin};
    if (Take("+=")) {
      assigned.adds = true;
    } else if (!Take("=") && !Take(":") && !Next("{")) {
      return Wrong("'=', ':' or '{' must follow the key '" + Join(path) + "'.");
    }
    SkipToValue();
    assigned.pieces = SP_TRY(OneValue(depth));
    if (assigned.pieces.empty()) {
      return Wrong("The key '" + Join(path) + "' has no value.")
          .WithHint("an empty text is written \"\"");
    }
    assigned.null = assigned.pieces.size() == 1 && was_null_;
    // a.b.c = 1 is a { b { c = 1 } }
    while (path.size() > 1) {
      auto object = std::make_shared<Object>();
      auto& field = object->fields[path.back()] = std::make_unique<Field>();
      field->assigned.push_back(std::move(assigned));
      path.pop_back();
      assigned = {.at = begin};
      assigned.pieces.push_back(
          {.kind = Piece::Kind::kObject, .at = begin, .object = std::move(object)});
    }
    auto& field = into.fields[path[0]];
    if (!field) {
      field = std::make_unique<Field>();
    }
    Assign(*field, std::move(assigned));
    return base::Ok();
  }

  /// Pieces up to the end of the line, a comma or a closing bracket; blanks at both ends are not of it.
  // NOLINTNEXTLINE(misc-no-recursion): bounded by kDeepest
  base::Result<std::vector<Piece>> OneValue(std::size_t depth) {
    std::vector<Piece> pieces;
    bool null = false;
    for (;;) {
      const std::size_t blanks = at_;
      SkipBlanks();
      if (at_end() || next() == '\n' || next() == ',' || next() == '}' || next() == ']' ||
          AtComment()) {
        was_null_ = null && pieces.size() == 1;
        return pieces;
      }
      if (!pieces.empty() && at_ > blanks) {
        pieces.push_back({.kind = Piece::Kind::kBlanks,
                          .at = place(),
                          .text = std::string(text_.substr(blanks, at_ - blanks))});
      }
      const bool quoted = Next("\"");
      auto piece = SP_TRY(OnePiece(depth));
      null = !quoted && piece.kind == Piece::Kind::kText && piece.text == "null";
      pieces.push_back(std::move(piece));
    }
  }

  // NOLINTNEXTLINE(misc-no-recursion): bounded by kDeepest
  base::Result<Piece> OnePiece(std::size_t depth) {
    Piece piece{.at = place()};
    if (Take("{")) {
      piece.kind = Piece::Kind::kObject;
      piece.object = std::make_shared<Object>();
      SP_TRY(Fields(*piece.object, true, depth + 1));
    } else if (Take("[")) {
      piece.kind = Piece::Kind::kList;
      SP_TRY(Items(piece, depth + 1));
    } else if (Next("\"")) {
      piece.text = SP_TRY(Quoted());
    } else if (Take("${")) {
      SP_TRY(Reference(piece));
    } else {
      piece.text = Unquoted();
      if (piece.text.empty()) {
        return Wrong(std::string("'") + next() + "' must be in quotes.")
            .WithHint("write the whole value in double quotes");
      }
    }
    return piece;
  }

  // NOLINTNEXTLINE(misc-no-recursion): bounded by kDeepest
  base::Status Items(Piece& list, std::size_t depth) {
    if (depth > kDeepest) {
      return Wrong("Nested more than " + std::to_string(kDeepest) + " deep.");
    }
    for (;;) {
      SkipToKey();
      if (Take("]")) {
        return base::Ok();
      }
      if (at_end()) {
        return WrongAt(list.at, "The '[' here is never closed.");
      }
      auto item = SP_TRY(OneValue(depth));
      if (item.empty()) {
        return Wrong("A value or ']' is expected here.");
      }
      list.items.push_back(std::move(item));
    }
  }

  base::Status Reference(Piece& piece) {
    if (Next("env:") || Next("secret:")) {
      const auto end = text_.find_first_of("}\n", at_);
      if (end == std::string_view::npos || text_[end] != '}') {
        return WrongAt(piece.at, "The '${' here is never closed.");
      }
      piece.text = "${" + std::string(text_.substr(at_, end + 1 - at_));
      at_ = end + 1;
      return base::Ok();
    }
    piece.kind = Piece::Kind::kReference;
    piece.optional = Take("?");
    SkipBlanks();
    piece.path = SP_TRY(TakePath("a path"));
    SkipBlanks();
    return Take("}") ? base::Ok() : base::Status(Wrong("'}' must follow the path."));
  }

  /// `a."b.c".d`; an unquoted part may have blanks within.
  base::Result<Path> TakePath(const char* what) {
    Path path;
    std::string part;
    bool any = false;
    for (;;) {
      if (path.size() > kDeepest) {
        return Wrong("More than " + std::to_string(kDeepest) + " parts in one path.");
      }
      if (Next("\"")) {
        part += SP_TRY(Quoted());
        any = true;
      } else if (Take(".")) {
        if (!any) {
          return Wrong(std::string("A part of ") + what + " is empty.");
        }
        path.push_back(std::exchange(part, ""));
        any = false;
      } else if (const auto piece = PathPiece(); !piece.empty()) {
        part += piece;
        any = true;
      } else {
        break;
      }
    }
    if (!any) {
      return Wrong(path.empty() ? std::string("Here ") + what + " is expected."
                                : std::string("A part of ") + what + " is empty.");
    }
    path.push_back(std::move(part));
    return path;
  }
  /// Up to a dot or what ends a path; without the blanks before that.
  std::string_view PathPiece() {
    auto end = at_;
    while (end < text_.size() && text_[end] != '.' && text_[end] != '\n' &&
           kOnlyInQuotes.find(text_[end]) == std::string_view::npos &&
           !text_.substr(end).starts_with("//")) {
      ++end;
    }
    auto last = end;
    while (last > at_ && IsBlank(text_[last - 1])) {
      --last;
    }
    const auto piece = text_.substr(at_, last - at_);
    at_ = last;
    return piece;
  }

  std::string Unquoted() {
    const auto begin = at_;
    while (!at_end() && !IsBlank(next()) && next() != '\n' && !Next("//") &&
           kOnlyInQuotes.find(next()) == std::string_view::npos) {
      Step();
    }
    return std::string(text_.substr(begin, at_ - begin));
  }

  base::Result<std::string> Quoted() {
    const Place begin = place();
    if (Take("\"\"\"")) {
      auto end = text_.find("\"\"\"", at_);
      if (end == std::string_view::npos) {
        return WrongAt(begin, "The text that begins here is never closed.");
      }
      while (end + 3 < text_.size() && text_[end + 3] == '"') {
        ++end;  // quotes before the last three belong to it
      }
      std::string taken(text_.substr(at_, end - at_));
      while (at_ < end + 3) {
        Step();
      }
      return taken;
    }
    Step();
    std::string taken;
    while (!at_end() && next() != '"') {
      if (next() == '\n') {
        return WrongAt(begin, "The text that begins here is not closed on its line.")
            .WithHint("a text of several lines is in three double quotes");
      }
      if (Take("\\")) {
        SP_TRY(Escape(taken));
      } else {
        taken.push_back(next());
        Step();
      }
    }
    if (!Take("\"")) {
      return WrongAt(begin, "The text that begins here is never closed.");
    }
    return taken;
  }

  base::Status Escape(std::string& into) {
    constexpr std::string_view kLetters = "\"\\/bfnrt";
    constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
    const auto letter = at_end() ? std::string_view::npos : kLetters.find(next());
    if (letter != std::string_view::npos) {
      into.push_back(kMeanings[letter]);
      Step();
      return base::Ok();
    }
    if (Take("u")) {
      std::string_view rest = text_.substr(at_);
      if (const auto code = TakeUnicodeEscape(rest)) {
        at_ = text_.size() - rest.size();
        char bytes[4];
        into.append(bytes, base::WriteUtf8(*code, bytes));
        return base::Ok();
      }
    }
    return Wrong("\\ and this are no character.").WithHint("a backslash is written \\\\");
  }

  std::string_view text_;
  const std::string& file_;
  std::size_t at_ = 0;
  int line_ = 1;
  bool was_null_ = false;  // the value that was read last
};

}  // namespace

std::string Join(const Path& path) {
  std::string joined;
  for (const std::string& part : path) {
    joined += (joined.empty() ? "" : ".") + part;
  }
  return joined;
}

Object* Field::object() const {
  return assigned.size() == 1 && !assigned[0].adds && assigned[0].pieces.size() == 1 &&
                 assigned[0].pieces[0].kind == Piece::Kind::kObject
             ? assigned[0].pieces[0].object.get()
             : nullptr;
}

base::Result<std::shared_ptr<Object>> Read(std::string_view text, const std::string& file) {
  return Reader(text, file).Whole();
}

}  // namespace streampark::core::hocon
