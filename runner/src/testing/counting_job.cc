// SPDX-License-Identifier: Apache-2.0
// The jobs of the adapter's contract: `app.kind` counting, failing, crashing or finite. Counting and crashing write 1, 2, 3 … to `app.out`, a line each;
// `app.source` names where they come from.
#include <chrono>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

#include "streampark/core.h"
#include "streampark/core/job_library.h"

namespace sp = streampark;

struct Number {
  std::int64_t n = 0;
};
SP_RECORD(Number, n);

SP_JOB(Counting, sp::StreamContext& context) {
  const std::string kind = context.App("kind", "counting");
  const auto out = std::make_shared<std::ofstream>(context.App("out"), std::ios::app);
  const std::string crash = context.App("crash", "");
  const std::int64_t rows = kind == "finite" ? 3 : std::numeric_limits<std::int64_t>::max();
  context
      .Generate<Number>(context.App("source", "numbers"), rows,
                        [](std::int64_t n, Number& row) { row.n = n + 1; })
      .Map([kind, crash](const Number& number) {
        if (kind == "failing") {
          throw std::runtime_error("division by zero");
        }
        // Once: the file is a mark that the next life takes away.
        if (!crash.empty() && number.n % 100 == 0 && std::filesystem::remove(crash)) {
          std::raise(SIGKILL);
        }
        std::this_thread::sleep_for(std::chrono::microseconds(200));  // its pace
        return number;
      })
      .ForEach("write", [kind, out](const Number& number) {
        if (kind == "counting") {
          *out << number.n << '\n' << std::flush;
        }
      });
}
