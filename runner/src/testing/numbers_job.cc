// SPDX-License-Identifier: Apache-2.0
// A job for tests: doubles numbers and writes each on a line of `app.out`.
#include <fstream>
#include <memory>

#include "streampark/core.h"
#include "streampark/core/job_library.h"

namespace sp = streampark;

struct Number {
  std::int64_t n = 0;
};
SP_RECORD(Number, n);

SP_JOB(Numbers, sp::StreamContext& context) {
  const auto out = std::make_shared<std::ofstream>(context.App("out"), std::ios::app);
  if (context.App("secret", "") == "wrong") {
    throw std::runtime_error("the author's own mistake");
  }
  context.Source<Number>("numbers")
      .Map([](const Number& number) { return Number{2 * number.n}; })
      .ForEach("write", [out](const Number& number) { *out << number.n << '\n'
                                                           << std::flush; });
}
