// SPDX-License-Identifier: Apache-2.0
#include "job_terminal.h"

#include <cstdio>
#include <functional>
#include <utility>

#include <unistd.h>

#include "output.h"

namespace streampark::cli {

base::Result<runner::JobEnd> RunInTerminal(runner::LoadedJob& job, const base::Clock& clock,
                                           const std::filesystem::path& control) {
  std::function<void(const std::string&)> tell;
  const bool terminal = ::isatty(STDERR_FILENO) == 1;
  if (terminal) {
    tell = [name = job.name()](const std::string& line) {
      static_cast<void>(::dprintf(STDERR_FILENO, "\r\033[K%s: %s", name.c_str(), line.c_str()));
    };
  }
  auto end = runner::RunJob(job, clock, tell, control);
  if (terminal) {
    PrintNotice("");
  }
  if (!end.ok()) {
    return base::Error(end.error()).Annotate(job.name());
  }
  return end;
}

void TellEnd(const std::string& name, const runner::JobEnd& end) {
  using Kind = runner::JobEnd::Kind;
  switch (end.kind) {
    case Kind::kFinished:
      PrintNotice(name + " has read all there is");
      break;
    case Kind::kStopped:
      PrintNotice(name + " is stopped with a savepoint; --restore goes on from there:");
      Print(end.savepoint);
      break;
    case Kind::kCancelled:
      PrintNotice(name + " is cancelled; it goes on from its newest checkpoint, if it has one");
      break;
  }
}

}  // namespace streampark::cli
