// SPDX-License-Identifier: Apache-2.0
#include "syntax.h"

#include <algorithm>
#include <array>
#include <utility>

#include "lexer.h"

/// From what binds least:
///
///   or        and (OR and)*
///   and       not (AND not)*
///   not       NOT not | predicate
///   predicate joined ((= <> < <= > >=) joined | IS [NOT] (NULL | TRUE | FALSE) | [NOT] (IN (or, …) | LIKE joined [ESCAPE text] | BETWEEN joined AND joined))*
///   joined    sum (|| sum)*
///   sum       product ((+ -) product)*
///   product   signed ((* / %) signed)*
///   signed    (+ -) signed | primary
///   primary   literal | column | :parameter | (or) | CASE … END | [TRY_]CAST(or AS type) | function(or, …)
namespace streampark::expressions {
namespace {

using Kind = Syntax::Kind;

constexpr std::size_t kLongest = 64U << 10U;
constexpr int kDeepestNesting = 100;
/// So that nobody who walks the tree runs out of stack.
constexpr int kMostParts = 1'000;

constexpr std::array<std::string_view, 19> kReserved = {
    "AND",  "OR",   "NOT", "IS",   "NULL",     "IN",   "LIKE",  "BETWEEN", "CASE", "WHEN",
    "THEN", "ELSE", "END", "CAST", "TRY_CAST", "TRUE", "FALSE", "ESCAPE",  "AS"};

bool IsReserved(const Token& token) {
  for (const std::string_view word : kReserved) {
    if (token.upper == word) {
      return true;
    }
  }
  return false;
}

std::string Lower(std::string_view text) {
  std::string lower;
  for (const char c : text) {
    lower.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
  }
  return lower;
}

class Parser {
 public:
  Parser(std::string_view text, std::vector<Token> tokens)
      : text_(text), tokens_(std::move(tokens)) {}

  base::Result<SyntaxPtr> Whole() {
    SyntaxPtr whole = SP_TRY(Or());
    if (now().kind != Token::Kind::kEnd) {
      return Unexpected("the end");
    }
    return whole;
  }

 private:
  using Parts = std::vector<SyntaxPtr>;

  const Token& now() const { return tokens_[at_]; }
  const Token& next() const { return tokens_[std::min(at_ + 1, tokens_.size() - 1)]; }
  bool IsWord(std::string_view upper) const {
    return now().kind == Token::Kind::kWord && now().upper == upper;
  }
  bool IsSign(std::string_view sign) const {
    return now().kind == Token::Kind::kSign && now().text == sign;
  }
  bool TakeWord(std::string_view upper) {
    const bool taken = IsWord(upper);
    at_ += taken ? 1 : 0;
    return taken;
  }
  bool TakeSign(std::string_view sign) {
    const bool taken = IsSign(sign);
    at_ += taken ? 1 : 0;
    return taken;
  }
  base::Error Unexpected(const std::string& wanted) const {
    const std::string what = now().kind == Token::Kind::kEnd
                                 ? "it ends where " + wanted + " is missing"
                                 : "'" + std::string(text_.substr(now().at, now().end - now().at)) +
                                       "' stands where " + wanted + " is missing";
    return FaultAt(now().at, what);
  }
  base::Status ExpectSign(std::string_view sign) {
    return TakeSign(sign) ? base::Ok() : base::Status(Unexpected("'" + std::string(sign) + "'"));
  }
  base::Status ExpectWord(std::string_view word) {
    return TakeWord(word) ? base::Ok() : base::Status(Unexpected(std::string(word)));
  }

  base::Result<SyntaxPtr> Part(Kind kind, std::size_t at, std::string text, Parts children = {},
                               std::string type = "") {
    if (++parts_ > kMostParts) {
      return FaultAt(at, "it has more than " + std::to_string(kMostParts) + " parts");
    }
    return SyntaxPtr(std::make_shared<const Syntax>(Syntax{.kind = kind,
                                                           .at = at,
                                                           .text = std::move(text),
                                                           .type = std::move(type),
                                                           .children = std::move(children)}));
  }
  base::Result<SyntaxPtr> CallOf(std::string name, std::size_t at, Parts arguments) {
    return Part(Kind::kCall, at, std::move(name), std::move(arguments));
  }

  /// `inner (sign inner)*`, from the left.
  template <std::size_t N>
  base::Result<SyntaxPtr> Chain(const std::array<std::string_view, N>& signs,
                                base::Result<SyntaxPtr> (Parser::*inner)()) {
    SyntaxPtr left = SP_TRY((this->*inner)());
    for (;;) {
      const Token sign = now();
      bool found = false;
      for (const std::string_view one : signs) {
        found = found || TakeSign(one) || TakeWord(one);
      }
      if (!found) {
        return left;
      }
      SyntaxPtr right = SP_TRY((this->*inner)());
      left = SP_TRY(
          CallOf(sign.kind == Token::Kind::kWord ? sign.upper : sign.text, sign.at, {left, right}));
    }
  }

  base::Result<SyntaxPtr> Or() {
    static constexpr std::array<std::string_view, 1> kSigns = {"OR"};
    if (++depth_ > kDeepestNesting) {
      return FaultAt(now().at, "it is nested too deep");
    }
    auto whole = Chain(kSigns, &Parser::And);
    --depth_;
    return whole;
  }
  base::Result<SyntaxPtr> And() {
    static constexpr std::array<std::string_view, 1> kSigns = {"AND"};
    return Chain(kSigns, &Parser::Not);
  }
  base::Result<SyntaxPtr> Not() {
    std::vector<std::size_t> nots;
    while (IsWord("NOT")) {
      nots.push_back(now().at);
      ++at_;
    }
    SyntaxPtr inner = SP_TRY(Predicate());
    for (; !nots.empty(); nots.pop_back()) {
      inner = SP_TRY(CallOf("NOT", nots.back(), {inner}));
    }
    return inner;
  }

  base::Result<SyntaxPtr> Predicate() {
    SyntaxPtr left = SP_TRY(Joined());
    for (;;) {
      const std::size_t at = now().at;
      if (now().kind == Token::Kind::kSign &&
          std::string_view("= <> < <= > >=").find(now().text) != std::string_view::npos) {
        const std::string sign = now().text;
        ++at_;
        SyntaxPtr right = SP_TRY(Joined());
        left = SP_TRY(CallOf(sign, at, {left, right}));
      } else if (TakeWord("IS")) {
        const bool negated = TakeWord("NOT");
        const char* which = TakeWord("NULL")    ? "IS NULL"
                            : TakeWord("TRUE")  ? "IS TRUE"
                            : TakeWord("FALSE") ? "IS FALSE"
                                                : nullptr;
        if (which == nullptr) {
          return Unexpected("NULL, TRUE or FALSE");
        }
        left = SP_TRY(Negated(negated, at, SP_TRY(CallOf(which, at, {left}))));
      } else if (IsWord("IN") || IsWord("LIKE") || IsWord("BETWEEN") ||
                 (IsWord("NOT") &&
                  (next().upper == "IN" || next().upper == "LIKE" || next().upper == "BETWEEN"))) {
        const bool negated = TakeWord("NOT");
        left = SP_TRY(Negated(negated, at, SP_TRY(Among(std::move(left), at))));
      } else {
        return left;
      }
    }
  }
  base::Result<SyntaxPtr> Negated(bool negated, std::size_t at, SyntaxPtr inner) {
    return negated ? CallOf("NOT", at, {std::move(inner)}) : base::Result<SyntaxPtr>(inner);
  }
  base::Result<SyntaxPtr> Among(SyntaxPtr left, std::size_t at) {
    if (TakeWord("BETWEEN")) {
      SyntaxPtr least = SP_TRY(Joined());
      SP_TRY(ExpectWord("AND"));
      SyntaxPtr most = SP_TRY(Joined());
      SyntaxPtr above = SP_TRY(CallOf(">=", at, {left, least}));
      SyntaxPtr below = SP_TRY(CallOf("<=", at, {left, most}));
      return CallOf("AND", at, {above, below});
    }
    if (TakeWord("LIKE")) {
      Parts parts{std::move(left)};
      parts.push_back(SP_TRY(Joined()));
      if (TakeWord("ESCAPE")) {
        parts.push_back(SP_TRY(Primary()));
      }
      return CallOf("LIKE", at, std::move(parts));
    }
    SP_TRY(ExpectWord("IN"));
    SP_TRY(ExpectSign("("));
    Parts parts{std::move(left)};
    do {
      parts.push_back(SP_TRY(Or()));
    } while (TakeSign(","));
    SP_TRY(ExpectSign(")"));
    return CallOf("IN", at, std::move(parts));
  }

  base::Result<SyntaxPtr> Joined() {
    static constexpr std::array<std::string_view, 1> kSigns = {"||"};
    return Chain(kSigns, &Parser::Sum);
  }
  base::Result<SyntaxPtr> Sum() {
    static constexpr std::array<std::string_view, 2> kSigns = {"+", "-"};
    return Chain(kSigns, &Parser::Product);
  }
  base::Result<SyntaxPtr> Product() {
    static constexpr std::array<std::string_view, 3> kSigns = {"*", "/", "%"};
    return Chain(kSigns, &Parser::Signed);
  }
  base::Result<SyntaxPtr> Signed() {
    std::vector<std::size_t> minuses;
    while (IsSign("-") || IsSign("+")) {
      if (IsSign("-")) {
        minuses.push_back(now().at);
      }
      ++at_;
    }
    // One with its sign is one literal, so that the least whole number can be written.
    if (!minuses.empty() && now().kind == Token::Kind::kNumber) {
      const std::size_t at = minuses.back();
      minuses.pop_back();
      SyntaxPtr number = SP_TRY(Part(Kind::kNumber, at, "-" + tokens_[at_++].text));
      return Negative(minuses, std::move(number));
    }
    return Negative(minuses, SP_TRY(Primary()));
  }
  base::Result<SyntaxPtr> Negative(std::vector<std::size_t>& minuses, SyntaxPtr inner) {
    for (; !minuses.empty(); minuses.pop_back()) {
      inner = SP_TRY(CallOf("negative", minuses.back(), {inner}));
    }
    return inner;
  }

  base::Result<SyntaxPtr> Primary() {
    const Token token = now();
    switch (token.kind) {
      case Token::Kind::kNumber:
        ++at_;
        return Part(Kind::kNumber, token.at, token.text);
      case Token::Kind::kText:
        ++at_;
        return Part(Kind::kText, token.at, token.text);
      case Token::Kind::kBytes:
        ++at_;
        return Part(Kind::kBytes, token.at, token.text);
      case Token::Kind::kName:
        ++at_;
        return Part(Kind::kColumn, token.at, token.text);
      case Token::Kind::kParameter:
        ++at_;
        return Part(Kind::kParameter, token.at, token.text);
      case Token::Kind::kWord:
        return OfWord(token);
      default:
        break;
    }
    if (!TakeSign("(")) {
      return Unexpected("a value");
    }
    SyntaxPtr inner = SP_TRY(Or());
    SP_TRY(ExpectSign(")"));
    return inner;
  }

  base::Result<SyntaxPtr> OfWord(const Token& token) {
    if (TakeWord("NULL")) {
      return Part(Kind::kNull, token.at, "");
    }
    if (TakeWord("TRUE") || TakeWord("FALSE")) {
      return Part(Kind::kBoolean, token.at, token.upper);
    }
    if (TakeWord("CASE")) {
      return Case(token.at);
    }
    if (IsWord("CAST") || IsWord("TRY_CAST")) {
      return Cast(token);
    }
    if (IsReserved(token)) {
      return Unexpected("a value");
    }
    ++at_;
    if (now().kind == Token::Kind::kText &&
        (token.upper == "DATE" || token.upper == "TIME" || token.upper == "TIMESTAMP")) {
      return Part(Kind::kTyped, token.at, tokens_[at_++].text, {}, token.upper);
    }
    if (!TakeSign("(")) {
      return Part(Kind::kColumn, token.at, token.text);
    }
    return Function(token);
  }

  base::Result<SyntaxPtr> Case(std::size_t at) {
    SyntaxPtr of;
    if (!IsWord("WHEN")) {
      of = SP_TRY(Or());
    }
    Parts parts;
    while (IsWord("WHEN")) {
      const std::size_t when = now().at;
      ++at_;
      SyntaxPtr condition = SP_TRY(Or());
      if (of) {
        condition = SP_TRY(CallOf("=", when, {of, condition}));
      }
      parts.push_back(std::move(condition));
      SP_TRY(ExpectWord("THEN"));
      parts.push_back(SP_TRY(Or()));
    }
    if (parts.empty()) {
      return Unexpected("WHEN");
    }
    if (TakeWord("ELSE")) {
      parts.push_back(SP_TRY(Or()));
    }
    SP_TRY(ExpectWord("END"));
    return Part(Kind::kCase, at, "", std::move(parts));
  }

  base::Result<SyntaxPtr> Cast(const Token& token) {
    ++at_;
    SP_TRY(ExpectSign("("));
    SyntaxPtr inner = SP_TRY(Or());
    SP_TRY(ExpectWord("AS"));
    // The type is whatever is there up to the bracket that closes this.
    const std::size_t begin = now().at;
    int open = 0;
    while (now().kind != Token::Kind::kEnd && (open > 0 || !IsSign(")"))) {
      open += IsSign("(") ? 1 : IsSign(")") ? -1 : 0;
      ++at_;
    }
    if (now().at == begin) {
      return Unexpected("a type");
    }
    std::string type(text_.substr(begin, now().at - begin));
    SP_TRY(ExpectSign(")"));
    return Part(token.upper == "CAST" ? Kind::kCast : Kind::kTryCast, token.at, "",
                {std::move(inner)}, std::move(type));
  }

  /// After the bracket. The standard's own forms become calls like others.
  base::Result<SyntaxPtr> Function(const Token& token) {
    std::string name = Lower(token.text);
    Parts parts;
    if (name == "extract" && now().kind == Token::Kind::kWord && next().upper == "FROM") {
      parts.push_back(SP_TRY(Part(Kind::kText, now().at, Lower(now().text))));
      at_ += 2;
      parts.push_back(SP_TRY(Or()));
      SP_TRY(ExpectSign(")"));
      return CallOf("extract", token.at, std::move(parts));
    }
    if (name == "trim") {
      return Trim(token);
    }
    if (name == "position") {
      SyntaxPtr wanted = SP_TRY(Joined());
      SP_TRY(TakeWord("IN") ? base::Ok() : ExpectSign(","));
      SyntaxPtr within = SP_TRY(Or());
      SP_TRY(ExpectSign(")"));
      return CallOf("position", token.at, {wanted, within});
    }
    if (!IsSign(")")) {
      do {
        parts.push_back(SP_TRY(Or()));
        if (parts.size() == 1 && name == "substring" && TakeWord("FROM")) {
          parts.push_back(SP_TRY(Or()));
          if (TakeWord("FOR")) {
            parts.push_back(SP_TRY(Or()));
          }
          break;
        }
      } while (TakeSign(","));
    }
    SP_TRY(ExpectSign(")"));
    if (name == "if" && parts.size() == 3) {
      return Part(Kind::kCase, token.at, "", std::move(parts));
    }
    if (name == "nullif" && parts.size() == 2) {
      SyntaxPtr equal = SP_TRY(CallOf("=", token.at, {parts[0], parts[1]}));
      SyntaxPtr nothing = SP_TRY(Part(Kind::kNull, token.at, ""));
      return Part(Kind::kCase, token.at, "", {equal, nothing, parts[0]});
    }
    return CallOf(std::move(name), token.at, std::move(parts));
  }

  /// `TRIM(x)`, `TRIM(x, chars)`, `TRIM([BOTH | LEADING | TRAILING] [chars] FROM x)`.
  base::Result<SyntaxPtr> Trim(const Token& token) {
    const bool sided = (IsWord("LEADING") || IsWord("TRAILING") || IsWord("BOTH")) &&
                       next().text != ")" && next().text != ",";
    const std::string name = sided && IsWord("LEADING")    ? "ltrim"
                             : sided && IsWord("TRAILING") ? "rtrim"
                                                           : "trim";
    at_ += sided ? 1 : 0;
    Parts parts;
    if (!TakeWord("FROM")) {
      parts.push_back(SP_TRY(Or()));
    }
    if (parts.empty() || TakeWord("FROM")) {
      parts.insert(parts.begin(), SP_TRY(Or()));
    } else if (TakeSign(",")) {
      parts.push_back(SP_TRY(Or()));
    }
    SP_TRY(ExpectSign(")"));
    return CallOf(name, token.at, std::move(parts));
  }

  const std::string_view text_;
  const std::vector<Token> tokens_;
  std::size_t at_ = 0;
  int depth_ = 0;
  int parts_ = 0;
};

}  // namespace

base::Error FaultAt(std::size_t at, const std::string& what) {
  return {base::ErrorCode::kValidationFailed,
          "at character " + std::to_string(at + 1) + ": " + what};
}

base::Result<SyntaxPtr> ParseExpression(std::string_view text) {
  if (text.size() > kLongest) {
    return FaultAt(kLongest, "it is longer than 64 KiB");
  }
  return Parser(text, SP_TRY(Tokenize(text))).Whole();
}

}  // namespace streampark::expressions
