// SPDX-License-Identifier: Apache-2.0
#include "lexer.h"

#include "syntax.h"

namespace streampark::expressions {
namespace {

bool IsLetter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool IsFigure(char c) { return c >= '0' && c <= '9'; }
bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

int HexValue(char c) {
  return IsFigure(c)            ? c - '0'
         : c >= 'a' && c <= 'f' ? c - 'a' + 10
         : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                : -1;
}

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  base::Result<std::vector<Token>> All() {
    std::vector<Token> tokens;
    do {
      tokens.push_back(SP_TRY(Next()));
    } while (tokens.back().kind != Token::Kind::kEnd);
    return tokens;
  }

 private:
  char Peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  base::Result<Token> Next() {
    while (at_ < text_.size() && IsBlank(text_[at_])) {
      ++at_;
    }
    Token token{.kind = Token::Kind::kEnd, .at = at_, .end = at_, .text = "", .upper = ""};
    if (at_ == text_.size()) {
      return token;
    }
    const char c = Peek();
    if ((c == 'x' || c == 'X') && Peek(1) == '\'') {
      ++at_;
      token.kind = Token::Kind::kBytes;
      token.text = SP_TRY(Hex(SP_TRY(Quoted('\'')), token.at));
    } else if (IsLetter(c)) {
      token.kind = Token::Kind::kWord;
      token.text = Word();
      for (const char letter : token.text) {
        token.upper.push_back(letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A')
                                                             : letter);
      }
    } else if (IsFigure(c) || (c == '.' && IsFigure(Peek(1)))) {
      token.kind = Token::Kind::kNumber;
      token.text = SP_TRY(Number());
    } else if (c == '\'') {
      token.kind = Token::Kind::kText;
      token.text = SP_TRY(Quoted('\''));
    } else if (c == '"' || c == '`') {
      token.kind = Token::Kind::kName;
      token.text = SP_TRY(Quoted(c));
    } else if (c == ':' && IsLetter(Peek(1))) {
      ++at_;
      token.kind = Token::Kind::kParameter;
      token.text = Word();
    } else {
      token.kind = Token::Kind::kSign;
      token.text = SP_TRY(Sign());
    }
    token.end = at_;
    return token;
  }

  std::string Word() {
    const std::size_t begin = at_;
    while (IsLetter(Peek()) || IsFigure(Peek()) || Peek() == '$') {
      ++at_;
    }
    return std::string(text_.substr(begin, at_ - begin));
  }

  base::Result<std::string> Number() {
    const std::size_t begin = at_;
    while (IsFigure(Peek())) {
      ++at_;
    }
    if (Peek() == '.') {
      ++at_;
      while (IsFigure(Peek())) {
        ++at_;
      }
    }
    if (Peek() == 'e' || Peek() == 'E') {
      ++at_;
      at_ += Peek() == '+' || Peek() == '-' ? 1 : 0;
      if (!IsFigure(Peek())) {
        return FaultAt(begin, "the number has no exponent behind its 'e'");
      }
      while (IsFigure(Peek())) {
        ++at_;
      }
    }
    if (IsLetter(Peek())) {
      return FaultAt(begin, "a number may not run into a name");
    }
    return std::string(text_.substr(begin, at_ - begin));
  }

  /// Up to the next `quote` that is not doubled.
  base::Result<std::string> Quoted(char quote) {
    const std::size_t begin = at_++;
    std::string taken;
    for (;;) {
      if (at_ == text_.size()) {
        return FaultAt(begin, std::string("the ") + quote + " is not closed");
      }
      const char c = text_[at_++];
      if (c == quote && Peek() != quote) {
        return taken;
      }
      at_ += c == quote ? 1 : 0;
      taken.push_back(c);
    }
  }

  static base::Result<std::string> Hex(const std::string& digits, std::size_t at) {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
      const int high = HexValue(digits[i]);
      const int low = HexValue(digits[i + 1]);
      if (high < 0 || low < 0) {
        return FaultAt(at, "x'…' has something else than hex digits");
      }
      bytes.push_back(static_cast<char>(high * 16 + low));
    }
    if (digits.size() % 2 != 0) {
      return FaultAt(at, "x'…' has an odd count of hex digits");
    }
    return bytes;
  }

  base::Result<std::string> Sign() {
    for (const std::string_view two : {"<>", "!=", "<=", ">=", "||"}) {
      if (text_.substr(at_, 2) == two) {
        at_ += 2;
        return std::string(two == "!=" ? "<>" : two);
      }
    }
    const char c = Peek();
    if (std::string_view("+-*/%()<>=,").find(c) == std::string_view::npos) {
      return FaultAt(at_, std::string("'") + c + "' has no meaning here");
    }
    ++at_;
    return std::string(1, c);
  }

  const std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

base::Result<std::vector<Token>> Tokenize(std::string_view text) { return Lexer(text).All(); }

}  // namespace streampark::expressions
