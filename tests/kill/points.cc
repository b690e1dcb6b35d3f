// SPDX-License-Identifier: Apache-2.0
#include "points.h"

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <utility>

#include "streampark/connectors/wake_up.h"

namespace streampark::kill {

namespace {

using connectors::Batch;
using connectors::Committable;
using connectors::Split;

constexpr base::Millis kPace{5};

/// Ends this process, as kill -9 does, at the passage that SP_KILL names.
void Pass(std::string_view connector, std::string_view point) {
  struct Fate {
    std::string point;
    std::atomic<int> left{0};
    Fate() {
      const char* told = std::getenv(kVariable);
      const std::string text = told == nullptr ? "" : told;
      if (const auto hash = text.find('#'); hash != std::string::npos) {
        point = text.substr(0, hash);
        left = std::atoi(text.c_str() + hash + 1);
      }
    }
  };
  static Fate fate;
  if (fate.point.size() == connector.size() + 1 + point.size() &&
      fate.point.starts_with(connector) && fate.point.ends_with(point) && --fate.left == 0) {
    ::raise(SIGKILL);
  }
}

class MortalReader final : public connectors::SplitReader {
 public:
  MortalReader(std::string connector, std::unique_ptr<connectors::SplitReader> reader)
      : connector_(std::move(connector)), reader_(std::move(reader)) {}
  base::Status Add(std::vector<Split> splits) override {
    Pass(connector_, "add");
    return reader_->Add(std::move(splits));
  }
  base::Result<Rows> Read(base::Millis patience) override {
    call_.WaitFor(kPace);
    return reader_->Read(patience);
  }
  std::vector<Split> Snapshot() const override { return reader_->Snapshot(); }
  base::Status Acknowledge(const std::vector<Split>& positions) override {
    Pass(connector_, "acknowledge");
    return reader_->Acknowledge(positions);
  }
  void WakeUp() override {
    call_.Ring();
    reader_->WakeUp();
  }
  void Recycle(std::unique_ptr<Batch> batch) override { reader_->Recycle(std::move(batch)); }

 private:
  const std::string connector_;
  const std::unique_ptr<connectors::SplitReader> reader_;
  connectors::WakeUpCall call_;
};

class MortalSource final : public connectors::Source {
 public:
  MortalSource(std::string connector, std::unique_ptr<connectors::Source> source)
      : connector_(std::move(connector)), source_(std::move(source)) {}
  connectors::SchemaPtr schema() const override { return source_->schema(); }
  connectors::Boundedness boundedness() const override { return source_->boundedness(); }
  std::optional<base::Millis> discovery_interval() const override {
    return source_->discovery_interval();
  }
  base::Result<std::unique_ptr<connectors::SplitEnumerator>> MakeEnumerator(
      std::optional<std::string> restored) override {
    return source_->MakeEnumerator(std::move(restored));
  }
  base::Result<std::unique_ptr<connectors::SplitReader>> MakeReader(int subtask) override {
    return std::unique_ptr<connectors::SplitReader>(
        std::make_unique<MortalReader>(connector_, SP_TRY(source_->MakeReader(subtask))));
  }

 private:
  const std::string connector_;
  const std::unique_ptr<connectors::Source> source_;
};

class MortalWriter final : public connectors::SinkWriter {
 public:
  MortalWriter(std::string connector, std::unique_ptr<connectors::SinkWriter> writer)
      : connector_(std::move(connector)), writer_(std::move(writer)) {}
  base::Result<std::vector<connectors::DirtyRecord>> Write(const Batch& batch) override {
    auto dirty = writer_->Write(batch);
    Pass(connector_, "write");
    return dirty;
  }
  base::Result<std::vector<Committable>> Prepare(std::uint64_t sequence) override {
    Pass(connector_, "prepare.before");
    auto prepared = writer_->Prepare(sequence);
    Pass(connector_, "prepare.after");
    return prepared;
  }
  std::string Snapshot() const override { return writer_->Snapshot(); }
  base::Status Flush() override { return writer_->Flush(); }

 private:
  const std::string connector_;
  const std::unique_ptr<connectors::SinkWriter> writer_;
};

class MortalCommitter final : public connectors::Committer {
 public:
  MortalCommitter(std::string connector, std::unique_ptr<connectors::Committer> committer)
      : connector_(std::move(connector)), committer_(std::move(committer)) {}
  base::Status Commit(std::span<const Committable> prepared, std::stop_token stop) override {
    Pass(connector_, "commit.before");
    if (connector_ == "kafka" && prepared.size() > 1) {  // where each committable stands for itself
      SP_TRY(committer_->Commit(prepared.first(1), stop));
      Pass(connector_, "commit.one");
    }
    SP_TRY(committer_->Commit(prepared, stop));
    Pass(connector_, "commit.after");
    return base::Ok();
  }
  base::Status Recover(const connectors::WriterId& lineage, std::span<const Committable> pending,
                       std::uint64_t next, std::stop_token stop) override {
    Pass(connector_, "recover.before");
    SP_TRY(committer_->Recover(lineage, pending, next, stop));
    Pass(connector_, "recover.after");
    return base::Ok();
  }

 private:
  const std::string connector_;
  const std::unique_ptr<connectors::Committer> committer_;
};

class MortalSink final : public connectors::Sink {
 public:
  MortalSink(std::string connector, std::unique_ptr<connectors::Sink> sink)
      : connector_(std::move(connector)), sink_(std::move(sink)) {}
  connectors::Delivery delivery() const override { return sink_->delivery(); }
  base::Result<std::unique_ptr<connectors::SinkWriter>> MakeWriter(const connectors::WriterId& id,
                                                                   std::string restored) override {
    auto writer = SP_TRY(sink_->MakeWriter(id, std::move(restored)));
    Pass(connector_, "writer");
    return std::unique_ptr<connectors::SinkWriter>(
        std::make_unique<MortalWriter>(connector_, std::move(writer)));
  }
  base::Result<std::unique_ptr<connectors::Committer>> MakeCommitter() override {
    return std::unique_ptr<connectors::Committer>(
        std::make_unique<MortalCommitter>(connector_, SP_TRY(sink_->MakeCommitter())));
  }

 private:
  const std::string connector_;
  const std::unique_ptr<connectors::Sink> sink_;
};

class MortalConnector final : public connectors::Connector {
 public:
  explicit MortalConnector(std::unique_ptr<connectors::Connector> connector)
      : connector_(std::move(connector)) {}
  std::string_view name() const override { return connector_->name(); }
  std::string_view text() const override { return connector_->text(); }
  connectors::Capabilities capabilities() const override { return connector_->capabilities(); }
  const connectors::OptionTable& options() const override { return connector_->options(); }
  base::Result<std::unique_ptr<connectors::Source>> MakeSource(
      connectors::Setup setup) const override {
    return std::unique_ptr<connectors::Source>(std::make_unique<MortalSource>(
        std::string(name()), SP_TRY(connector_->MakeSource(std::move(setup)))));
  }
  base::Result<std::unique_ptr<connectors::Sink>> MakeSink(connectors::Setup setup) const override {
    return std::unique_ptr<connectors::Sink>(std::make_unique<MortalSink>(
        std::string(name()), SP_TRY(connector_->MakeSink(std::move(setup)))));
  }

 private:
  const std::unique_ptr<connectors::Connector> connector_;
};

}  // namespace

std::vector<std::string> AllPoints() {
  std::vector<std::string> points;
  for (const std::string connector : {"kafka", "postgres"}) {
    for (const std::string point : {"write", "prepare.before", "prepare.after", "commit.before",
                                    "commit.after", "recover.before", "recover.after", "writer"}) {
      points.push_back(connector + "." + point);
    }
  }
  for (const std::string point : {"commit.one", "acknowledge", "add"}) {
    points.push_back("kafka." + point);
  }
  return points;
}

std::unique_ptr<connectors::Connector> Mortal(std::unique_ptr<connectors::Connector> connector) {
  return std::make_unique<MortalConnector>(std::move(connector));
}

}  // namespace streampark::kill
