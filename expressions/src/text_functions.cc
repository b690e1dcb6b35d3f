// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <clocale>
#include <cwctype>
#include <memory>

#include "streampark/base/digest.h"
#include "streampark/base/utf8.h"

#include "bound.h"
#include "hmac_sha256.h"

/// Texts are counted and cut by code points; where all are ASCII, by bytes.
namespace streampark::expressions {
namespace {

/// Longer results are some mistake: a batch of them would be the machine's memory.
constexpr std::size_t kLongestText = std::size_t{16} << 20U;

/// Where the code point ends that begins there; a byte that begins none is one by itself.
std::size_t NextPoint(std::string_view text, std::size_t at) {
  if (static_cast<signed char>(text[at]) >= 0) {
    return at + 1;
  }
  const char* const end = base::SkipSequence(text.data() + at, text.data() + text.size());
  return end == nullptr ? at + 1 : static_cast<std::size_t>(end - text.data());
}

std::int64_t CountPoints(std::string_view text) {
  if (base::IsAscii(text)) {
    return static_cast<std::int64_t>(text.size());
  }
  std::int64_t count = 0;
  for (std::size_t at = 0; at < text.size(); at = NextPoint(text, at)) {
    ++count;
  }
  return count;
}

/// The byte where the code point of that number begins (from 0); the end when there are fewer.
std::size_t OffsetOf(std::string_view text, std::int64_t point) {
  if (base::IsAscii(text)) {
    return static_cast<std::size_t>(std::min(point, static_cast<std::int64_t>(text.size())));
  }
  std::size_t at = 0;
  for (; point > 0 && at < text.size(); --point) {
    at = NextPoint(text, at);
  }
  return at;
}

/// Code points [from, from + count).
std::string_view Part(std::string_view text, std::int64_t from, std::int64_t count) {
  if (count <= 0) {
    return {};
  }
  const std::size_t begin = OffsetOf(text, from);
  const std::string_view rest = text.substr(begin);
  return rest.substr(0, OffsetOf(rest, count));
}

/// Argument `i` as STRING: `any` makes texts of other types, too.
enum class Taken : std::uint8_t { kTexts, kAny };
base::Status TakeText(Call& call, std::size_t i, Taken taken = Taken::kTexts) {
  Bound& one = call.arguments[i];
  if (one.literal != Bound::Literal::kNull && one.type.kind() != TypeKind::kString &&
      (taken == Taken::kTexts || one.type.kind() == TypeKind::kBytes)) {
    return call.TakesNo(one);
  }
  one = SP_TRY(Cast(std::move(one), TypeKind::kString, CastKind::kFails));
  return base::Ok();
}
base::Status TakeTexts(Call& call) {
  for (std::size_t i = 0; i < call.arguments.size(); ++i) {
    SP_TRY(TakeText(call, i));
  }
  return base::Ok();
}
base::Status TakeCount(Call& call, std::size_t i) {
  Bound& one = call.arguments[i];
  if (one.literal == Bound::Literal::kNull) {
    one = NullOf(TypeKind::kInt64, one.at);
  }
  return IsWhole(one.type) ? base::Ok() : base::Status(call.TakesNo(one));
}

/// One text of one text, as a view of it.
template <typename F>
base::Result<Bound> BindView(Call&& call, F f) {
  SP_TRY(TakeText(call, 0));
  return call.Result(MakeCall<std::string_view>(
                         [f](Work& work, const auto& in, std::size_t row, std::string_view& out) {
                           out = f(work, In<std::string_view>(in, 0, row));
                           return true;
                         },
                         std::move(call.arguments[0].node)),
                     TypeKind::kString);
}

/// All of Unicode's letters that have the other case as one code point; the locale is of the C library and always there.
class Cases {
 public:
  static std::string_view Lower(Work& work, std::string_view text) {
    return Turn(work, text, 'A', 'Z', towlower_l);
  }
  static std::string_view Upper(Work& work, std::string_view text) {
    return Turn(work, text, 'a', 'z', towupper_l);
  }

 private:
  static std::string_view Turn(Work& work, std::string_view text, char first, char last,
                               wint_t (*turn)(wint_t, locale_t)) {
    if (base::IsAscii(text)) {
      char* const out = work.arena->Take(text.size());
      for (std::size_t i = 0; i < text.size(); ++i) {
        out[i] = static_cast<char>(text[i] >= first && text[i] <= last ? text[i] ^ 0x20 : text[i]);
      }
      return {out, text.size()};
    }
    static const locale_t kLocale = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    char* const out = work.arena->Take(text.size() * 4);
    std::size_t size = 0;
    while (!text.empty()) {
      const char byte = text.front();
      if (const auto point = base::TakeCodePoint(text)) {
        const wint_t turned = kLocale == nullptr ? static_cast<wint_t>(*point)
                                                 : turn(static_cast<wint_t>(*point), kLocale);
        size += base::WriteUtf8(static_cast<std::uint32_t>(turned), out + size);
      } else {
        out[size++] = byte;
        text.remove_prefix(1);
      }
    }
    return {out, size};
  }
};

enum class Sides : std::uint8_t { kBoth, kFront, kBack };

template <Sides kSides>
base::Result<Bound> BindTrim(Call&& call) {
  SP_TRY(TakeTexts(call));
  NodePtr blanks = call.arguments.size() == 2 ? std::move(call.arguments[1].node) : MakeTexts(" ");
  return call.Result(
      MakeCall<std::string_view>(
          [](Work& /*work*/, const auto& in, std::size_t row, std::string_view& out) {
            std::string_view text = In<std::string_view>(in, 0, row);
            const std::string_view blank = In<std::string_view>(in, 1, row);
            const auto is_blank = [&](std::string_view point) {
              return !point.empty() && blank.find(point) != std::string_view::npos;
            };
            if (kSides != Sides::kBack) {
              while (!text.empty() && is_blank(text.substr(0, NextPoint(text, 0)))) {
                text.remove_prefix(NextPoint(text, 0));
              }
            }
            if (kSides != Sides::kFront) {
              while (!text.empty()) {
                std::size_t at = text.size() - 1;
                while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xc0U) == 0x80U) {
                  --at;
                }
                if (!is_blank(text.substr(at))) {
                  break;
                }
                text.remove_suffix(text.size() - at);
              }
            }
            out = text;
            return true;
          },
          std::move(call.arguments[0].node), std::move(blanks)),
      TypeKind::kString);
}

/// From 1, as SQL counts: what lies before the text is none of it, but counts.
base::Result<Bound> BindSubstring(Call&& call) {
  SP_TRY(TakeText(call, 0));
  SP_TRY(TakeCount(call, 1));
  const auto part = [](std::string_view text, std::int64_t from, std::int64_t count) {
    const std::int64_t begin = std::max<std::int64_t>(from, 1);
    std::int64_t end = 0;
    if (__builtin_add_overflow(from, count, &end)) {
      end = std::numeric_limits<std::int64_t>::max();
    }
    return Part(text, begin - 1, end > begin ? end - begin : 0);
  };
  NodePtr text = std::move(call.arguments[0].node);
  NodePtr from = std::move(call.arguments[1].node);
  if (call.arguments.size() == 2) {
    return call.Result(
        MakeCall<std::string_view>(
            [part](Work& /*work*/, const auto& in, std::size_t row, std::string_view& out) {
              out = part(In<std::string_view>(in, 0, row), In<std::int64_t>(in, 1, row),
                         std::numeric_limits<std::int64_t>::max());
              return true;
            },
            std::move(text), std::move(from)),
        TypeKind::kString);
  }
  SP_TRY(TakeCount(call, 2));
  return call.Result(
      MakeCall<std::string_view>(
          [part](Work& work, const auto& in, std::size_t row, std::string_view& out) {
            const std::int64_t count = In<std::int64_t>(in, 2, row);
            if (count < 0) {
              return work.Fail(row, "a text has no " + std::to_string(count) + " characters");
            }
            out = part(In<std::string_view>(in, 0, row), In<std::int64_t>(in, 1, row), count);
            return true;
          },
          std::move(text), std::move(from), std::move(call.arguments[2].node)),
      TypeKind::kString);
}

/// The first or last characters.
template <bool kFirst>
base::Result<Bound> BindEnd(Call&& call) {
  SP_TRY(TakeText(call, 0));
  SP_TRY(TakeCount(call, 1));
  return call.Result(
      MakeCall<std::string_view>(
          [](Work& /*work*/, const auto& in, std::size_t row, std::string_view& out) {
            const std::string_view text = In<std::string_view>(in, 0, row);
            const std::int64_t count = std::max<std::int64_t>(In<std::int64_t>(in, 1, row), 0);
            out = kFirst ? Part(text, 0, count)
                         : Part(text, std::max<std::int64_t>(CountPoints(text) - count, 0), count);
            return true;
          },
          std::move(call.arguments[0].node), std::move(call.arguments[1].node)),
      TypeKind::kString);
}

NodePtr Join(NodePtr a, NodePtr b) {
  return MakeCall<std::string_view>(
      [](Work& work, const auto& in, std::size_t row, std::string_view& out) {
        const std::string_view left = In<std::string_view>(in, 0, row);
        const std::string_view right = In<std::string_view>(in, 1, row);
        if (left.size() + right.size() > kLongestText) {
          return work.Fail(row, "the text is longer than 16 MiB");
        }
        char* const both = work.arena->Take(left.size() + right.size());
        std::ranges::copy(left, both);
        std::ranges::copy(right, both + left.size());
        out = {both, left.size() + right.size()};
        return true;
      },
      std::move(a), std::move(b));
}

base::Result<Bound> BindConcat(Call&& call) {
  NodePtr joined;
  for (std::size_t i = 0; i < call.arguments.size(); ++i) {
    SP_TRY(TakeText(call, i, Taken::kAny));
    NodePtr& one = call.arguments[i].node;
    joined = joined ? Join(std::move(joined), std::move(one)) : std::move(one);
  }
  return call.Result(std::move(joined), TypeKind::kString);
}

base::Result<Bound> BindReplace(Call&& call) {
  SP_TRY(TakeTexts(call));
  return call.Result(MakeCall<std::string_view>(
                         [](Work& work, const auto& in, std::size_t row, std::string_view& out) {
                           const std::string_view text = In<std::string_view>(in, 0, row);
                           const std::string_view wanted = In<std::string_view>(in, 1, row);
                           const std::string_view other = In<std::string_view>(in, 2, row);
                           std::size_t found =
                               wanted.empty() ? std::string_view::npos : text.find(wanted);
                           if (found == std::string_view::npos) {
                             out = text;
                             return true;
                           }
                           std::string changed;
                           std::size_t at = 0;
                           for (; found != std::string_view::npos; found = text.find(wanted, at)) {
                             changed.append(text.substr(at, found - at)).append(other);
                             at = found + wanted.size();
                             if (changed.size() > kLongestText) {
                               return work.Fail(row, "the text is longer than 16 MiB");
                             }
                           }
                           out = work.arena->Keep(changed.append(text.substr(at)));
                           return true;
                         },
                         std::move(call.arguments[0].node), std::move(call.arguments[1].node),
                         std::move(call.arguments[2].node)),
                     TypeKind::kString);
}

template <typename F>
base::Result<Bound> BindMeasure(Call&& call, F f) {
  if (call.arguments[0].type.kind() != TypeKind::kBytes) {
    SP_TRY(TakeText(call, 0));
  }
  return call.Result(MakeCall<std::int64_t>(
                         [f](Work& /*work*/, const auto& in, std::size_t row, std::int64_t& out) {
                           out = f(In<std::string_view>(in, 0, row));
                           return true;
                         },
                         std::move(call.arguments[0].node)),
                     TypeKind::kInt64);
}

base::Result<Bound> BindLength(Call&& call) {
  return call.arguments[0].type.kind() == TypeKind::kBytes
             ? BindMeasure(
                   std::move(call),
                   [](std::string_view bytes) { return static_cast<std::int64_t>(bytes.size()); })
             : BindMeasure(std::move(call), CountPoints);
}

base::Result<Bound> BindPosition(Call&& call) {
  SP_TRY(TakeTexts(call));
  return call.Result(
      MakeCall<std::int64_t>(
          [](Work& /*work*/, const auto& in, std::size_t row, std::int64_t& out) {
            const std::string_view text = In<std::string_view>(in, 1, row);
            const auto found = text.find(In<std::string_view>(in, 0, row));
            out = found == std::string_view::npos ? 0 : CountPoints(text.substr(0, found)) + 1;
            return true;
          },
          std::move(call.arguments[0].node), std::move(call.arguments[1].node)),
      TypeKind::kInt64);
}

base::Result<Bound> BindStartsWith(Call&& call) {
  SP_TRY(TakeTexts(call));
  return call.Result(
      MakeCall<std::int64_t>(
          [](Work& /*work*/, const auto& in, std::size_t row, std::int64_t& out) {
            out = In<std::string_view>(in, 0, row).starts_with(In<std::string_view>(in, 1, row))
                      ? 1
                      : 0;
            return true;
          },
          std::move(call.arguments[0].node), std::move(call.arguments[1].node)),
      TypeKind::kBoolean);
}

/// The parts between separators, from 1; what is beyond them is empty.
base::Result<Bound> BindSplitPart(Call&& call) {
  SP_TRY(TakeText(call, 0));
  SP_TRY(TakeText(call, 1));
  SP_TRY(TakeCount(call, 2));
  return call.Result(MakeCall<std::string_view>(
                         [](Work& work, const auto& in, std::size_t row, std::string_view& out) {
                           std::string_view rest = In<std::string_view>(in, 0, row);
                           const std::string_view separator = In<std::string_view>(in, 1, row);
                           const std::int64_t wanted = In<std::int64_t>(in, 2, row);
                           if (wanted < 1) {
                             return work.Fail(row, "parts are counted from 1");
                           }
                           for (std::int64_t part = 1;; ++part) {
                             const auto end =
                                 separator.empty() ? std::string_view::npos : rest.find(separator);
                             if (part == wanted) {
                               out = rest.substr(0, end);
                               return true;
                             }
                             if (end == std::string_view::npos) {
                               out = {};
                               return true;
                             }
                             rest.remove_prefix(end + separator.size());
                           }
                         },
                         std::move(call.arguments[0].node), std::move(call.arguments[1].node),
                         std::move(call.arguments[2].node)),
                     TypeKind::kString);
}

/// `%` is any characters, `_` one; `escape` takes both as they are. Returns to the last `%` when what follows it does not fit.
bool IsLike(std::string_view text, std::string_view pattern, std::string_view escape) {
  std::size_t at = 0;
  std::size_t in = 0;
  std::size_t behind_any = std::string_view::npos;
  std::size_t began = 0;
  for (;;) {
    bool fits = false;
    if (in < pattern.size()) {
      const bool escaped = !escape.empty() && pattern.substr(in).starts_with(escape) &&
                           in + escape.size() < pattern.size();
      const std::size_t begin = escaped ? in + escape.size() : in;
      const std::size_t end = NextPoint(pattern, begin);
      const std::string_view wanted = pattern.substr(begin, end - begin);
      if (!escaped && wanted == "%") {
        behind_any = end;
        began = at;
        in = end;
        continue;
      }
      if (at < text.size()) {
        const std::size_t next = NextPoint(text, at);
        fits = (!escaped && wanted == "_") || text.substr(at, next - at) == wanted;
        if (fits) {
          at = next;
          in = end;
        }
      }
    } else if (at == text.size()) {
      return true;
    }
    if (!fits) {
      if (behind_any == std::string_view::npos || began >= text.size()) {
        return false;
      }
      began = NextPoint(text, began);
      at = began;
      in = behind_any;
    }
  }
}

base::Result<Bound> BindLike(Call&& call) {
  SP_TRY(TakeTexts(call));
  NodePtr escapes =
      call.arguments.size() == 3 ? std::move(call.arguments[2].node) : MakeTexts("\\");
  return call.Result(
      MakeCall<std::int64_t>(
          [](Work& /*work*/, const auto& in, std::size_t row, std::int64_t& out) {
            out = IsLike(In<std::string_view>(in, 0, row), In<std::string_view>(in, 1, row),
                         In<std::string_view>(in, 2, row))
                      ? 1
                      : 0;
            return true;
          },
          std::move(call.arguments[0].node), std::move(call.arguments[1].node), std::move(escapes)),
      TypeKind::kBoolean);
}

/// In hex, of the text of any value.
base::Result<Bound> BindSha256(Call&& call) {
  if (call.arguments[0].type.kind() != TypeKind::kBytes) {
    SP_TRY(TakeText(call, 0, Taken::kAny));
  }
  return call.Result(MakeCall<std::string_view>(
                         [](Work& work, const auto& in, std::size_t row, std::string_view& out) {
                           out =
                               work.arena->Keep(base::Sha256Hex(In<std::string_view>(in, 0, row)));
                           return true;
                         },
                         std::move(call.arguments[0].node)),
                     TypeKind::kString);
}

base::Result<Bound> BindHmac(Call&& call) {
  if (call.arguments[0].type.kind() != TypeKind::kBytes) {
    SP_TRY(TakeText(call, 0, Taken::kAny));
  }
  SP_TRY(TakeText(call, 1));
  // The key is nearly always the same.
  struct Keyed {
    std::string key;
    HmacSha256 hmac{""};
  };
  return call.Result(MakeCall<std::string_view>(
                         [keyed = std::make_shared<Keyed>()](
                             Work& work, const auto& in, std::size_t row, std::string_view& out) {
                           const std::string_view key = In<std::string_view>(in, 1, row);
                           if (key != keyed->key) {
                             keyed->key = key;
                             keyed->hmac = HmacSha256(key);
                           }
                           char* const hex = work.arena->Take(HmacSha256::kHexSize);
                           keyed->hmac.Hex(In<std::string_view>(in, 0, row), hex);
                           out = {hex, HmacSha256::kHexSize};
                           return true;
                         },
                         std::move(call.arguments[0].node), std::move(call.arguments[1].node)),
                     TypeKind::kString);
}

/// All but the first and last characters become `cover`; a text that would be shown whole becomes that as a whole.
base::Result<Bound> BindCover(Call&& call) {
  SP_TRY(TakeText(call, 0));
  SP_TRY(TakeCount(call, 1));
  SP_TRY(TakeCount(call, 2));
  SP_TRY(TakeText(call, 3));
  return call.Result(
      MakeCall<std::string_view>(
          [](Work& work, const auto& in, std::size_t row, std::string_view& out) {
            const std::string_view text = In<std::string_view>(in, 0, row);
            const std::string_view cover = In<std::string_view>(in, 3, row);
            std::int64_t first = std::max<std::int64_t>(In<std::int64_t>(in, 1, row), 0);
            std::int64_t last = std::max<std::int64_t>(In<std::int64_t>(in, 2, row), 0);
            const std::int64_t count = CountPoints(text);
            if (first >= count || last >= count - first) {
              first = 0;
              last = 0;
            }
            const std::string_view head = Part(text, 0, first);
            const std::string_view tail = Part(text, count - last, last);
            const auto covered = static_cast<std::size_t>(count - first - last);
            const std::size_t size = head.size() + covered * cover.size() + tail.size();
            if (size > kLongestText) {
              return work.Fail(row, "the text is longer than 16 MiB");
            }
            char* const made = work.arena->Take(size);
            char* at = std::ranges::copy(head, made).out;
            for (std::size_t i = 0; i < covered; ++i) {
              at = std::ranges::copy(cover, at).out;
            }
            std::ranges::copy(tail, at);
            out = {made, size};
            return true;
          },
          std::move(call.arguments[0].node), std::move(call.arguments[1].node),
          std::move(call.arguments[2].node), std::move(call.arguments[3].node)),
      TypeKind::kString);
}

}  // namespace

std::vector<Function> TextFunctions() {
  constexpr std::size_t kMany = 1'000;
  return {
      {"||", 2, 2, BindConcat},
      {"concat", 1, kMany, BindConcat},
      {"lower", 1, 1, [](Call&& call) { return BindView(std::move(call), Cases::Lower); }},
      {"upper", 1, 1, [](Call&& call) { return BindView(std::move(call), Cases::Upper); }},
      {"trim", 1, 2, BindTrim<Sides::kBoth>},
      {"ltrim", 1, 2, BindTrim<Sides::kFront>},
      {"rtrim", 1, 2, BindTrim<Sides::kBack>},
      {"substring", 2, 3, BindSubstring},
      {"left", 2, 2, BindEnd<true>},
      {"right", 2, 2, BindEnd<false>},
      {"replace", 3, 3, BindReplace},
      {"length", 1, 1, BindLength},
      {"position", 2, 2, BindPosition},
      {"starts_with", 2, 2, BindStartsWith},
      {"split_part", 3, 3, BindSplitPart},
      {"LIKE", 2, 3, BindLike},
      {"sha256", 1, 1, BindSha256},
      {"hmac_sha256", 2, 2, BindHmac},
      {"cover", 4, 4, BindCover},
  };
}

}  // namespace streampark::expressions
