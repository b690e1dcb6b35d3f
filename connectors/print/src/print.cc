// SPDX-License-Identifier: Apache-2.0
#include "streampark/connectors/print.h"

#include <algorithm>
#include <cerrno>

#include <unistd.h>

#include "streampark/base/files.h"

namespace streampark::connectors {
namespace {

class PrintWriter final : public SinkWriter {
 public:
  PrintWriter(int stream, std::string prefix) : stream_(stream), prefix_(std::move(prefix)) {}

  /// Each batch by one call of the system where it takes that much, so that lines of subtasks seldom mix.
  base::Result<std::vector<DirtyRecord>> Write(const Batch& batch) override {
    lines_.clear();
    for (std::int64_t row = 0; row < batch.length; ++row) {
      lines_.append(prefix_).append(DebugText(batch, row)).push_back('\n');
    }
    for (std::string_view rest = lines_; !rest.empty();) {
      const ssize_t count = ::write(stream_, rest.data(), rest.size());
      if (count < 0 && errno != EINTR) {
        return base::FileError(errno, "cannot write to", stream_ == 1 ? "stdout" : "stderr");
      }
      rest.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    }
    return std::vector<DirtyRecord>();
  }
  base::Result<std::vector<Committable>> Prepare(std::uint64_t /*sequence*/) override {
    return std::vector<Committable>();
  }
  std::string Snapshot() const override { return ""; }

 private:
  const int stream_;
  const std::string prefix_;
  std::string lines_;
};

class PrintSink final : public Sink {
 public:
  PrintSink(int stream, std::string prefix) : stream_(stream), prefix_(std::move(prefix)) {}

  Delivery delivery() const override { return Delivery::kAtLeastOnce; }
  base::Result<std::unique_ptr<SinkWriter>> MakeWriter(const WriterId& id,
                                                       std::string /*restored*/) override {
    std::string prefix = prefix_;
    if (const auto at = prefix.find("{subtask}"); at != std::string::npos) {
      prefix.replace(at, std::string_view("{subtask}").size(), std::to_string(id.subtask));
    }
    return std::make_unique<PrintWriter>(stream_, std::move(prefix));
  }
  base::Result<std::unique_ptr<Committer>> MakeCommitter() override {
    return std::unique_ptr<Committer>();
  }

 private:
  const int stream_;
  const std::string prefix_;
};

class PrintConnector final : public Connector {
 public:
  std::string_view name() const override { return "print"; }
  std::string_view text() const override {
    return "Rows as lines for people, on the standard output of the job's process.";
  }
  Capabilities capabilities() const override { return {.sink = true}; }
  const OptionTable& options() const override { return table_; }

  base::Result<std::unique_ptr<Source>> MakeSource(Setup /*setup*/) const override {
    return base::Error(base::ErrorCode::kIllegalState, "print is no source");
  }
  base::Result<std::unique_ptr<Sink>> MakeSink(Setup setup) const override {
    return std::make_unique<PrintSink>(
        setup.options.String("to") == "stdout" ? STDOUT_FILENO : STDERR_FILENO,
        setup.options.String("prefix"));
  }

 private:
  const OptionTable table_{{{.name = "to",
                             .kind = OptionKind::kChoice,
                             .text = "Which stream.",
                             .fallback = "stdout",
                             .use = OptionUse::kSink,
                             .choices = {"stdout", "stderr"}},
                            {.name = "prefix",
                             .text = "What stands before each row; `{subtask}` is the number of "
                                     "the subtask that writes it.",
                             .fallback = "",
                             .use = OptionUse::kSink}}};
};

}  // namespace

std::unique_ptr<Connector> MakePrintConnector() { return std::make_unique<PrintConnector>(); }

}  // namespace streampark::connectors
