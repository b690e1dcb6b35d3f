// SPDX-License-Identifier: Apache-2.0
#include "streampark/base/url.h"

#include <algorithm>
#include <cctype>
#include <memory>

#include <curl/curl.h>

#include "streampark/base/check.h"

namespace streampark::base {
namespace {

struct FreeUrl {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
using Handle = std::unique_ptr<CURLU, FreeUrl>;

bool Set(const Handle& handle, std::string_view text) {
  return text.find('\0') == std::string_view::npos &&
         curl_url_set(handle.get(), CURLUPART_URL, std::string(text).c_str(), 0) == CURLUE_OK;
}

/// Absent when the address has no such part.
std::optional<std::string> Part(const Handle& handle, CURLUPart part, unsigned int flags = 0) {
  char* text = nullptr;
  if (curl_url_get(handle.get(), part, &text, flags) != CURLUE_OK) {
    return std::nullopt;
  }
  std::string found = text;
  curl_free(text);
  return found;
}

std::string Lower(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

Handle Parsed(std::string_view text) {
  Handle handle(curl_url());
  SP_CHECK(handle != nullptr);
  if (!Set(handle, text)) {
    handle.reset();
  }
  return handle;
}

std::optional<Url> PartsOf(const Handle& handle) {
  Url url{.scheme = Lower(Part(handle, CURLUPART_SCHEME).value_or("")),
          .host = Lower(Part(handle, CURLUPART_HOST).value_or("")),
          .port = Part(handle, CURLUPART_PORT, CURLU_DEFAULT_PORT).value_or(""),
          .has_user = Part(handle, CURLUPART_USER) || Part(handle, CURLUPART_PASSWORD)};
  const bool good = (url.scheme == "http" || url.scheme == "https") && !url.host.empty();
  return good ? std::optional(std::move(url)) : std::nullopt;
}

}  // namespace

std::optional<Url> Url::Parse(std::string_view text) {
  const Handle handle = Parsed(text);
  return handle ? PartsOf(handle) : std::nullopt;
}

std::optional<std::string> ResolveUrl(std::string_view url, std::string_view reference) {
  const Handle handle = Parsed(url);
  if (!handle || !Set(handle, reference) || !PartsOf(handle)) {
    return std::nullopt;
  }
  curl_url_set(handle.get(), CURLUPART_FRAGMENT, nullptr, 0);
  return Part(handle, CURLUPART_URL);
}

}  // namespace streampark::base
