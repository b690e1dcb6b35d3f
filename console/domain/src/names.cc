// SPDX-License-Identifier: Apache-2.0
#include "streampark/console/names.h"

#include <clocale>
#include <cstdint>
#include <cwctype>

#include "streampark/base/utf8.h"

namespace streampark::console {
namespace {

constexpr long kLongestName = 100;

/// The C library's own table of Unicode, whatever the process's locale is.
locale_t UnicodeLocale() {
  static const locale_t kLocale = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  return kLocale;
}

}  // namespace

bool IsName(std::string_view text) {
  long count = 0;
  bool ends_well = false;
  while (!text.empty()) {
    const auto character = base::TakeCodePoint(text);
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
    const auto character = base::TakeCodePoint(name);
    if (!character) {
      key.append(name);
      break;
    }
    char bytes[4];
    const auto lower = ::towlower_l(static_cast<wint_t>(*character), UnicodeLocale());
    key.append(bytes, base::WriteUtf8(static_cast<std::uint32_t>(lower), bytes));
  }
  return key;
}

long CountCharacters(std::string_view text) {
  long count = 0;
  for (; !text.empty(); ++count) {
    if (!base::TakeCodePoint(text)) {
      return -1;
    }
  }
  return count;
}

}  // namespace streampark::console
