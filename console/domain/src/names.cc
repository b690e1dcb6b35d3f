// SPDX-License-Identifier: Apache-2.0
#include "streampark/console/names.h"

#include <clocale>
#include <cwctype>
#include <optional>

namespace streampark::console {
namespace {

constexpr long kLongestName = 100;

/// The C library's own table of Unicode, whatever the process's locale is.
locale_t UnicodeLocale() {
  static const locale_t kLocale = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  return kLocale;
}

/// Takes one code point off the front; absent when it is not well-formed UTF-8.
std::optional<char32_t> TakeCharacter(std::string_view& text) {
  const auto first = static_cast<unsigned char>(text.front());
  std::size_t length = 1;
  char32_t character = first;
  if (first >= 0x80) {
    if (first >= 0xc2 && first < 0xe0) {
      length = 2;
      character = first & 0x1fU;
    } else if (first >= 0xe0 && first < 0xf0) {
      length = 3;
      character = first & 0x0fU;
    } else if (first >= 0xf0 && first < 0xf5) {
      length = 4;
      character = first & 0x07U;
    } else {
      return std::nullopt;
    }
  }
  if (text.size() < length) {
    return std::nullopt;
  }
  for (std::size_t i = 1; i < length; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xc0U) != 0x80) {
      return std::nullopt;
    }
    character = (character << 6U) | (next & 0x3fU);
  }
  constexpr char32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  if (character < kLeast[length] || character > 0x10ffff ||
      (character >= 0xd800 && character < 0xe000)) {
    return std::nullopt;
  }
  text.remove_prefix(length);
  return character;
}

void AppendCharacter(std::string& text, char32_t character) {
  if (character < 0x80) {
    text.push_back(static_cast<char>(character));
  } else if (character < 0x800) {
    text.push_back(static_cast<char>(0xc0U | (character >> 6U)));
    text.push_back(static_cast<char>(0x80U | (character & 0x3fU)));
  } else if (character < 0x10000) {
    text.push_back(static_cast<char>(0xe0U | (character >> 12U)));
    text.push_back(static_cast<char>(0x80U | ((character >> 6U) & 0x3fU)));
    text.push_back(static_cast<char>(0x80U | (character & 0x3fU)));
  } else {
    text.push_back(static_cast<char>(0xf0U | (character >> 18U)));
    text.push_back(static_cast<char>(0x80U | ((character >> 12U) & 0x3fU)));
    text.push_back(static_cast<char>(0x80U | ((character >> 6U) & 0x3fU)));
    text.push_back(static_cast<char>(0x80U | (character & 0x3fU)));
  }
}

}  // namespace

bool IsName(std::string_view text) {
  long count = 0;
  bool ends_well = false;
  while (!text.empty()) {
    const auto character = TakeCharacter(text);
    if (!character || ++count > kLongestName) {
      return false;
    }
    ends_well = ::iswalnum_l(static_cast<wint_t>(*character), UnicodeLocale()) != 0;
    const bool inner =
        *character == U' ' || *character == U'.' || *character == U'_' || *character == U'-';
    if (!ends_well && (!inner || count == 1)) {
      return false;
    }
  }
  return ends_well;
}

std::string NameKey(std::string_view name) {
  std::string key;
  key.reserve(name.size());
  while (!name.empty()) {
    const auto character = TakeCharacter(name);
    if (!character) {
      key.append(name);
      break;
    }
    AppendCharacter(
        key, static_cast<char32_t>(::towlower_l(static_cast<wint_t>(*character), UnicodeLocale())));
  }
  return key;
}

long CountCharacters(std::string_view text) {
  long count = 0;
  for (; !text.empty(); ++count) {
    if (!TakeCharacter(text)) {
      return -1;
    }
  }
  return count;
}

}  // namespace streampark::console
