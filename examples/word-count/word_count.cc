// SPDX-License-Identifier: Apache-2.0
#include <sstream>
#include <string>

#include <streampark/core.h>
#include <streampark/core/job_library.h>

namespace sp = streampark;

struct Line {
  std::string text;
};
SP_RECORD(Line, text);

struct Count {
  std::string word;
  std::int64_t count = 1;
};
SP_RECORD(Count, word, count);

SP_JOB(WordCount, sp::StreamContext& context) {
  context
      .Source<Line>("lines")  // kafka.source.lines in application.yml
      .FlatMap<Count>([](const Line& line, auto& out) {
        std::istringstream words(line.text);
        for (std::string word; words >> word;) {
          out.Emit({word});
        }
      })
      .KeyBy(&Count::word)
      .Reduce("sums", [](Count& sum, const Count& one) { sum.count += one.count; })
      .SinkTo("counts");  // kafka.sink.counts
}
