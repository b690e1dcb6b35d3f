// SPDX-License-Identifier: Apache-2.0
#include "streampark/formats/format.h"

#include <cstring>

#include "streampark/base/check.h"

#include "builtin.h"

namespace streampark::formats {
namespace {

constexpr std::size_t kMostOfARecord = 64U << 10U;

const std::vector<const Format*>& Formats() {
  static const std::vector<const Format*> kFormats = {
      &kJsonFormat, &kCsvFormat, &kRawFormat, &kAvroFormat, &kDebeziumFormat, &kParquetFormat};
  return kFormats;
}

const Format& Chosen(const OptionValues& options) {
  const std::string& name = options.String("format");
  for (const Format* format : Formats()) {
    if (format->name == name) {
      return *format;
    }
  }
  SP_CHECK(!"the table of options admits the formats alone");
}

bool IsBlank(std::string_view line) {
  return line.find_first_not_of(" \t") == std::string_view::npos;
}

}  // namespace

std::string CutRecord(std::string_view bytes) {
  return std::string(bytes.substr(0, kMostOfARecord));
}

base::Result<std::optional<std::size_t>> RowDecoder::ReadHead(std::string_view /*bytes*/,
                                                              ChunkEnd /*end*/) {
  return std::optional<std::size_t>(0);
}

base::Result<RowDecoder::Progress> RowDecoder::DecodeChunk(std::string_view chunk, ChunkEnd end,
                                                           const BatchLimit& limit,
                                                           BatchBuilder& rows,
                                                           std::vector<RefusedRecord>& refused) {
  Progress progress;
  while (progress.consumed < chunk.size() && rows.length() < limit.rows &&
         rows.bytes() < limit.bytes) {
    const std::string_view rest = chunk.substr(progress.consumed);
    const auto* newline = static_cast<const char*>(std::memchr(rest.data(), '\n', rest.size()));
    if (newline == nullptr && end == ChunkEnd::kMoreFollows) {
      break;
    }
    std::string_view line =
        newline == nullptr ? rest : rest.substr(0, static_cast<std::size_t>(newline - rest.data()));
    const std::size_t taken = line.size() + (newline == nullptr ? 0 : 1);
    if (line.ends_with('\r')) {
      line.remove_suffix(1);
    }
    if (!skips_blank_lines() || !IsBlank(line)) {
      if (auto reason = Decode(line, rows)) {
        refused.push_back(
            {progress.consumed, progress.records, std::move(*reason), CutRecord(line)});
      }
      ++progress.records;
    }
    progress.consumed += taken;
  }
  return progress;
}

Refusal RowEncoder::AppendToStream(const Batch& batch, std::int64_t row, std::string& out) {
  Refusal refusal = Encode(batch, row, out);
  if (!refusal) {
    out.push_back('\n');
  }
  return refusal;
}

std::vector<OptionSpec> FormatOptions(std::string_view fallback, Carrier carrier) {
  OptionSpec chosen{.name = "format",
                    .kind = connectors::OptionKind::kChoice,
                    .text = "How rows are written as bytes."};
  if (fallback.empty()) {
    chosen.presence = OptionSpec::Presence::kRequired;
  } else {
    chosen.fallback = fallback;
  }
  std::vector<OptionSpec> options;
  for (const Format* format : Formats()) {
    if (format->make_file_decoder != nullptr && carrier != Carrier::kFiles) {
      continue;
    }
    chosen.choices.emplace_back(format->name);
    for (OptionSpec& option : format->options()) {
      options.push_back(std::move(option));
    }
  }
  options.insert(options.begin(), std::move(chosen));
  return options;
}

base::Result<std::unique_ptr<RowDecoder>> MakeDecoder(const OptionValues& options,
                                                      const FormatSetup& setup) {
  const Format& format = Chosen(options);
  SP_CHECK(format.make_decoder != nullptr);
  return format.make_decoder(options, setup);
}

base::Result<std::unique_ptr<RowEncoder>> MakeEncoder(const OptionValues& options,
                                                      const FormatSetup& setup) {
  return Chosen(options).make_encoder(options, setup);
}

bool IsReadAtPlaces(const OptionValues& options) {
  return Chosen(options).make_file_decoder != nullptr;
}

base::Result<std::unique_ptr<FileDecoder>> MakeFileDecoder(const OptionValues& options,
                                                           const FormatSetup& setup) {
  return Chosen(options).make_file_decoder(options, setup);
}

base::Error ColumnRefused(const connectors::Field& field, std::string_view format) {
  return base::Error(base::ErrorCode::kValidationFailed,
                     "the column '" + field.name + "' of type " + field.type.ToString() +
                         " cannot be held by the format " + std::string(format));
}

}  // namespace streampark::formats
