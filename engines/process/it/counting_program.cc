// SPDX-License-Identifier: Apache-2.0
// A program as ProcessJobs runs them: counting_program counting|failing|finite FILE
// Counts on from what it restores, each number a line of FILE, until a savepoint says to stop.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "streampark/base/files.h"
#include "streampark/base/json.h"

namespace {

namespace fs = std::filesystem;
using namespace streampark;

/// Whether it was told to stop, and could save.
bool Answer(const fs::path& request, const fs::path& answer, long count) {
  const json::value asked = json::Parse(base::ReadFile(request).value()).value();
  const fs::path path = json::StringOr(asked.as_object(), "path");
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  const base::Status saved = base::WriteFileAtomically(path, std::to_string(count));
  const json::object outcome = saved.ok() ? json::object{{"path", path.string()}}
                                          : json::object{{"cause", saved.error().ToString()}};
  // The last word before the end: what was counted is in FILE.
  if (!base::WriteFileAtomically(answer, json::serialize(outcome)).ok()) {
    std::exit(3);
  }
  return saved.ok() && json::FindBool(asked.as_object(), "stop").value_or(false);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    return 2;
  }
  const std::string kind = argv[1];
  const fs::path folder = std::getenv("STREAMPARK_JOB_FOLDER");
  const std::string restore = std::getenv("STREAMPARK_RESTORE");
  long count = restore.empty() ? 0 : std::stol(base::ReadFile(restore).value());
  if (!base::WriteFileAtomically(folder / "ready", "").ok()) {
    return 3;
  }
  std::ofstream out(argv[2], std::ios::app);
  if (kind == "failing") {
    std::fprintf(stderr, "at row %ld\ndivision by zero\n", count);
    return 1;
  }
  for (int turn = 0; kind != "finite" || turn < 3; ++turn) {
    if (kind == "counting") {
      out << ++count << '\n' << std::flush;
    }
    for (const auto& request : fs::directory_iterator(folder / "requests")) {
      const std::string name = request.path().filename().string();
      const fs::path answer = folder / "answers" / name;
      if (name.find('.') == std::string::npos && !fs::exists(answer) &&
          Answer(request.path(), answer, count)) {
        return 0;
      }
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));  // its pace
  }
  return 0;
}
