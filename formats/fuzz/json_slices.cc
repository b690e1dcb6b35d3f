// SPDX-License-Identifier: Apache-2.0
// The first line is a pointer, the rest a text: what is found lies within the text, and is JSON again.
#include "streampark/formats/json_slices.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

void MustLieIn(std::string_view part, std::string_view text) {
  if (part.data() < text.data() || part.data() + part.size() > text.data() + text.size()) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace streampark::
      formats;  // NOLINT(google-build-using-namespace): a program of one file
  const std::string_view input(reinterpret_cast<const char*>(bytes), size);
  const std::string_view line = input.substr(0, input.find('\n'));
  const std::string_view text = input.substr(std::min(line.size() + 1, input.size()));
  if (const auto pointer = JsonPointer::Parse(line)) {
    const auto found = FindJson(text, *pointer);
    if (found.ok() && *found) {
      MustLieIn(**found, text);
      JsonText(**found);
      if (!JsonElements(**found).ok()) {
        std::abort();
      }
    }
  }
  const auto elements = JsonElements(text);
  for (std::size_t i = 0; elements.ok() && i < elements->size(); ++i) {
    MustLieIn((*elements)[i], text);
  }
  return 0;
}
