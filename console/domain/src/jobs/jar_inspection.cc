// SPDX-License-Identifier: Apache-2.0
#include "streampark/console/jobs/jar_inspection.h"

#include <algorithm>
#include <memory>
#include <string_view>

#include <archive.h>
#include <archive_entry.h>

namespace streampark::console {
namespace {

constexpr std::int64_t kMostEntries = 500'000;
constexpr std::size_t kLargestServiceFile = 1U << 20U;
constexpr std::string_view kServices = "META-INF/services/org.apache.flink.";

struct ReadEnd {
  void operator()(archive* reader) const { archive_read_free(reader); }
};
using Reader = std::unique_ptr<archive, ReadEnd>;

base::Error NotAJar(const std::string& why) {
  return base::Error(base::ErrorCode::kNotAJar, "the file is not a jar: " + why)
      .WithHint("upload a jar as the build tool makes it");
}

std::string ReadEntry(archive* reader) {
  std::string text;
  char buffer[8192];
  for (;;) {
    const la_ssize_t got = archive_read_data(reader, buffer, sizeof buffer);
    if (got <= 0 || text.size() > kLargestServiceFile) {
      return text;
    }
    text.append(buffer, static_cast<std::size_t>(got));
  }
}

void AddClasses(const std::string& text, std::vector<std::string>& classes) {
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t end = std::min(text.find('\n', from), text.size());
    std::string line = text.substr(from, end - from);
    from = end + 1;
    line.erase(std::min(line.find('#'), line.size()));
    const std::size_t first = line.find_first_not_of(" \t\r");
    if (first == std::string::npos) {
      continue;
    }
    line = line.substr(first, line.find_last_not_of(" \t\r") - first + 1);
    if (std::find(classes.begin(), classes.end(), line) == classes.end()) {
      classes.push_back(std::move(line));
    }
  }
}

}  // namespace

base::Result<JarInspection> InspectJar(const std::filesystem::path& file) {
  const Reader reader(archive_read_new());
  archive_read_support_format_zip_seekable(reader.get());
  if (archive_read_open_filename(reader.get(), file.c_str(), 65536) != ARCHIVE_OK) {
    return NotAJar("it is not a zip archive");
  }
  JarInspection inspection;
  bool jar_like = false;
  archive_entry* entry = nullptr;
  for (;;) {
    const int next = archive_read_next_header(reader.get(), &entry);
    if (next == ARCHIVE_EOF) {
      break;
    }
    if (next != ARCHIVE_OK && next != ARCHIVE_WARN) {
      const char* why = archive_error_string(reader.get());
      return NotAJar(why == nullptr ? "its contents are damaged" : why);
    }
    if (++inspection.entries > kMostEntries) {
      return NotAJar("it has too many entries");
    }
    const char* name_text = archive_entry_pathname(entry);
    const std::string_view name = name_text == nullptr ? "" : name_text;
    jar_like = jar_like || name.ends_with(".class") || name.starts_with("META-INF/");
    if (name.starts_with(kServices) && name.find("actory") != std::string_view::npos) {
      AddClasses(ReadEntry(reader.get()), inspection.factories);
    }
  }
  if (inspection.entries == 0) {
    return NotAJar("it holds nothing");
  }
  if (!jar_like) {
    return NotAJar("it holds neither classes nor META-INF");
  }
  return inspection;
}

}  // namespace streampark::console
