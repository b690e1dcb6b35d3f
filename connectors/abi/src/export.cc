// SPDX-License-Identifier: Apache-2.0
#include "streampark/connectors/abi/export.h"

#include <stop_token>
#include <vector>

#include "streampark/connectors/abi/host.h"
#include "streampark/connectors/abi/passing.h"

namespace streampark::connectors {
namespace {

using namespace abi;

/// What every object of one source or sink refers to, whichever of them is released last.
struct Behind {
  Behind(std::shared_ptr<const Connector> from, const SpHost& host)
      : connector(std::move(from)), clock(host) {}
  const std::shared_ptr<const Connector> connector;
  const HostClock clock;
};

template <typename Made>
struct Kept {
  std::shared_ptr<const void> behind;
  std::unique_ptr<Made> made;
  std::stop_source stop{};
};

template <typename Made, typename Struct>
Kept<Made>& Of(Struct* self) {
  return *static_cast<Kept<Made>*>(self->private_data);
}

template <typename Made, typename Struct>
void Keep(std::shared_ptr<const void> behind, std::unique_ptr<Made> made, Struct* out) {
  Own(out, new Kept<Made>{std::move(behind), std::move(made)});
}

// ------------------------------------------------------------------------------------------------ sources

void FillSplits(std::vector<Split> splits, bool complete, SpSplits* out) {
  struct Splits {
    std::vector<Split> splits;
    std::vector<SpSplit> passed;
  };
  auto* owned = new Splits{std::move(splits), {}};
  owned->passed = PassAll(owned->splits);
  out->splits = owned->passed.data();
  out->n_splits = owned->passed.size();
  out->complete = complete ? 1 : 0;
  Own(out, owned);
}

struct RowsOut {
  SplitReader::Rows rows;
  std::shared_ptr<const TableId> table;
  std::vector<SpDirtyRecord> dirty;
  std::vector<SpSlice> ended;
};

base::Status FillRows(SplitReader::Rows rows, Carry carry, SpRows* out) {
  auto owned = std::make_unique<RowsOut>();
  owned->rows = std::move(rows);
  std::unique_ptr<Batch> batch = std::move(owned->rows.batch);
  if (batch != nullptr) {
    owned->table = batch->table;
    SP_TRY(ExportBatch(std::move(batch), carry, &out->batch));
  }
  if (owned->table != nullptr) {
    out->table[0] = Slice(owned->table->database);
    out->table[1] = Slice(owned->table->schema);
    out->table[2] = Slice(owned->table->table);
  }
  if (owned->rows.watermark) {
    out->has_watermark = 1;
    out->watermark_ms = owned->rows.watermark->time_since_epoch().count();
  }
  if (owned->rows.waiting) {
    out->has_waiting = 1;
    out->waiting = *owned->rows.waiting;
  }
  owned->dirty = PassAll(owned->rows.dirty);
  owned->ended = PassAll(owned->rows.ended);
  out->split = Slice(owned->rows.split);
  out->dirty = owned->dirty.data();
  out->n_dirty = owned->dirty.size();
  out->ended = owned->ended.data();
  out->n_ended = owned->ended.size();
  out->private_data = owned.release();
  out->release = [](SpRows* self) {
    if (self->batch.release != nullptr) {
      self->batch.release(&self->batch);
    }
    delete static_cast<RowsOut*>(self->private_data);
    self->release = nullptr;
  };
  return base::Ok();
}

void ExportEnumerator(std::shared_ptr<const void> behind, std::unique_ptr<SplitEnumerator> made,
                      SpSplitEnumerator* out) {
  out->discover = [](SpSplitEnumerator* self, SpSplits* splits, SpText* error) {
    return Answer(error, [&]() -> base::Status {
      auto& kept = Of<SplitEnumerator>(self);
      auto found = SP_TRY(kept.made->Discover(kept.stop.get_token()));
      FillSplits(std::move(found.splits), found.complete, splits);
      return base::Ok();
    });
  };
  out->snapshot = [](SpSplitEnumerator* self, SpText* state) {
    FillText(state, Of<SplitEnumerator>(self).made->Snapshot());
  };
  out->cancel = [](SpSplitEnumerator* self) { Of<SplitEnumerator>(self).stop.request_stop(); };
  Keep(std::move(behind), std::move(made), out);
}

struct SourceOut {
  std::shared_ptr<const Behind> behind;
  std::shared_ptr<Source> source;
  Carry carry;
};

/// A reader, and how its batches are carried.
struct ReaderOut {
  std::shared_ptr<Source> source;
  std::shared_ptr<const void> behind;
  std::unique_ptr<SplitReader> reader;
  Carry carry;
};

SplitReader& ReaderOf(SpSplitReader* self) {
  return *static_cast<ReaderOut*>(self->private_data)->reader;
}

void ExportReader(const SourceOut& from, std::unique_ptr<SplitReader> made, SpSplitReader* out) {
  out->add = [](SpSplitReader* self, const SpSplit* splits, std::size_t n, SpText* error) {
    return Answer(error, [&] { return ReaderOf(self).Add(TakeAll(splits, n)); });
  };
  out->read = [](SpSplitReader* self, std::int64_t patience_ms, SpRows* rows, SpText* error) {
    return Answer(error, [&]() -> base::Status {
      return FillRows(SP_TRY(ReaderOf(self).Read(base::Millis(patience_ms))),
                      static_cast<ReaderOut*>(self->private_data)->carry, rows);
    });
  };
  out->snapshot = [](SpSplitReader* self, SpSplits* splits) {
    FillSplits(ReaderOf(self).Snapshot(), false, splits);
  };
  out->acknowledge = [](SpSplitReader* self, const SpSplit* positions, std::size_t n,
                        SpText* error) {
    return Answer(error, [&] { return ReaderOf(self).Acknowledge(TakeAll(positions, n)); });
  };
  out->wake_up = [](SpSplitReader* self) { ReaderOf(self).WakeUp(); };
  Own(out, new ReaderOut{from.source, from.behind, std::move(made), from.carry});
}

SourceOut& SourceOf(SpSource* self) { return *static_cast<SourceOut*>(self->private_data); }

void ExportSource(SourceOut made, SpSource* out) {
  out->bounded = made.source->boundedness() == Boundedness::kBounded ? 1 : 0;
  out->changes = made.carry == Carry::kChanges ? 1 : 0;
  out->discovery_interval_ms = made.source->discovery_interval().value_or(base::Millis(-1)).count();
  out->schema = [](SpSource* self, ArrowSchema* schema, SpText* error) {
    return Answer(error, [&]() -> base::Status {
      ExportSchema(*SourceOf(self).source->schema(), SourceOf(self).carry, schema);
      return base::Ok();
    });
  };
  out->make_enumerator = [](SpSource* self, const SpSlice* restored, SpSplitEnumerator* enumerator,
                            SpText* error) {
    return Answer(error, [&]() -> base::Status {
      SourceOut& from = SourceOf(self);
      ExportEnumerator(std::make_shared<SourceOut>(from),
                       SP_TRY(from.source->MakeEnumerator(
                           restored == nullptr ? std::nullopt : std::optional(Text(*restored)))),
                       enumerator);
      return base::Ok();
    });
  };
  out->make_reader = [](SpSource* self, std::int32_t subtask, SpSplitReader* reader,
                        SpText* error) {
    return Answer(error, [&]() -> base::Status {
      ExportReader(SourceOf(self), SP_TRY(SourceOf(self).source->MakeReader(subtask)), reader);
      return base::Ok();
    });
  };
  Own(out, new SourceOut(std::move(made)));
}

// -------------------------------------------------------------------------------------------------- sinks

struct SinkOut {
  std::shared_ptr<const Behind> behind;
  std::shared_ptr<Sink> sink;
  SchemaPtr schema;
  Carry carry;
};

struct WriterOut {
  SinkOut from;
  std::unique_ptr<SinkWriter> writer;
};

WriterOut& WriterOf(SpSinkWriter* self) { return *static_cast<WriterOut*>(self->private_data); }

/// Fills `out` with `n` items at `items`, which borrow from what it will own.
template <typename Value, typename Struct, typename Passed>
void FillList(std::vector<Value> values, Struct* out, const Passed* Struct::*items,
              std::size_t Struct::*count) {
  struct List {
    std::vector<Value> values;
    std::vector<Passed> passed;
  };
  auto* owned = new List{std::move(values), {}};
  owned->passed = PassAll(owned->values);
  out->*items = owned->passed.data();
  out->*count = owned->passed.size();
  Own(out, owned);
}

void ExportWriter(const SinkOut& from, std::unique_ptr<SinkWriter> made, SpSinkWriter* out) {
  out->write = [](SpSinkWriter* self, ArrowArray* batch, SpDirtyRecords* refused, SpText* error) {
    return Answer(error, [&]() -> base::Status {
      WriterOut& writer = WriterOf(self);
      ArrowArray borrowed = *batch;  // its release stays the caller's
      borrowed.release = [](ArrowArray* array) { array->release = nullptr; };
      const auto rows = SP_TRY(ImportBatch(&borrowed, writer.from.schema, writer.from.carry));
      FillList(SP_TRY(writer.writer->Write(*rows)), refused, &SpDirtyRecords::records,
               &SpDirtyRecords::n_records);
      return base::Ok();
    });
  };
  out->prepare = [](SpSinkWriter* self, std::uint64_t sequence, SpCommittables* prepared,
                    SpText* error) {
    return Answer(error, [&]() -> base::Status {
      FillList(SP_TRY(WriterOf(self).writer->Prepare(sequence)), prepared, &SpCommittables::items,
               &SpCommittables::n_items);
      return base::Ok();
    });
  };
  out->snapshot = [](SpSinkWriter* self, SpText* state) {
    FillText(state, WriterOf(self).writer->Snapshot());
  };
  out->flush = [](SpSinkWriter* self, SpText* error) {
    return Answer(error, [&] { return WriterOf(self).writer->Flush(); });
  };
  Own(out, new WriterOut{from, std::move(made)});
}

void ExportCommitter(std::shared_ptr<const void> behind, std::unique_ptr<Committer> made,
                     SpCommitter* out) {
  out->commit = [](SpCommitter* self, const SpCommittable* prepared, std::size_t n, SpText* error) {
    return Answer(error, [&] {
      auto& kept = Of<Committer>(self);
      return kept.made->Commit(TakeAll(prepared, n), kept.stop.get_token());
    });
  };
  out->recover = [](SpCommitter* self, const SpWriterId* lineage, const SpCommittable* pending,
                    std::size_t n, std::uint64_t next, SpText* error) {
    return Answer(error, [&] {
      auto& kept = Of<Committer>(self);
      return kept.made->Recover(Take(*lineage), TakeAll(pending, n), next, kept.stop.get_token());
    });
  };
  out->cancel = [](SpCommitter* self) { Of<Committer>(self).stop.request_stop(); };
  Keep(std::move(behind), std::move(made), out);
}

SinkOut& SinkOf(SpSink* self) { return *static_cast<SinkOut*>(self->private_data); }

void ExportSink(SinkOut made, SpSink* out) {
  out->delivery = static_cast<std::int32_t>(made.sink->delivery());
  out->changes = made.carry == Carry::kChanges ? 1 : 0;
  out->make_writer = [](SpSink* self, const SpWriterId* id, SpSlice restored, SpSinkWriter* writer,
                        SpText* error) {
    return Answer(error, [&]() -> base::Status {
      ExportWriter(SinkOf(self), SP_TRY(SinkOf(self).sink->MakeWriter(Take(*id), Text(restored))),
                   writer);
      return base::Ok();
    });
  };
  out->make_committer = [](SpSink* self, SpCommitter* committer, SpText* error) {
    return Answer(error, [&]() -> base::Status {
      auto commits = SP_TRY(SinkOf(self).sink->MakeCommitter());
      committer->release = nullptr;
      if (commits != nullptr) {
        ExportCommitter(std::make_shared<SinkOut>(SinkOf(self)), std::move(commits), committer);
      }
      return base::Ok();
    });
  };
  Own(out, new SinkOut(std::move(made)));
}

// --------------------------------------------------------------------------------------------- connectors

/// A connector with its option table as C structs.
struct ConnectorOut {
  std::shared_ptr<const Connector> connector;
  std::string name, text;
  std::vector<SpOption> options;
  std::vector<std::vector<const char*>> lists;
  std::vector<const char*> prefixes;

  explicit ConnectorOut(std::shared_ptr<const Connector> from)
      : connector(std::move(from)), name(connector->name()), text(connector->text()) {
    const OptionTable& table = connector->options();
    for (const OptionSpec& spec : table.specs()) {
      options.push_back({
          .name = spec.name.c_str(),
          .kind = static_cast<std::int32_t>(spec.kind),
          .use = static_cast<std::int32_t>(spec.use),
          .text = spec.text.c_str(),
          .fallback = spec.fallback ? spec.fallback->c_str() : nullptr,
          .required = spec.presence == OptionSpec::Presence::kRequired ? 1 : 0,
          .choices = Listed(spec.choices),
          .aliases = Listed(spec.aliases),
          .least = spec.least ? &*spec.least : nullptr,
          .most = spec.most ? &*spec.most : nullptr,
      });
    }
    for (const std::string& prefix : table.passed_prefixes()) {
      prefixes.push_back(prefix.c_str());
    }
    prefixes.push_back(nullptr);
  }

  const char* const* Listed(const std::vector<std::string>& texts) {
    std::vector<const char*>& list = lists.emplace_back();
    for (const std::string& one : texts) {
      list.push_back(one.c_str());
    }
    list.push_back(nullptr);
    return list.data();
  }
};

std::uint32_t BitsOf(const Capabilities& can) {
  const auto bit = [](bool set, std::uint32_t bit_of) { return set ? bit_of : 0U; };
  return bit(can.source, SP_IS_SOURCE) | bit(can.sink, SP_IS_SINK) | bit(can.replay, SP_REPLAYS) |
         bit(can.changes, SP_GIVES_CHANGES) | bit(can.discovers, SP_DISCOVERS) |
         bit(can.upsert, SP_UPSERTS) | bit(can.exactly_once, SP_COMMITS);
}

base::Result<Setup> TakeSetup(const Connector& connector, OptionUse use, const SpSetup& setup,
                              const base::Clock& clock) {
  std::map<std::string, std::string> given;
  for (std::size_t i = 0; i < setup.n_options; ++i) {
    given[setup.options[i].name] = setup.options[i].value;
  }
  Setup taken{
      .options = SP_TRY(connector.options().Read(given, use)), .schema = nullptr, .clock = &clock};
  if (setup.schema != nullptr) {
    taken.schema =
        std::make_shared<const Schema>(SP_TRY(ImportSchema(*setup.schema, Carry::kRows)));
  }
  return taken;
}

const std::shared_ptr<const Connector>& ConnectorOf(SpConnector* self) {
  return static_cast<ConnectorOut*>(self->private_data)->connector;
}

}  // namespace

void ExportConnector(std::shared_ptr<const Connector> connector, SpConnector* out) {
  auto* owned = new ConnectorOut(std::move(connector));
  *out = SpConnector{
      .name = owned->name.c_str(),
      .text = owned->text.c_str(),
      .capabilities = BitsOf(owned->connector->capabilities()),
      .options = owned->options.data(),
      .n_options = owned->options.size(),
      .passed_prefixes = owned->prefixes.data(),
      .make_source =
          [](SpConnector* self, const SpSetup* setup, SpSource* source, SpText* error) {
            return Answer(error, [&]() -> base::Status {
              auto behind = std::make_shared<const Behind>(ConnectorOf(self), *setup->host);
              const Connector& from = *behind->connector;
              auto taken = SP_TRY(TakeSetup(from, OptionUse::kSource, *setup, behind->clock));
              std::shared_ptr<Source> made = SP_TRY(from.MakeSource(std::move(taken)));
              ExportSource({std::move(behind), std::move(made),
                            from.capabilities().changes ? Carry::kChanges : Carry::kRows},
                           source);
              return base::Ok();
            });
          },
      .make_sink =
          [](SpConnector* self, const SpSetup* setup, SpSink* sink, SpText* error) {
            return Answer(error, [&]() -> base::Status {
              auto behind = std::make_shared<const Behind>(ConnectorOf(self), *setup->host);
              const Connector& from = *behind->connector;
              auto taken = SP_TRY(TakeSetup(from, OptionUse::kSink, *setup, behind->clock));
              SchemaPtr schema = taken.schema;
              if (schema == nullptr) {
                return base::Error(base::ErrorCode::kInvalidRequest,
                                   "a sink is made for the columns that it will be given");
              }
              std::shared_ptr<Sink> made = SP_TRY(from.MakeSink(std::move(taken)));
              ExportSink({std::move(behind), std::move(made), std::move(schema),
                          from.capabilities().upsert ? Carry::kChanges : Carry::kRows},
                         sink);
              return base::Ok();
            });
          },
      .release = nullptr,
      .private_data = nullptr,
  };
  Own(out, owned);
}

}  // namespace streampark::connectors
