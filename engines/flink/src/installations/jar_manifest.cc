// SPDX-License-Identifier: Apache-2.0
#include "installations/jar_manifest.h"

#include <array>
#include <memory>

#include <archive.h>
#include <archive_entry.h>

namespace streampark::flink {
namespace {

constexpr std::string_view kManifest = "META-INF/MANIFEST.MF";
constexpr std::size_t kBlock = 65'536;
constexpr std::size_t kLongestManifest = 1U << 20U;

struct CloseArchive {
  void operator()(archive* open) const { archive_read_free(open); }
};

base::Error NotAJar(const std::filesystem::path& jar, std::string cause) {
  return base::Error(base::ErrorCode::kInstallationInvalid, jar.string() + " is not a whole jar")
      .WithCause(std::move(cause));
}

std::string TextOfEntry(archive* open) {
  std::string text;
  std::array<char, 8192> piece;
  for (;;) {
    const la_ssize_t count = archive_read_data(open, piece.data(), piece.size());
    if (count <= 0 || text.size() > kLongestManifest) {
      return text;
    }
    text.append(piece.data(), static_cast<std::size_t>(count));
  }
}

/// Lines of a manifest are cut at 72 bytes and go on after a line break and a blank.
std::string Unfolded(std::string_view manifest) {
  std::string text;
  for (std::size_t i = 0; i < manifest.size(); ++i) {
    if (manifest[i] == '\r') {
      continue;
    }
    if (manifest[i] == '\n' && i + 1 < manifest.size() && manifest[i + 1] == ' ') {
      ++i;
      continue;
    }
    text.push_back(manifest[i]);
  }
  return text;
}

}  // namespace

base::Result<std::string> ManifestAttribute(const std::filesystem::path& jar,
                                            std::string_view attribute) {
  const std::unique_ptr<archive, CloseArchive> open(archive_read_new());
  archive_read_support_format_zip_seekable(open.get());
  if (archive_read_open_filename(open.get(), jar.c_str(), kBlock) != ARCHIVE_OK) {
    return NotAJar(jar, archive_error_string(open.get()));
  }
  archive_entry* entry = nullptr;
  int status = archive_read_next_header(open.get(), &entry);
  for (; status == ARCHIVE_OK; status = archive_read_next_header(open.get(), &entry)) {
    const char* name = archive_entry_pathname(entry);
    if (name == nullptr || name != kManifest) {
      continue;
    }
    const std::string text = "\n" + Unfolded(TextOfEntry(open.get()));
    const std::string key = "\n" + std::string(attribute) + ": ";
    const std::size_t at = text.find(key);
    if (at == std::string::npos) {
      return std::string();
    }
    const std::size_t start = at + key.size();
    return text.substr(start, text.find('\n', start) - start);
  }
  if (status != ARCHIVE_EOF) {
    const char* cause = archive_error_string(open.get());
    return NotAJar(jar, cause == nullptr ? "" : cause);
  }
  return std::string();
}

}  // namespace streampark::flink
