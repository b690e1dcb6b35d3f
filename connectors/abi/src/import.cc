// SPDX-License-Identifier: Apache-2.0
#include "streampark/connectors/abi/import.h"

#include <map>
#include <stop_token>
#include <vector>

#include "streampark/base/check.h"
#include "streampark/connectors/abi/host.h"
#include "streampark/connectors/abi/passing.h"

namespace streampark::connectors {
namespace {

using namespace abi;

/// What a library is offered, for as long as anything that was made with it lives.
class Host {
 public:
  explicit Host(const base::Clock* clock)
      : host_(HostOf(clock != nullptr ? *clock : static_cast<const base::Clock&>(system_))) {}
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;
  const SpHost* get() const { return &host_; }

 private:
  const base::SystemClock system_;
  const SpHost host_;
};

using HostPtr = std::shared_ptr<const Host>;

// ------------------------------------------------------------------------------------------------ sources

class ImportedEnumerator final : public SplitEnumerator {
 public:
  ImportedEnumerator(HostPtr host, Owned<SpSplitEnumerator> made)
      : host_(std::move(host)), made_(std::move(made)) {}
  base::Result<Discovery> Discover(std::stop_token stop) override {
    const std::stop_callback cancel(stop, [this] { made_->cancel(made_.get()); });
    Owned<SpSplits> found;
    SP_TRY(Ask(made_->discover, made_.get(), found.get()));
    return Discovery{TakeAll(found->splits, found->n_splits), found->complete != 0};
  }
  std::string Snapshot() const override {
    Owned<SpText> state;
    made_->snapshot(made_.get(), state.get());
    return Text(state->text);
  }

 private:
  HostPtr host_;
  mutable Owned<SpSplitEnumerator> made_;
};

class ImportedReader final : public SplitReader {
 public:
  ImportedReader(HostPtr host, Owned<SpSplitReader> made, SchemaPtr schema, Carry carry)
      : host_(std::move(host)), made_(std::move(made)), schema_(std::move(schema)), carry_(carry) {}
  base::Status Add(std::vector<Split> splits) override {
    const auto passed = PassAll(splits);
    return Ask(made_->add, made_.get(), passed.data(), passed.size());
  }
  base::Result<Rows> Read(base::Millis patience) override {
    Owned<SpRows> read;
    SP_TRY(Ask(made_->read, made_.get(), std::int64_t{patience.count()}, read.get()));
    Rows rows{.batch = nullptr,
              .split = Text(read->split),
              .dirty = TakeAll(read->dirty, read->n_dirty),
              .ended = TakeAll(read->ended, read->n_ended)};
    if (read->has_watermark != 0) {
      rows.watermark = base::Timestamp(base::Millis(read->watermark_ms));
    }
    if (read->has_waiting != 0) {
      rows.waiting = read->waiting;
    }
    if (read->batch.release != nullptr) {
      rows.batch = SP_TRY(ImportBatch(&read->batch, schema_, carry_));
      rows.batch->table = TableOf(*read.get());
    }
    return rows;
  }
  std::vector<Split> Snapshot() const override {
    Owned<SpSplits> splits;
    made_->snapshot(made_.get(), splits.get());
    return TakeAll(splits->splits, splits->n_splits);
  }
  base::Status Acknowledge(const std::vector<Split>& positions) override {
    const auto passed = PassAll(positions);
    return Ask(made_->acknowledge, made_.get(), passed.data(), passed.size());
  }
  void WakeUp() override { made_->wake_up(made_.get()); }

 private:
  /// The same object for all batches of a table that come one after the other.
  std::shared_ptr<const TableId> TableOf(const SpRows& rows) {
    TableId table{Text(rows.table[0]), Text(rows.table[1]), Text(rows.table[2])};
    if (table == TableId()) {
      return nullptr;
    }
    if (table_ == nullptr || *table_ != table) {
      table_ = std::make_shared<const TableId>(std::move(table));
    }
    return table_;
  }

  HostPtr host_;
  mutable Owned<SpSplitReader> made_;
  const SchemaPtr schema_;
  const Carry carry_;
  std::shared_ptr<const TableId> table_;
};

class ImportedSource final : public Source {
 public:
  static base::Result<std::unique_ptr<Source>> Make(HostPtr host, Owned<SpSource> made) {
    Owned<ArrowSchema> schema;
    SP_TRY(Ask(made->schema, made.get(), schema.get()));
    const Carry carry = made->changes != 0 ? Carry::kChanges : Carry::kRows;
    return std::make_unique<ImportedSource>(
        std::move(host), std::move(made),
        std::make_shared<const Schema>(SP_TRY(ImportSchema(*schema.get(), carry))), carry);
  }
  ImportedSource(HostPtr host, Owned<SpSource> made, SchemaPtr schema, Carry carry)
      : host_(std::move(host)), made_(std::move(made)), schema_(std::move(schema)), carry_(carry) {}

  SchemaPtr schema() const override { return schema_; }
  Boundedness boundedness() const override {
    return made_->bounded != 0 ? Boundedness::kBounded : Boundedness::kUnbounded;
  }
  std::optional<base::Millis> discovery_interval() const override {
    return made_->discovery_interval_ms < 0
               ? std::nullopt
               : std::optional(base::Millis(made_->discovery_interval_ms));
  }
  base::Result<std::unique_ptr<SplitEnumerator>> MakeEnumerator(
      std::optional<std::string> restored) override {
    const SpSlice state = restored ? Slice(*restored) : SpSlice{};
    Owned<SpSplitEnumerator> enumerator;
    SP_TRY(Ask(made_->make_enumerator, made_.get(),
               restored ? &state : static_cast<const SpSlice*>(nullptr), enumerator.get()));
    return std::make_unique<ImportedEnumerator>(host_, std::move(enumerator));
  }
  base::Result<std::unique_ptr<SplitReader>> MakeReader(int subtask) override {
    Owned<SpSplitReader> reader;
    SP_TRY(Ask(made_->make_reader, made_.get(), std::int32_t{subtask}, reader.get()));
    return std::make_unique<ImportedReader>(host_, std::move(reader), schema_, carry_);
  }

 private:
  HostPtr host_;
  Owned<SpSource> made_;
  const SchemaPtr schema_;
  const Carry carry_;
};

// -------------------------------------------------------------------------------------------------- sinks

Buffer Lent(const Buffer& buffer, const std::shared_ptr<const void>& owner) {
  return Buffer::Borrow({buffer.data(), buffer.size()}, owner);
}

Column Lent(const Column& column, const std::shared_ptr<const void>& owner) {
  Column lent{.type = column.type,
              .length = column.length,
              .validity = Lent(column.validity, owner),
              .offsets = Lent(column.offsets, owner),
              .values = Lent(column.values, owner)};
  for (const Column& child : column.children) {
    lent.children.push_back(Lent(child, owner));
  }
  return lent;
}

/// A batch of the same memory, for the time of a call.
std::unique_ptr<Batch> Lent(const Batch& batch) {
  static const auto kNobody = std::make_shared<const int>();
  auto lent = std::make_unique<Batch>();
  lent->schema = batch.schema;
  lent->length = batch.length;
  lent->kinds = batch.kinds;
  for (const Column& column : batch.columns) {
    lent->columns.push_back(Lent(column, kNobody));
  }
  for (const Buffer& known : batch.known) {
    lent->known.push_back(Lent(known, kNobody));
  }
  return lent;
}

class ImportedWriter final : public SinkWriter {
 public:
  ImportedWriter(HostPtr host, Owned<SpSinkWriter> made, Carry carry)
      : host_(std::move(host)), made_(std::move(made)), carry_(carry) {}
  base::Result<std::vector<DirtyRecord>> Write(const Batch& batch) override {
    Owned<ArrowArray> array;
    SP_TRY(ExportBatch(Lent(batch), carry_, array.get()));
    Owned<SpDirtyRecords> refused;
    SP_TRY(Ask(made_->write, made_.get(), array.get(), refused.get()));
    return TakeAll(refused->records, refused->n_records);
  }
  base::Result<std::vector<Committable>> Prepare(std::uint64_t sequence) override {
    Owned<SpCommittables> prepared;
    SP_TRY(Ask(made_->prepare, made_.get(), sequence, prepared.get()));
    return TakeAll(prepared->items, prepared->n_items);
  }
  std::string Snapshot() const override {
    Owned<SpText> state;
    made_->snapshot(made_.get(), state.get());
    return Text(state->text);
  }
  base::Status Flush() override { return Ask(made_->flush, made_.get()); }

 private:
  HostPtr host_;
  mutable Owned<SpSinkWriter> made_;
  const Carry carry_;
};

class ImportedCommitter final : public Committer {
 public:
  ImportedCommitter(HostPtr host, Owned<SpCommitter> made)
      : host_(std::move(host)), made_(std::move(made)) {}
  base::Status Commit(std::span<const Committable> prepared, std::stop_token stop) override {
    const std::stop_callback cancel(stop, [this] { made_->cancel(made_.get()); });
    const auto passed = PassAll(prepared);
    return Ask(made_->commit, made_.get(), passed.data(), passed.size());
  }
  base::Status Recover(const WriterId& lineage, std::span<const Committable> pending,
                       std::uint64_t next, std::stop_token stop) override {
    const std::stop_callback cancel(stop, [this] { made_->cancel(made_.get()); });
    const SpWriterId id = Pass(lineage);
    const auto passed = PassAll(pending);
    return Ask(made_->recover, made_.get(), &id, passed.data(), passed.size(), next);
  }

 private:
  HostPtr host_;
  Owned<SpCommitter> made_;
};

class ImportedSink final : public Sink {
 public:
  ImportedSink(HostPtr host, Owned<SpSink> made) : host_(std::move(host)), made_(std::move(made)) {}
  Delivery delivery() const override { return static_cast<Delivery>(made_->delivery); }
  base::Result<std::unique_ptr<SinkWriter>> MakeWriter(const WriterId& id,
                                                       std::string restored) override {
    const SpWriterId passed = Pass(id);
    Owned<SpSinkWriter> writer;
    SP_TRY(Ask(made_->make_writer, made_.get(), &passed, Slice(restored), writer.get()));
    return std::make_unique<ImportedWriter>(host_, std::move(writer),
                                            made_->changes != 0 ? Carry::kChanges : Carry::kRows);
  }
  base::Result<std::unique_ptr<Committer>> MakeCommitter() override {
    Owned<SpCommitter> committer;
    SP_TRY(Ask(made_->make_committer, made_.get(), committer.get()));
    if (committer->release == nullptr) {
      return std::unique_ptr<Committer>();
    }
    return std::make_unique<ImportedCommitter>(host_, std::move(committer));
  }

 private:
  HostPtr host_;
  mutable Owned<SpSink> made_;
};

// --------------------------------------------------------------------------------------------- connectors

std::vector<std::string> Listed(const char* const* texts) {
  std::vector<std::string> list;
  for (; texts != nullptr && *texts != nullptr; ++texts) {
    list.emplace_back(*texts);
  }
  return list;
}

base::Result<OptionTable> TakeOptions(const SpConnector& connector) {
  const auto wrong = [&](std::string_view name, const std::string& what) {
    return base::Error(base::ErrorCode::kInvalidRequest, std::string("connector '") +
                                                             connector.name + "': option '" +
                                                             std::string(name) + "' " + what);
  };
  std::vector<OptionSpec> specs;
  std::map<std::string, int> names;
  for (std::size_t i = 0; i < connector.n_options; ++i) {
    const SpOption& option = connector.options[i];
    if (option.kind < SP_OPTION_STRING || option.kind > SP_OPTION_LIST ||
        option.use < SP_OPTION_OF_BOTH || option.use > SP_OPTION_OF_SINKS) {
      return wrong(option.name, "is of a kind that this version does not know");
    }
    OptionSpec spec{.name = option.name,
                    .kind = static_cast<OptionKind>(option.kind),
                    .text = option.text,
                    .fallback = std::nullopt,
                    .presence = option.required != 0 ? OptionSpec::Presence::kRequired
                                                     : OptionSpec::Presence::kOptional,
                    .use = static_cast<OptionUse>(option.use),
                    .choices = Listed(option.choices),
                    .least = std::nullopt,
                    .most = std::nullopt,
                    .aliases = Listed(option.aliases)};
    if (option.least != nullptr) {
      spec.least = *option.least;
    }
    if (option.most != nullptr) {
      spec.most = *option.most;
    }
    if (spec.kind == OptionKind::kChoice && spec.choices.empty()) {
      return wrong(option.name, "has nothing to choose from");
    }
    for (const std::string& name : spec.aliases) {
      ++names[name];
    }
    if (++names[spec.name] > 1) {
      return wrong(option.name, "is there twice");
    }
    if (option.fallback != nullptr) {
      // The table takes a wrong fallback for a bug of ours: it is asked before.
      const auto read = OptionTable({spec}).Read({{spec.name, option.fallback}}, OptionUse::kBoth);
      if (!read.ok()) {
        return wrong(option.name, "has a default that it does not take: " +
                                      read.error().fields().front().message);
      }
      spec.fallback = option.fallback;
    }
    specs.push_back(std::move(spec));
  }
  for (const auto& [name, times] : names) {
    if (times > 1) {
      return wrong(name, "is there twice");
    }
  }
  return OptionTable(std::move(specs), Listed(connector.passed_prefixes));
}

class ImportedConnector final : public Connector {
 public:
  ImportedConnector(Owned<SpConnector> made, OptionTable options)
      : made_(std::move(made)), options_(std::move(options)) {}
  std::string_view name() const override { return made_->name; }
  std::string_view text() const override { return made_->text; }
  Capabilities capabilities() const override {
    const auto can = [this](std::uint32_t bit) { return (made_->capabilities & bit) != 0; };
    return {.source = can(SP_IS_SOURCE),
            .sink = can(SP_IS_SINK),
            .replay = can(SP_REPLAYS),
            .changes = can(SP_GIVES_CHANGES),
            .discovers = can(SP_DISCOVERS),
            .upsert = can(SP_UPSERTS),
            .exactly_once = can(SP_COMMITS)};
  }
  const OptionTable& options() const override { return options_; }

  base::Result<std::unique_ptr<Source>> MakeSource(Setup setup) const override {
    auto host = std::make_shared<const Host>(setup.clock);
    Owned<SpSource> source;
    SP_TRY(MakeBy(made_->make_source, setup, *host, source.get()));
    return ImportedSource::Make(std::move(host), std::move(source));
  }
  base::Result<std::unique_ptr<Sink>> MakeSink(Setup setup) const override {
    auto host = std::make_shared<const Host>(setup.clock);
    Owned<SpSink> sink;
    SP_TRY(MakeBy(made_->make_sink, setup, *host, sink.get()));
    if (sink->delivery < SP_AT_LEAST_ONCE || sink->delivery > SP_EXACTLY_ONCE) {
      return base::Error(
          base::ErrorCode::kInternal,
          std::string("connector '") + made_->name + "' promises what this version does not know");
    }
    return std::make_unique<ImportedSink>(std::move(host), std::move(sink));
  }

 private:
  template <typename Function, typename Struct>
  base::Status MakeBy(Function make, const Setup& setup, const Host& host, Struct* out) const {
    if (make == nullptr) {
      return base::Error(base::ErrorCode::kIllegalState,
                         std::string("connector '") + made_->name + "' has no such side");
    }
    std::vector<SpOptionValue> options;
    for (const auto& [name, value] : setup.options.given()) {
      options.push_back({name.c_str(), value.c_str()});
    }
    Owned<ArrowSchema> schema;
    if (setup.schema != nullptr) {
      ExportSchema(*setup.schema, Carry::kRows, schema.get());
    }
    const SpSetup passed{.options = options.data(),
                         .n_options = options.size(),
                         .schema = setup.schema != nullptr ? schema.get() : nullptr,
                         .host = host.get()};
    return Ask(make, made_.get(), &passed, out);
  }

  mutable Owned<SpConnector> made_;
  const OptionTable options_;
};

}  // namespace

base::Result<std::unique_ptr<Connector>> ImportConnector(SpConnector connector) {
  Owned<SpConnector> made(connector);
  OptionTable options = SP_TRY(TakeOptions(connector));
  return std::make_unique<ImportedConnector>(std::move(made), std::move(options));
}

}  // namespace streampark::connectors
