// SPDX-License-Identifier: Apache-2.0
// A connector outside of the tree: a sink that writes how many rows it was given to a file.
#include <cstdint>
#include <string>

#include <streampark/base/files.h>
#include <streampark/connectors/abi/export.h>

namespace sp = streampark::connectors;

namespace {

class Writer final : public sp::SinkWriter {
 public:
  explicit Writer(std::string file) : file_(std::move(file)) {}
  streampark::base::Result<std::vector<sp::DirtyRecord>> Write(const sp::Batch& batch) override {
    rows_ += batch.length;
    return std::vector<sp::DirtyRecord>();
  }
  streampark::base::Result<std::vector<sp::Committable>> Prepare(std::uint64_t) override {
    const auto written = streampark::base::WriteFileAtomically(file_, std::to_string(rows_));
    if (!written.ok()) {
      return written.error();
    }
    return std::vector<sp::Committable>();
  }
  std::string Snapshot() const override { return ""; }

 private:
  const std::string file_;
  std::int64_t rows_ = 0;
};

class TallySink final : public sp::Sink {
 public:
  explicit TallySink(std::string file) : file_(std::move(file)) {}
  sp::Delivery delivery() const override { return sp::Delivery::kAtLeastOnce; }
  streampark::base::Result<std::unique_ptr<sp::SinkWriter>> MakeWriter(const sp::WriterId&,
                                                                       std::string) override {
    return std::make_unique<Writer>(file_);
  }
  streampark::base::Result<std::unique_ptr<sp::Committer>> MakeCommitter() override {
    return std::unique_ptr<sp::Committer>();
  }

 private:
  const std::string file_;
};

class Tally final : public sp::Connector {
 public:
  std::string_view name() const override { return "tally"; }
  std::string_view text() const override { return "Counts rows."; }
  sp::Capabilities capabilities() const override { return {.sink = true}; }
  const sp::OptionTable& options() const override {
    static const sp::OptionTable kTable(std::vector<sp::OptionSpec>{
        {.name = "file", .text = "Where to.", .presence = sp::OptionSpec::Presence::kRequired}});
    return kTable;
  }
  streampark::base::Result<std::unique_ptr<sp::Source>> MakeSource(sp::Setup) const override {
    return streampark::base::Error(streampark::base::ErrorCode::kIllegalState, "no source");
  }
  streampark::base::Result<std::unique_ptr<sp::Sink>> MakeSink(sp::Setup setup) const override {
    return std::make_unique<TallySink>(setup.options.String("file"));
  }
};

}  // namespace

SP_CONNECTOR_LIBRARY(Tally)
