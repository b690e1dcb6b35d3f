// SPDX-License-Identifier: Apache-2.0
#include "stand_in.h"

#include <utility>

#include "streampark/base/check.h"

namespace streampark::testing {

// ------------------------------------------------------------------------------------------------ traffic

bool Traffic::Send(std::string_view alias, Item item) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = sources_.find(alias);
    if (found == sources_.end()) {
      return false;
    }
    found->second.items.push_back(std::move(item));
  }
  changed_.notify_all();
  return true;
}

bool Traffic::End(std::string_view alias) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = sources_.find(alias);
    if (found == sources_.end()) {
      return false;
    }
    found->second.ended = true;
  }
  changed_.notify_all();
  return true;
}

void Traffic::SendToAll(const Item& item) {
  {
    const std::lock_guard lock(mutex_);
    for (auto& [alias, source] : sources_) {
      source.items.push_back(item);
    }
  }
  changed_.notify_all();
}

bool Traffic::AwaitRead(std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, patience, [this] {
    for (const auto& [alias, source] : sources_) {
      if (source.read < source.items.size()) {
        return false;
      }
    }
    return true;
  });
}

std::vector<std::string> Traffic::sources() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> names;
  for (const auto& [alias, source] : sources_) {
    names.push_back(alias);
  }
  return names;
}

std::vector<std::string> Traffic::sinks() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> names;
  for (const auto& [alias, received] : sinks_) {
    names.push_back(alias);
  }
  return names;
}

std::vector<std::shared_ptr<const connectors::Batch>> Traffic::Received(
    std::string_view alias) const {
  const std::lock_guard lock(mutex_);
  const auto found = sinks_.find(alias);
  return found == sinks_.end() ? std::vector<std::shared_ptr<const connectors::Batch>>()
                               : found->second;
}

void Traffic::AddSource(const std::string& alias) {
  const std::lock_guard lock(mutex_);
  sources_[alias];
}

void Traffic::AddSink(const std::string& alias) {
  const std::lock_guard lock(mutex_);
  sinks_[alias];
}

void Traffic::MoveTo(const std::string& alias, std::size_t next) {
  {
    const std::lock_guard lock(mutex_);
    sources_[alias].read = next;
  }
  changed_.notify_all();
}

Traffic::Next Traffic::Read(const std::string& alias, std::size_t next,
                            std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  const OfSource& source = sources_[alias];
  const auto wake_ups = wake_ups_;
  changed_.wait_for(lock, patience, [&] {
    return next < source.items.size() || source.ended || wake_ups != wake_ups_;
  });
  if (next < source.items.size()) {
    return {source.items[next], false};
  }
  return {std::nullopt, source.ended};
}

void Traffic::WakeUp() {
  {
    const std::lock_guard lock(mutex_);
    ++wake_ups_;
  }
  changed_.notify_all();
}

namespace {

connectors::Buffer CopyOf(const connectors::Buffer& from) {
  connectors::Buffer copy;
  copy.Append(from.data(), from.size());
  return copy;
}

connectors::Column CopyOf(const connectors::Column& from) {
  connectors::Column copy{.type = from.type,
                          .length = from.length,
                          .validity = CopyOf(from.validity),
                          .offsets = CopyOf(from.offsets),
                          .values = CopyOf(from.values)};
  for (const auto& child : from.children) {
    copy.children.push_back(CopyOf(child));
  }
  return copy;
}

std::unique_ptr<connectors::Batch> CopyOf(const connectors::Batch& from) {
  auto copy = std::make_unique<connectors::Batch>();
  copy->schema = from.schema;
  copy->length = from.length;
  copy->kinds = from.kinds;
  for (const auto& column : from.columns) {
    copy->columns.push_back(CopyOf(column));
  }
  for (const auto& known : from.known) {
    copy->known.push_back(CopyOf(known));
  }
  return copy;
}

}  // namespace

void Traffic::Receive(const std::string& alias, const connectors::Batch& batch) {
  std::shared_ptr<const connectors::Batch> copy = CopyOf(batch);
  const std::lock_guard lock(mutex_);
  sinks_[alias].push_back(std::move(copy));
}

// ----------------------------------------------------------------------------------------------- stand-in

namespace {

using namespace connectors;

constexpr const char* kSplit = "all";

class Enumerator final : public SplitEnumerator {
 public:
  explicit Enumerator(bool told) : told_(told) {}
  base::Result<Discovery> Discover(std::stop_token) override {
    Discovery found{.splits = {}, .complete = true};
    if (!std::exchange(told_, true)) {
      found.splits.push_back({kSplit, {1, "0"}});
    }
    return found;
  }
  std::string Snapshot() const override { return told_ ? "told" : ""; }

 private:
  bool told_;
};

class Reader final : public SplitReader {
 public:
  Reader(Traffic& traffic, std::string alias) : traffic_(traffic), alias_(std::move(alias)) {}
  base::Status Add(std::vector<Split> splits) override {
    for (const Split& split : splits) {
      next_ = std::stoull(split.position.bytes);
      traffic_.MoveTo(alias_, *next_);
    }
    return base::Ok();
  }
  base::Result<Rows> Read(base::Millis patience) override {
    Rows rows;
    if (!next_) {
      traffic_.Read(alias_, SIZE_MAX, patience);
      return rows;
    }
    auto next = traffic_.Read(alias_, *next_, patience);
    rows.split = kSplit;
    if (next.item) {
      // From now on it counts as read: the barrier that follows comes behind it.
      traffic_.MoveTo(alias_, ++*next_);
      rows.watermark = next.item->watermark;
      rows.batch = next.item->rows != nullptr ? CopyOf(*next.item->rows) : nullptr;
    } else if (next.ended) {
      rows.ended.emplace_back(kSplit);
      next_.reset();
    }
    return rows;
  }
  std::vector<Split> Snapshot() const override {
    return next_ ? std::vector<Split>{{kSplit, {1, std::to_string(*next_)}}} : std::vector<Split>();
  }
  base::Status Acknowledge(const std::vector<Split>&) override { return base::Ok(); }
  void WakeUp() override { traffic_.WakeUp(); }

 private:
  Traffic& traffic_;
  const std::string alias_;
  std::optional<std::size_t> next_;
};

class SentSource final : public Source {
 public:
  SentSource(Traffic& traffic, std::string alias, SchemaPtr schema)
      : traffic_(traffic), alias_(std::move(alias)), schema_(std::move(schema)) {}
  SchemaPtr schema() const override { return schema_; }
  Boundedness boundedness() const override { return Boundedness::kUnbounded; }
  base::Result<std::unique_ptr<SplitEnumerator>> MakeEnumerator(
      std::optional<std::string> restored) override {
    return std::make_unique<Enumerator>(restored == "told");
  }
  base::Result<std::unique_ptr<SplitReader>> MakeReader(int) override {
    return std::make_unique<Reader>(traffic_, alias_);
  }

 private:
  Traffic& traffic_;
  const std::string alias_;
  const SchemaPtr schema_;
};

class Writer final : public SinkWriter {
 public:
  Writer(Traffic& traffic, std::string alias) : traffic_(traffic), alias_(std::move(alias)) {}
  base::Result<std::vector<DirtyRecord>> Write(const Batch& batch) override {
    traffic_.Receive(alias_, batch);
    return std::vector<DirtyRecord>();
  }
  base::Result<std::vector<Committable>> Prepare(std::uint64_t) override {
    return std::vector<Committable>();
  }
  std::string Snapshot() const override { return ""; }

 private:
  Traffic& traffic_;
  const std::string alias_;
};

class ReceivingSink final : public connectors::Sink {
 public:
  ReceivingSink(Traffic& traffic, std::string alias)
      : traffic_(traffic), alias_(std::move(alias)) {}
  Delivery delivery() const override { return Delivery::kAtLeastOnce; }
  base::Result<std::unique_ptr<SinkWriter>> MakeWriter(const WriterId&, std::string) override {
    return std::make_unique<Writer>(traffic_, alias_);
  }
  base::Result<std::unique_ptr<Committer>> MakeCommitter() override {
    return std::unique_ptr<Committer>();
  }

 private:
  Traffic& traffic_;
  const std::string alias_;
};

class StandIn final : public Connector {
 public:
  explicit StandIn(Traffic& traffic) : traffic_(traffic) {}
  std::string_view name() const override { return "test"; }
  std::string_view text() const override { return "What a test sends and receives."; }
  Capabilities capabilities() const override {
    return {.source = true, .sink = true, .replay = true, .upsert = true};
  }
  const OptionTable& options() const override {
    static const OptionTable kTable(
        std::vector<OptionSpec>{{.name = "alias", .text = "Whose place it takes."}});
    return kTable;
  }
  base::Result<std::unique_ptr<Source>> MakeSource(Setup setup) const override {
    return std::make_unique<SentSource>(traffic_, setup.options.String("alias"), setup.schema);
  }
  base::Result<std::unique_ptr<connectors::Sink>> MakeSink(Setup setup) const override {
    return std::make_unique<ReceivingSink>(traffic_, setup.options.String("alias"));
  }

 private:
  Traffic& traffic_;
};

}  // namespace

std::unique_ptr<connectors::Connector> MakeStandIn(Traffic& traffic) {
  return std::make_unique<StandIn>(traffic);
}

}  // namespace streampark::testing
