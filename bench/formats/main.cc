// SPDX-License-Identifier: Apache-2.0
// What a record costs to read and to write, on one thread. The record has eight fields and about 200 bytes. Run by bench.py.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "streampark/formats/format.h"

namespace {

using namespace streampark;  // NOLINT(google-build-using-namespace): a program of one file
using Steady = std::chrono::steady_clock;

constexpr std::string_view kSchema =
    "id BIGINT, user_name STRING, email STRING, amount DECIMAL(12, 2), ratio DOUBLE, created "
    "TIMESTAMP, active BOOLEAN, comment STRING";
constexpr int kRows = 4096;
constexpr int kRepeats = 20;

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

/// The median and worst of ten rounds after three that do not count, for bench.py.
template <typename Round>
void Report(const char* format, const char* what, std::size_t bytes, Round round) {
  std::vector<double> nanoseconds;
  for (int i = 0; i < 13; ++i) {
    const auto start = Steady::now();
    for (int repeat = 0; repeat < kRepeats; ++repeat) {
      round();
    }
    const std::chrono::duration<double, std::nano> took = Steady::now() - start;
    if (i >= 3) {
      nanoseconds.push_back(took.count() / kRows / kRepeats);
    }
  }
  std::ranges::sort(nanoseconds);
  std::printf(
      "{\"format\": \"%s\", \"what\": \"%s\", \"median\": %.1f, \"worst\": %.1f, \"bytes\": %zu}\n",
      format, what, nanoseconds[nanoseconds.size() / 2], nanoseconds.back(), bytes / kRows);
}

void Measure(const char* format) {
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
    encoder->EndStream(stream).value();
  };
  write();
  Report(format, "write", stream.size(), write);

  formats::BatchBuilder rows(schema);
  const auto head = decoder->ReadHead(stream, formats::ChunkEnd::kEndOfStream).value().value();
  const std::string_view body = std::string_view(stream).substr(head);
  Report(format, "read", stream.size(), [&] {
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

int main() {
  for (const char* format : {"json", "csv", "avro"}) {
    Measure(format);
  }
  return 0;
}
