// SPDX-License-Identifier: Apache-2.0
#include "file_connector.h"

#include <filesystem>

#include "streampark/connectors/file.h"
#include "streampark/connectors/option_errors.h"
#include "streampark/formats/format.h"

#include "file_sink.h"
#include "file_source.h"

namespace streampark::connectors {
namespace file {
namespace {

constexpr std::string_view kGzipEnding = ".gz";

OptionTable MakeTable() {
  return OptionTable(
             {
                 {.name = "path",
                  .text = "A source's file, folder, or pattern of files (`/in/**/*.csv`); "
                          "a sink's folder.",
                  .presence = OptionSpec::Presence::kRequired},
                 {.name = "compression",
                  .kind = OptionKind::kChoice,
                  .text = "`auto`: what is named .gz is read as gzip, and nothing is "
                          "compressed that is written.",
                  .fallback = "auto",
                  .choices = {"auto", "none", "gzip"}},
                 {.name = "watch.interval",
                  .kind = OptionKind::kDuration,
                  .text = "How often to look for new files; absent: what is there at the "
                          "start is read, and the job ends. Files have to appear whole.",
                  .use = OptionUse::kSource,
                  .least = 1},
                 {.name = "split.size",
                  .kind = OptionKind::kSize,
                  .text = "Larger files are read in parts of this size, in parallel, where "
                          "format and compression allow it.",
                  .fallback = "64MiB",
                  .use = OptionUse::kSource,
                  .least = 1},
                 {.name = "batch.rows",
                  .kind = OptionKind::kInteger,
                  .text = "The most rows that are read at once.",
                  .fallback = "4096",
                  .use = OptionUse::kSource,
                  .least = 1,
                  .most = 65'536},
                 {.name = "roll.size",
                  .kind = OptionKind::kSize,
                  .text = "A file that has reached it, before compression, is ended and the "
                          "next begun. Each checkpoint ends one, too.",
                  .fallback = "128MiB",
                  .use = OptionUse::kSink,
                  .least = 1},
                 {.name = "roll.rows",
                  .kind = OptionKind::kInteger,
                  .text = "The same by rows.",
                  .use = OptionUse::kSink,
                  .least = 1},
                 {.name = "roll.interval",
                  .kind = OptionKind::kDuration,
                  .text = "The same by age.",
                  .use = OptionUse::kSink,
                  .least = 1},
             })
      .With(formats::FormatOptions("", formats::Carrier::kFiles));
}

std::string AbsolutePath(const std::string& path) {
  std::string absolute = std::filesystem::absolute(path).lexically_normal().string();
  if (absolute.size() > 1 && absolute.ends_with('/')) {
    absolute.pop_back();
  }
  return absolute;
}

Compression CompressionOf(const std::string& option, std::string_view path) {
  const bool packed = option == "gzip" || (option == "auto" && path.ends_with(kGzipEnding));
  return packed ? Compression::kGzip : Compression::kNone;
}

std::string EndingOf(const std::string& format, Compression compression) {
  std::string ending = format == "debezium" ? ".json" : format == "raw" ? ".txt" : "." + format;
  return compression == Compression::kGzip ? ending.append(kGzipEnding) : ending;
}

class FileConnector final : public Connector {
 public:
  explicit FileConnector(std::shared_ptr<FileStore> store) : store_(std::move(store)) {}

  std::string_view name() const override { return "file"; }
  std::string_view text() const override {
    return "Files of this machine: JSON, CSV, lines, Avro, Parquet; plain or gzip.";
  }
  Capabilities capabilities() const override {
    return {.source = true, .sink = true, .replay = true, .exactly_once = true};
  }
  const OptionTable& options() const override { return table_; }

  base::Result<std::unique_ptr<Source>> MakeSource(Setup setup) const override {
    if (!setup.schema) {
      return NeedsColumns("a file");
    }
    const OptionValues& options = setup.options;
    SourcePlan plan;
    plan.reading.store = store_;
    plan.reading.schema = setup.schema;
    if (formats::IsReadAtPlaces(options)) {
      SP_TRY(CheckPlaces(options));
      plan.reading.file_decoder =
          SP_TRY(formats::MakeFileDecoder(options, {.schema = setup.schema}));
      plan.reading.compression_of = [](const std::string&) { return Compression::kNone; };
      plan.splits_in_ranges = true;
    } else {
      plan.reading.make_decoder = [options, schema = setup.schema] {
        return formats::MakeDecoder(options, {.schema = schema});
      };
      plan.reading.compression_of = [option =
                                         options.String("compression")](const std::string& path) {
        return CompressionOf(option, path);
      };
      plan.splits_in_ranges = SP_TRY(plan.reading.make_decoder())->splits_at_lines();
    }
    plan.reading.batch_rows = options.Integer("batch.rows");
    plan.pattern = AbsolutePath(SP_TRY(PathOf(options)));
    plan.split_size = options.Size("split.size");
    if (options.Has("watch.interval")) {
      plan.watch = options.Duration("watch.interval");
    }
    return MakeFileSource(std::move(plan));
  }

  base::Result<std::unique_ptr<Sink>> MakeSink(Setup setup) const override {
    if (!setup.schema) {
      return NeedsColumns("a file");
    }
    const OptionValues& options = setup.options;
    std::string folder = AbsolutePath(SP_TRY(PathOf(options)));
    if (formats::IsReadAtPlaces(options)) {
      SP_TRY(CheckPlaces(options));
    }
    SinkPlan plan{.store = store_,
                  .folder = std::move(folder),
                  .compression = CompressionOf(options.String("compression"), ""),
                  .clock = &setup.time(),
                  .roll_size = options.Size("roll.size")};
    plan.ending = EndingOf(options.String("format"), plan.compression);
    plan.make_encoder = [options, schema = setup.schema] {
      return formats::MakeEncoder(options, {.schema = schema});
    };
    SP_TRY(plan.make_encoder());  // to refuse now what it cannot hold
    if (options.Has("roll.rows")) {
      plan.roll_rows = options.Integer("roll.rows");
    }
    if (options.Has("roll.interval")) {
      plan.roll_interval = options.Duration("roll.interval");
    }
    return MakeFileSink(std::move(plan));
  }

 private:
  /// A file that is read at places is not packed as a whole.
  static base::Status CheckPlaces(const OptionValues& options) {
    if (options.String("compression") != "gzip") {
      return base::Ok();
    }
    const std::string& format = options.String("format");
    return WrongOption("compression", "a file of " + format + " cannot be packed as a whole",
                       format + ".codec compresses within it");
  }

  static base::Result<std::string> PathOf(const OptionValues& options) {
    const std::string& path = options.String("path");
    if (path.empty()) {
      return base::Error(base::ErrorCode::kValidationFailed, "some options are not valid")
          .WithField({"/path", "is empty", "name a file or a folder"});
    }
    return path;
  }

  const std::shared_ptr<FileStore> store_;
  const OptionTable table_ = MakeTable();
};

}  // namespace

std::unique_ptr<Connector> MakeFileConnectorOver(std::shared_ptr<FileStore> store) {
  return std::make_unique<FileConnector>(std::move(store));
}

}  // namespace file

std::unique_ptr<Connector> MakeFileConnector() {
  return file::MakeFileConnectorOver(file::MakeLocalStore());
}

}  // namespace streampark::connectors
