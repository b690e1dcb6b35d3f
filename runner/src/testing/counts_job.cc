// SPDX-License-Identifier: Apache-2.0
// A job for tests with keyed state: counts each number modulo 7 and writes the counts to `app.out`.
#include <fstream>
#include <memory>

#include "streampark/core.h"
#include "streampark/core/job_library.h"

namespace sp = streampark;

struct Number {
  std::int64_t n = 0;
};
SP_RECORD(Number, n);

SP_JOB(Counts, sp::StreamContext& context) {
  const auto out = std::make_shared<std::ofstream>(context.App("out"), std::ios::app);
  context.Source<Number>("numbers")
      .KeyBy([](const Number& number) { return number.n % 7; })
      .Aggregate("count", sp::Count())
      .ForEach("write", [out](const auto& counted) {
        *out << counted.value << '\n' << std::flush;
      });
}
