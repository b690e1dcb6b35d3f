// SPDX-License-Identifier: Apache-2.0
// A connector behind its C face is the connector that it was.
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "streampark/base/files.h"
#include "streampark/base/temporary_folder.h"
#include "streampark/connectors/abi/export.h"
#include "streampark/connectors/abi/import.h"
#include "streampark/connectors/batch_builder.h"

namespace streampark::connectors {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// What the connector below was asked, and what it answers.
struct Play {
  std::vector<std::string> heard;
  std::optional<base::Error> fails;
  int released = 0;
};

struct Counted {
  explicit Counted(Play& whose) : play(whose) {}
  ~Counted() { ++play.released; }
  Counted(const Counted&) = delete;
  Play& play;

  base::Status Hear(std::string what) const {
    play.heard.push_back(std::move(what));
    return play.fails ? base::Status(*play.fails) : base::Ok();
  }
};

const SchemaPtr& Columns() {
  static const auto kColumns = std::make_shared<const Schema>(
      Schema::Parse("(id BIGINT NOT NULL, name STRING, PRIMARY KEY (id))").value());
  return kColumns;
}

std::unique_ptr<Batch> TwoRows() {
  BatchBuilder builder(Columns());
  builder.column(0).Append<std::int64_t>(1);
  builder.column(1).AppendText("one");
  builder.EndRow(RowKind::kUpdateAfter);
  builder.column(0).Append<std::int64_t>(2);
  builder.column(1).AppendNull();
  builder.EndRow(RowKind::kDelete);
  return builder.Finish();
}

class Enumerator final : public SplitEnumerator, Counted {
 public:
  Enumerator(Play& whose, std::optional<std::string> restored)
      : Counted(whose), restored_(std::move(restored)) {}
  base::Result<Discovery> Discover(std::stop_token stop) override {
    SP_TRY(Hear(stop.stop_requested() ? "discover, cancelled" : "discover"));
    return Discovery{{{"a", {3, std::string("\0\xff", 2)}}}, true};
  }
  std::string Snapshot() const override { return restored_.value_or("new"); }

 private:
  std::optional<std::string> restored_;
};

class Reader final : public SplitReader, Counted {
 public:
  using Counted::Counted;
  base::Status Add(std::vector<Split> splits) override {
    splits_ = std::move(splits);
    return Hear("add");
  }
  base::Result<Rows> Read(base::Millis patience) override {
    SP_TRY(Hear("read " + base::FormatDuration(patience)));
    if (splits_.empty()) {
      throw std::runtime_error("nothing to read");
    }
    Rows rows{.batch = TwoRows(),
              .split = "a",
              .watermark = base::Timestamp(base::Millis(1'234)),
              .waiting = 42,
              .dirty = {{"a at 3", "no number", std::string("x\0y", 3)}},
              .ended = {"a", "b"}};
    rows.batch->table = std::make_shared<const TableId>(TableId{"shop", "", "orders"});
    return rows;
  }
  std::vector<Split> Snapshot() const override { return splits_; }
  base::Status Acknowledge(const std::vector<Split>& positions) override {
    return Hear("acknowledge " + positions.at(0).position.bytes);
  }
  void WakeUp() override { play.heard.emplace_back("wake up"); }

 private:
  std::vector<Split> splits_;
};

class PlayedSource final : public Source, Counted {
 public:
  using Counted::Counted;
  SchemaPtr schema() const override { return Columns(); }
  Boundedness boundedness() const override { return Boundedness::kUnbounded; }
  std::optional<base::Millis> discovery_interval() const override { return base::Millis(250); }
  base::Result<std::unique_ptr<SplitEnumerator>> MakeEnumerator(
      std::optional<std::string> restored) override {
    return std::make_unique<Enumerator>(play, std::move(restored));
  }
  base::Result<std::unique_ptr<SplitReader>> MakeReader(int subtask) override {
    SP_TRY(Hear("reader " + std::to_string(subtask)));
    return std::make_unique<Reader>(play);
  }
};

class Writer final : public SinkWriter, Counted {
 public:
  using Counted::Counted;
  base::Result<std::vector<DirtyRecord>> Write(const Batch& batch) override {
    SP_TRY(Hear(DebugText(batch, 0) + " " + DebugText(batch, 1)));
    return std::vector<DirtyRecord>{{"row 1", "refused", "2"}};
  }
  base::Result<std::vector<Committable>> Prepare(std::uint64_t sequence) override {
    return std::vector<Committable>{{7, sequence, 2, "prepared"}};
  }
  std::string Snapshot() const override { return "mine"; }
  base::Status Flush() override { return Hear("flush"); }
};

class PlayedCommitter final : public Committer, Counted {
 public:
  using Counted::Counted;
  base::Status Commit(std::span<const Committable> prepared, std::stop_token stop) override {
    return Hear("commit " + prepared[0].bytes + (stop.stop_requested() ? ", cancelled" : ""));
  }
  base::Status Recover(const WriterId& lineage, std::span<const Committable> pending,
                       std::uint64_t next, std::stop_token) override {
    return Hear("recover " + lineage.lineage + "/" + lineage.sink + " " +
                std::to_string(pending.size()) + " before " + std::to_string(next));
  }
};

class PlayedSink final : public Sink, Counted {
 public:
  PlayedSink(Play& whose, bool commits) : Counted(whose), commits_(commits) {}
  Delivery delivery() const override { return Delivery::kExactlyOnce; }
  base::Result<std::unique_ptr<SinkWriter>> MakeWriter(const WriterId& id,
                                                       std::string restored) override {
    SP_TRY(Hear("writer " + std::to_string(id.subtask) + " from '" + restored + "'"));
    return std::make_unique<Writer>(play);
  }
  base::Result<std::unique_ptr<Committer>> MakeCommitter() override {
    return commits_ ? std::make_unique<PlayedCommitter>(play) : std::unique_ptr<Committer>();
  }

 private:
  const bool commits_;
};

class Played final : public Connector, Counted {
 public:
  using Counted::Counted;
  std::string_view name() const override { return "played"; }
  std::string_view text() const override { return "For tests."; }
  Capabilities capabilities() const override {
    return {.source = true, .sink = true, .changes = true, .upsert = true, .exactly_once = true};
  }
  const OptionTable& options() const override {
    static const OptionTable kTable({{.name = "commits",
                                      .kind = OptionKind::kBoolean,
                                      .text = "Whether.",
                                      .fallback = "true",
                                      .use = OptionUse::kSink,
                                      .aliases = {"sink.commits"}},
                                     {.name = "rate",
                                      .kind = OptionKind::kInteger,
                                      .text = "How fast.",
                                      .presence = OptionSpec::Presence::kRequired,
                                      .use = OptionUse::kSource,
                                      .least = 1,
                                      .most = 9},
                                     {.name = "mode",
                                      .kind = OptionKind::kChoice,
                                      .text = "How.",
                                      .fallback = "slow",
                                      .choices = {"slow", "fast"}}},
                                    {"properties."});
    return kTable;
  }
  base::Result<std::unique_ptr<Source>> MakeSource(Setup setup) const override {
    SP_TRY(Hear("source " + std::to_string(setup.options.Integer("rate")) + " " +
                setup.options.Passed("properties.").at("a.b") + " at " +
                base::FormatTimestamp(setup.clock->Now())));
    return std::make_unique<PlayedSource>(play);
  }
  base::Result<std::unique_ptr<Sink>> MakeSink(Setup setup) const override {
    SP_TRY(Hear("sink of " + setup.schema->ToString()));
    return std::make_unique<PlayedSink>(play, setup.options.Boolean("commits"));
  }
};

class AbiTest : public ::testing::Test {
 protected:
  AbiTest() {
    SpConnector passed{};
    ExportConnector(std::make_shared<Played>(play_), &passed);
    connector_ = ImportConnector(passed).value();
  }
  std::unique_ptr<Source> MakeSource() {
    const auto options =
        connector_->options().Read({{"rate", "3"}, {"properties.a.b", "c"}}, OptionUse::kSource);
    return connector_->MakeSource({options.value(), nullptr, &clock_}).value();
  }
  std::unique_ptr<Sink> MakeSink(std::map<std::string, std::string> given = {}) {
    const auto options = connector_->options().Read(given, OptionUse::kSink);
    return connector_->MakeSink({options.value(), Columns(), &clock_}).value();
  }
  std::vector<std::string> Heard() { return std::exchange(play_.heard, {}); }

  Play play_;
  base::ManualClock clock_;
  std::unique_ptr<Connector> connector_;
};

TEST_F(AbiTest, ItsOptionsAreThoseThatItHas) {
  const Played original(play_);
  EXPECT_EQ(connector_->name(), original.name());
  EXPECT_EQ(connector_->text(), original.text());
  for (const OptionUse use : {OptionUse::kSource, OptionUse::kSink}) {
    EXPECT_EQ(connector_->options().JsonSchema(use), original.options().JsonSchema(use));
  }
  EXPECT_EQ(connector_->options().Markdown(), original.options().Markdown());
  EXPECT_TRUE(connector_->capabilities().upsert);
  EXPECT_FALSE(connector_->capabilities().replay);
}

TEST_F(AbiTest, WhatASourceGivesPasses) {
  const auto source = MakeSource();
  EXPECT_THAT(Heard(), ElementsAre("source 3 c at 2023-11-14T22:13:20.000Z"));
  EXPECT_EQ(*source->schema(), *Columns());
  EXPECT_EQ(source->boundedness(), Boundedness::kUnbounded);
  EXPECT_EQ(source->discovery_interval(), base::Millis(250));

  const auto enumerator = source->MakeEnumerator(std::nullopt).value();
  EXPECT_EQ(enumerator->Snapshot(), "new");
  EXPECT_EQ(source->MakeEnumerator("kept").value()->Snapshot(), "kept");
  const auto found = enumerator->Discover({}).value();
  EXPECT_TRUE(found.complete);
  EXPECT_THAT(found.splits, ElementsAre(Split{"a", {3, std::string("\0\xff", 2)}}));

  const auto reader = source->MakeReader(4).value();
  ASSERT_TRUE(reader->Add(found.splits).ok());
  EXPECT_EQ(reader->Snapshot(), found.splits);
  const auto rows = reader->Read(base::Millis(1500)).value();
  EXPECT_EQ(DebugText(*rows.batch, 0), "+U(1, 'one')");
  EXPECT_EQ(DebugText(*rows.batch, 1), "-D(2, NULL)");
  EXPECT_EQ(*rows.batch->table, (TableId{"shop", "", "orders"}));
  EXPECT_EQ(rows.split, "a");
  EXPECT_EQ(rows.watermark, base::Timestamp(base::Millis(1'234)));
  EXPECT_EQ(rows.waiting, 42);
  EXPECT_EQ(rows.dirty.at(0).bytes, std::string("x\0y", 3));
  EXPECT_THAT(rows.ended, ElementsAre("a", "b"));
  ASSERT_TRUE(reader->Acknowledge({{"a", {1, "17"}}}).ok());
  reader->WakeUp();
  EXPECT_THAT(Heard(), ElementsAre("discover", "reader 4", "add", "read 1500ms", "acknowledge 17",
                                   "wake up"));
}

TEST_F(AbiTest, WhatASinkIsGivenPasses) {
  const auto sink = MakeSink();
  EXPECT_EQ(sink->delivery(), Delivery::kExactlyOnce);
  const auto writer = sink->MakeWriter({"lineage", "orders", 2}, "mine").value();
  const auto batch = TwoRows();
  const auto refused = writer->Write(*batch).value();
  EXPECT_EQ(refused.at(0).reason, "refused");
  EXPECT_EQ(DebugText(*batch, 0), "+U(1, 'one')");  // it is still the caller's
  EXPECT_THAT(writer->Prepare(12).value(), ElementsAre(Committable{7, 12, 2, "prepared"}));
  EXPECT_EQ(writer->Snapshot(), "mine");
  ASSERT_TRUE(writer->Flush().ok());
  EXPECT_THAT(Heard(), ElementsAre("sink of " + Columns()->ToString(), "writer 2 from 'mine'",
                                   "+U(1, 'one') -D(2, NULL)", "flush"));

  const auto committer = sink->MakeCommitter().value();
  const std::vector<Committable> prepared{{7, 12, 2, "prepared"}};
  ASSERT_TRUE(committer->Recover({"lineage", "orders", 0}, prepared, 13, {}).ok());
  ASSERT_TRUE(committer->Commit(prepared, {}).ok());
  EXPECT_THAT(Heard(), ElementsAre("recover lineage/orders 1 before 13", "commit prepared"));
  EXPECT_EQ(MakeSink({{"sink.commits", "false"}})->MakeCommitter().value(), nullptr);
}

TEST_F(AbiTest, AStopReachesTheOtherSide) {
  std::stop_source stop;
  stop.request_stop();
  const auto enumerator = MakeSource()->MakeEnumerator(std::nullopt).value();
  const auto committer = MakeSink()->MakeCommitter().value();
  Heard();
  ASSERT_TRUE(enumerator->Discover(stop.get_token()).ok());
  ASSERT_TRUE(committer->Commit(std::vector<Committable>(1), stop.get_token()).ok());
  EXPECT_THAT(Heard(), ElementsAre("discover, cancelled", "commit , cancelled"));
}

TEST_F(AbiTest, ErrorsPassWhole) {
  const auto source = MakeSource();
  play_.fails = base::Error(base::ErrorCode::kClusterUnreachable, "no broker answers")
                    .WithHint("is it up?")
                    .WithCause("refused");
  const auto reader = source->MakeReader(0);
  ASSERT_FALSE(reader.ok());
  EXPECT_EQ(reader.error().ToString(), play_.fails->ToString());
  EXPECT_TRUE(reader.error().retryable());
}

TEST_F(AbiTest, AnExceptionBecomesAnError) {
  const auto reader = MakeSource()->MakeReader(0).value();
  const auto read = reader->Read(base::Millis(1));
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().code(), base::ErrorCode::kInternal);
  EXPECT_THAT(read.error().message(), HasSubstr("nothing to read"));
}

TEST_F(AbiTest, WhatIsMadeOutlivesItsMaker) {
  auto source = MakeSource();
  auto reader = source->MakeReader(0).value();
  source.reset();
  connector_.reset();
  EXPECT_EQ(play_.released, 0);
  ASSERT_TRUE(reader->Add({{"a", {}}}).ok());
  auto rows = reader->Read(base::Millis(1)).value();
  reader.reset();
  EXPECT_EQ(DebugText(*rows.batch, 0), "+U(1, 'one')");
  EXPECT_EQ(play_.released, 3);  // the reader, its source, the connector
}

// ------------------------------------------------------------------------------------------------ libraries

TEST(LoadConnectors, OneInCWorks) {
  ConnectorRegistry registry;
  const auto loaded = LoadConnectors(SP_COUNTER_LIBRARY, registry);
  ASSERT_TRUE(loaded.ok()) << loaded.error().ToString();
  const Connector& counter = *registry.Find("counter").value();
  const auto make = [&](const char* rows) {
    return counter.MakeSource(
        {counter.options().Read({{"rows", rows}}, OptionUse::kSource).value(), nullptr, nullptr});
  };
  const auto source = make("6").value();
  EXPECT_EQ(source->schema()->ToString(), "(n BIGINT NOT NULL)");
  const auto found = source->MakeEnumerator(std::nullopt).value()->Discover({}).value();
  auto reader = source->MakeReader(0).value();
  ASSERT_TRUE(reader->Add(found.splits).ok());
  EXPECT_EQ(DebugText(*reader->Read({}).value().batch, 3), "+I(3)");

  const auto position = reader->Snapshot();
  reader = source->MakeReader(0).value();
  ASSERT_TRUE(reader->Add(position).ok());
  const auto rest = reader->Read({}).value();
  EXPECT_EQ(rest.batch->length, 2);
  EXPECT_EQ(DebugText(*rest.batch, 0), "+I(4)");
  EXPECT_THAT(rest.ended, ElementsAre("all"));
  EXPECT_THAT(reader->Snapshot(), IsEmpty());

  EXPECT_EQ(make("13").error().message(), "thirteen rows are unlucky");  // no JSON: taken as it is
  EXPECT_FALSE(counter.options().Read({{"rows", "-1"}}, OptionUse::kSource).ok());
  EXPECT_EQ(
      counter.MakeSink({counter.options().Read({}, OptionUse::kSink).value(), Columns(), nullptr})
          .error()
          .code(),
      base::ErrorCode::kIllegalState);
}

TEST(LoadConnectors, WhatCannotBeLoadedIsNamed) {
  ConnectorRegistry registry;
  EXPECT_EQ(LoadConnectors("/nowhere/libx.so", registry).error().code(),
            base::ErrorCode::kNotFound);
  const auto folder = base::TemporaryFolder::Create().value();
  const auto text = folder.path() / "libtext.so";
  ASSERT_TRUE(base::WriteFileAtomically(text, "no library").ok());
  const auto loaded = LoadConnectors(text, registry);
  EXPECT_EQ(loaded.error().code(), base::ErrorCode::kIoError);
  EXPECT_THAT(loaded.error().message(), HasSubstr("libtext.so"));
  ASSERT_TRUE(LoadConnectors(SP_COUNTER_LIBRARY, registry).ok());
  EXPECT_EQ(LoadConnectors(SP_COUNTER_LIBRARY, registry).error().code(),
            base::ErrorCode::kNameTaken);
}

TEST(ImportConnector, AnOptionTableThatContradictsItselfIsRefused) {
  const SpOption options[] = {{.name = "rows",
                               .kind = SP_OPTION_INTEGER,
                               .use = SP_OPTION_OF_BOTH,
                               .text = "",
                               .fallback = "many"}};
  SpConnector connector{.name = "odd", .text = "", .options = options, .n_options = 1};
  const auto imported = ImportConnector(connector);
  ASSERT_FALSE(imported.ok());
  EXPECT_THAT(imported.error().message(), HasSubstr("'rows' has a default that it does not take"));
}

}  // namespace
}  // namespace streampark::connectors
