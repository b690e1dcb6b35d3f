// SPDX-License-Identifier: Apache-2.0
#include "static_files.h"

#include <system_error>
#include <utility>

#include <fmt/format.h>

namespace streampark::http {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kIndexPage = "/index.html";

constexpr std::pair<std::string_view, std::string_view> kContentTypes[] = {
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".mjs", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".json", "application/json"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".ico", "image/x-icon"},
    {".woff2", "font/woff2"},
    {".ttf", "font/ttf"},
    {".wasm", "application/wasm"},
    {".txt", "text/plain; charset=utf-8"},
    {".webmanifest", "application/manifest+json"},
    {".map", "application/json"}};

std::string_view ContentTypeOf(const fs::path& file) {
  const std::string extension = file.extension().string();
  for (const auto& [known, type] : kContentTypes) {
    if (known == extension) {
      return type;
    }
  }
  return "application/octet-stream";
}

/// What the pages may load and run, and who may frame them. Monaco makes its workers from blobs and
/// styles in place.
constexpr std::string_view kContentSecurityPolicy =
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: "
    "blob:; "
    "font-src 'self' data:; worker-src 'self' blob:; connect-src 'self'; object-src 'none'; "
    "base-uri 'self'; "
    "form-action 'self'; frame-ancestors 'none'";

/// Whether the header lists the coding, and not with a weight of zero.
bool Accepts(std::string_view header, std::string_view coding) {
  for (std::size_t start = 0; start <= header.size();) {
    const std::size_t end = std::min(header.find(',', start), header.size());
    std::string_view item = header.substr(start, end - start);
    while (item.starts_with(' ')) {
      item.remove_prefix(1);
    }
    if (item.substr(0, item.find_first_of("; ")) == coding) {
      return item.find("q=0") == std::string_view::npos ||
             item.find("q=0.") != std::string_view::npos;
    }
    start = end + 1;
  }
  return false;
}

/// Addresses of the app's own pages have no extension; a missing asset must not be answered with a
/// page.
bool IsPageAddress(std::string_view path) {
  return !path.starts_with("/api/") &&
         path.substr(path.rfind('/') + 1).find('.') == std::string_view::npos;
}

}  // namespace

StaticFiles::StaticFiles(fs::path root) : root_(std::move(root)) {}

std::shared_ptr<const StaticFiles::Index> StaticFiles::Read() const {
  auto index = std::make_shared<Index>();
  std::error_code error;
  for (fs::recursive_directory_iterator it(root_, error), end; !error && it != end;
       it.increment(error)) {
    // Links are left out: they may lead out of the folder.
    if (it->is_symlink(error) || !it->is_regular_file(error)) {
      continue;
    }
    const auto size = it->file_size(error);
    const auto written = it->last_write_time(error).time_since_epoch().count();
    const Variant variant{it->path(), fmt::format("\"{:x}-{:x}\"", size, written)};
    std::string path = "/" + it->path().lexically_relative(root_).generic_string();
    if (path.ends_with(".br")) {
      (*index)[path.substr(0, path.size() - 3)].brotli = variant;
    } else if (path.ends_with(".gz")) {
      (*index)[path.substr(0, path.size() - 3)].gzip = variant;
    } else {
      Entry& entry = (*index)[path];
      entry.plain = variant;
      entry.content_type = ContentTypeOf(it->path());
      // The build puts a digest of the content into these names.
      entry.immutable = path.starts_with("/assets/");
    }
  }
  std::erase_if(*index, [](const auto& item) { return item.second.plain.file.empty(); });
  return index;
}

std::shared_ptr<const StaticFiles::Index> StaticFiles::Current() {
  std::error_code error;
  const auto written = fs::last_write_time(root_ / "index.html", error);
  const std::lock_guard lock(mutex_);
  if (!index_ || (!error && written != read_of_)) {
    // A new build writes a new index.html.
    index_ = Read();
    read_of_ = written;
  }
  return index_;
}

std::optional<Response> StaticFiles::Find(std::string_view path, std::string_view accept_encoding,
                                          std::string_view if_none_match) {
  if (root_.empty()) {
    return std::nullopt;
  }
  const std::shared_ptr<const Index> index = Current();
  auto found = index->find(path == "/" ? kIndexPage : path);
  if (found == index->end() && IsPageAddress(path)) {
    found = index->find(kIndexPage);
  }
  if (found == index->end()) {
    return std::nullopt;
  }
  const Entry& entry = found->second;
  const Variant* variant = &entry.plain;
  Response response;
  response.content_type = entry.content_type;
  if (entry.brotli && Accepts(accept_encoding, "br")) {
    variant = &*entry.brotli;
    response.headers.emplace_back("Content-Encoding", "br");
  } else if (entry.gzip && Accepts(accept_encoding, "gzip")) {
    variant = &*entry.gzip;
    response.headers.emplace_back("Content-Encoding", "gzip");
  }
  response.headers.emplace_back("ETag", variant->etag);
  response.headers.emplace_back("Vary", "Accept-Encoding");
  response.headers.emplace_back(
      "Cache-Control", entry.immutable ? "public, max-age=31536000, immutable" : "no-cache");
  if (entry.content_type.starts_with("text/html")) {
    response.headers.emplace_back("Content-Security-Policy", kContentSecurityPolicy);
    response.headers.emplace_back("X-Frame-Options", "DENY");
    response.headers.emplace_back("Cross-Origin-Opener-Policy", "same-origin");
  }
  if (if_none_match == variant->etag) {
    response.status = 304;
  } else {
    response.body = FileBody{variant->file};
  }
  return response;
}

}  // namespace streampark::http
