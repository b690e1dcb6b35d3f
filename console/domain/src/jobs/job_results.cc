// SPDX-License-Identifier: Apache-2.0
#include "streampark/console/jobs/job_results.h"

#include <algorithm>
#include <chrono>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "streampark/base/json.h"

namespace streampark::console {
namespace {

namespace fs = std::filesystem;

constexpr int kDeepest = 6;
constexpr std::size_t kMostFiles = 5000;
constexpr std::size_t kTailBytes = 256U << 10U;  // of one file
constexpr std::size_t kAllBytes = 2U << 20U;     // of one table

struct ResultFile {
  fs::path path;
  fs::file_time_type written;
};

bool IsBelow(const fs::path& path, const fs::path& root) {
  const auto mismatch = std::mismatch(root.begin(), root.end(), path.begin(), path.end());
  return mismatch.first == root.end();
}

/// The real path when it lies in one of the folders, however it is spelled.
std::optional<fs::path> Confined(const fs::path& path, const std::vector<fs::path>& folders) {
  std::error_code failed;
  const fs::path real = fs::canonical(path, failed);
  if (failed) {
    return std::nullopt;
  }
  for (const fs::path& folder : folders) {
    const fs::path root = fs::canonical(folder, failed);
    if (!failed && IsBelow(real, root)) {
      return real;
    }
  }
  return std::nullopt;
}

/// Whether the path, which need not exist yet, would lie in one of the folders.
bool MayLieBelow(const fs::path& path, const std::vector<fs::path>& folders) {
  std::error_code failed;
  const fs::path real = fs::weakly_canonical(path, failed);
  return !failed && std::any_of(folders.begin(), folders.end(), [&](const fs::path& folder) {
    std::error_code ignored;
    return IsBelow(real, fs::weakly_canonical(folder, ignored));
  });
}

std::vector<ResultFile> CommittedFiles(const fs::path& root) {
  std::vector<ResultFile> files;
  std::error_code failed;
  fs::recursive_directory_iterator it(root, failed);
  for (const fs::recursive_directory_iterator end;
       !failed && it != end && files.size() < kMostFiles; it.increment(failed)) {
    const std::string name = it->path().filename().string();
    const bool hidden = name.starts_with('.') || name.starts_with('_') ||
                        name.find(".inprogress") != std::string::npos;
    std::error_code ignored;
    if (it->is_directory(ignored)) {
      if (hidden || it.depth() >= kDeepest || it->is_symlink(ignored)) {
        it.disable_recursion_pending();
      }
      continue;
    }
    if (!hidden && !it->is_symlink(ignored) && it->is_regular_file(ignored)) {
      files.push_back({it->path(), it->last_write_time(ignored)});
    }
  }
  std::sort(files.begin(), files.end(), [](const ResultFile& a, const ResultFile& b) {
    return std::tie(b.written, b.path) < std::tie(a.written, a.path);
  });
  return files;
}

/// The end of a file, from the first whole line on.
std::string TailOf(const fs::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) {
    return "";
  }
  std::string text;
  struct stat status {};
  if (::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode)) {
    const auto size = static_cast<std::size_t>(status.st_size);
    const std::size_t wanted = std::min(size, kTailBytes);
    text.resize(wanted);
    const ssize_t got = ::pread(descriptor, text.data(), wanted, static_cast<off_t>(size - wanted));
    text.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
    if (wanted < size) {
      const std::size_t line = text.find('\n');
      text.erase(0, line == std::string::npos ? text.size() : line + 1);
    }
  }
  ::close(descriptor);
  return text;
}

std::vector<std::string> CsvFields(std::string_view line, char separator) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quoted && c == '"' && i + 1 < line.size() && line[i + 1] == '"') {
      fields.back() += '"';
      ++i;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (c == separator && !quoted) {
      fields.emplace_back();
    } else {
      fields.back() += c;
    }
  }
  return fields;
}

/// A line as a JSON object; absent when it is not a row of this format.
std::optional<std::string> RowOf(std::string_view line, const engines::SqlTable& table,
                                 const std::vector<std::string>& columns, bool csv) {
  if (!csv) {
    const base::Result<json::value> row = json::Parse(line);
    return row.ok() && row->is_object() ? std::optional(json::serialize(*row)) : std::nullopt;
  }
  const auto separator = table.options.find("csv.field-delimiter");
  const std::vector<std::string> fields = CsvFields(
      line,
      separator == table.options.end() || separator->second.empty() ? ',' : separator->second[0]);
  json::object row;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    row[i < columns.size() ? columns[i] : "column" + std::to_string(i + 1)] = fields[i];
  }
  return json::serialize(row);
}

std::string LocalPath(const std::string& uri) {
  for (const std::string_view scheme : {"file://", "file:"}) {
    if (uri.starts_with(scheme)) {
      return uri.substr(scheme.size());
    }
  }
  return uri.find("://") == std::string::npos ? uri : "";
}

std::string OptionOf(const engines::SqlTable& table, const std::string& key) {
  const auto found = table.options.find(key);
  return found == table.options.end() ? "" : found->second;
}

void ReadRows(const engines::SqlTable& table, const fs::path& root,
              const std::vector<fs::path>& folders, std::size_t limit, bool csv,
              ResultTable& result) {
  std::size_t read = 0;
  for (const ResultFile& file : CommittedFiles(root)) {
    if (result.rows.size() >= limit || read >= kAllBytes) {
      return;
    }
    if (!Confined(file.path, folders)) {
      continue;
    }
    if (!result.updated_at) {
      result.updated_at =
          std::chrono::time_point_cast<base::Millis>(std::chrono::file_clock::to_sys(file.written));
    }
    const std::string text = TailOf(file.path);
    read += text.size();
    for (std::size_t end = text.size(); end > 0 && result.rows.size() < limit;) {
      const std::size_t start = end < 2 ? std::string::npos : text.rfind('\n', end - 2);
      const std::size_t from = start == std::string::npos ? 0 : start + 1;
      std::string_view line = std::string_view(text).substr(from, end - from);
      while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) {
        line.remove_suffix(1);
      }
      end = from;
      if (!line.empty()) {
        if (std::optional<std::string> row = RowOf(line, table, result.columns, csv)) {
          result.rows.push_back(*std::move(row));
        }
      }
    }
  }
}

}  // namespace

std::vector<ResultTable> ReadResults(const Release& release, const std::vector<fs::path>& folders,
                                     int limit) {
  std::vector<ResultTable> results;
  for (const engines::SqlTable& table : release.tables) {
    const bool written =
        std::any_of(release.sinks.begin(), release.sinks.end(), [&](const std::string& sink) {
          return sink == table.name || sink.ends_with("." + table.name);
        });
    if (!written ||
        (table.connector != "filesystem" && OptionOf(table, "connector") != "filesystem")) {
      continue;
    }
    ResultTable result{.name = table.name, .path = OptionOf(table, "path")};
    for (const engines::SqlColumn& column : table.columns) {
      result.columns.push_back(column.name);
    }
    const std::string format = OptionOf(table, "format");
    const std::string local = LocalPath(result.path);
    if (format != "json" && format != "csv") {
      result.note = "rows of format " + format + " are not shown";
    } else if (local.empty()) {
      result.note = "its files are not on the console's machine";
    } else if (!MayLieBelow(local, folders)) {
      result.note = "its folder is not one that the console shows results of";
    } else if (const std::optional<fs::path> root = Confined(local, folders)) {
      ReadRows(table, *root, folders, static_cast<std::size_t>(limit), format == "csv", result);
    }
    if (result.rows.empty() && result.note.empty()) {
      result.note = "nothing is committed yet";
    }
    results.push_back(std::move(result));
  }
  return results;
}

}  // namespace streampark::console
