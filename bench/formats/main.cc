// SPDX-License-Identifier: Apache-2.0
// What a record costs to read and to write, on one thread. The record has eight fields and about 200 bytes:
//
//   ninja streampark_formats_bench && ./streampark_formats_bench [SECONDS]
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "streampark/formats/format.h"

namespace {

using namespace streampark;  // NOLINT(google-build-using-namespace): a program of one file
using Steady = std::chrono::steady_clock;

constexpr std::string_view kSchema =
    "id BIGINT, user_name STRING, email STRING, amount DECIMAL(12, 2), ratio DOUBLE, created "
    "TIMESTAMP, active BOOLEAN, comment STRING";
constexpr int kRows = 4096;

std::unique_ptr<connectors::Batch> MakeRows(const connectors::SchemaPtr& schema) {
  formats::BatchBuilder rows(schema);
  for (int i = 0; i < kRows; ++i) {
    rows.column(0).Append<std::int64_t>(1'000'000'000 + i * 7919LL);
    rows.column(1).AppendText("user-" + std::to_string(i));
    rows.column(2).AppendText("somebody." + std::to_string(i * 31) + "@example.com");
    rows.column(3).Append<__int128>(i * 1237 + 5);
    rows.column(4).Append(i / 1000.0);
    rows.column(5).Append<std::int64_t>(1'769'850'300'000'000 + i * 1'000'003LL);
    rows.column(6).AppendBoolean(i % 2 == 0);
    rows.column(7).AppendText("left at the door, nobody was in");
    rows.EndRow();
  }
  return rows.Finish();
}

template <typename Round>
void Report(const char* format, const char* what, double seconds, std::size_t bytes, Round round) {
  round();  // warm
  double best = 1e9;
  const auto until = Steady::now() + std::chrono::duration<double>(seconds);
  while (Steady::now() < until) {
    const auto start = Steady::now();
    round();
    const std::chrono::duration<double, std::nano> took = Steady::now() - start;
    best = std::min(best, took.count() / kRows);
  }
  std::printf(
      "{\"figure\": \"formats.%s.%s\", \"nanosPerRecord\": %.1f, \"bytesPerRecord\": %zu, "
      "\"megabytesPerSecond\": %.0f}\n",
      format, what, best, bytes / kRows, static_cast<double>(bytes) / kRows / best * 1000);
}

void Measure(const char* format, double seconds) {
  const auto schema =
      std::make_shared<const connectors::Schema>(connectors::Schema::Parse(kSchema).value());
  const connectors::OptionTable table(formats::FormatOptions(""));
  const auto options = table.Read({{"format", format}}, connectors::OptionUse::kBoth).value();
  const auto decoder = formats::MakeDecoder(options, {.schema = schema}).value();
  const auto encoder = formats::MakeEncoder(options, {.schema = schema}).value();
  const auto batch = MakeRows(schema);

  std::string stream;
  const auto write = [&] {
    stream.clear();
    encoder->BeginStream(stream);
    for (int row = 0; row < kRows; ++row) {
      encoder->AppendToStream(*batch, row, stream);
    }
    encoder->EndStream(stream);
  };
  write();
  Report(format, "write", seconds, stream.size(), write);

  formats::BatchBuilder rows(schema);
  const auto head = decoder->ReadHead(stream, formats::ChunkEnd::kEndOfStream).value().value();
  const std::string_view body = std::string_view(stream).substr(head);
  Report(format, "read", seconds, stream.size(), [&] {
    std::vector<formats::RefusedRecord> refused;
    const formats::BatchLimit limit{.rows = kRows, .bytes = 1U << 30U};
    const auto progress =
        decoder->DecodeChunk(body, formats::ChunkEnd::kEndOfStream, limit, rows, refused);
    if (!progress.ok() || rows.length() != kRows || !refused.empty()) {
      std::fprintf(stderr, "%s does not read what it wrote\n", format);
      std::exit(1);
    }
    rows.Recycle(rows.Finish());
  });
}

}  // namespace

int main(int argc, char** argv) {
  const double seconds = argc > 1 ? std::atof(argv[1]) : 1;
  for (const char* format : {"json", "csv"}) {
    Measure(format, seconds);
  }
  return 0;
}
