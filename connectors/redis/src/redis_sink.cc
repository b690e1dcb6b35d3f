// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>
#include <vector>

#include "redis_committer.h"
#include "row_values.h"
#include "sink_plan.h"
#include "stage.h"

namespace streampark::connectors::redis {
namespace {

constexpr std::size_t kSentAtOnce = 256U << 10U;
constexpr std::size_t kAnswersAtOnce = 1'000;

DirtyRecord Dirty(const WriterId& id, const Batch& batch, std::int64_t row, std::string reason) {
  return {.where = "the sink '" + id.sink + "'",
          .reason = std::move(reason),
          .bytes = formats::CutRecord(DebugText(batch, row))};
}

/// Rows to the server as they come: by key, or added at least once.
class DirectWriter final : public SinkWriter {
 public:
  DirectWriter(const SinkPlan& plan, WriterId id, std::unique_ptr<RowValues> rows)
      : plan_(plan), id_(std::move(id)), rows_(std::move(rows)) {}

  base::Result<std::vector<DirtyRecord>> Write(const Batch& batch) override {
    std::vector<DirtyRecord> dirty;
    if (auto written = WriteRows(batch, dirty); !written.ok()) {
      connection_.reset();
      return std::move(written).error().Annotate("the sink '" + id_.sink + "' at " +
                                                 plan_.server.ToString());
    }
    return dirty;
  }
  base::Result<std::vector<Committable>> Prepare(std::uint64_t /*sequence*/) override {
    return std::vector<Committable>();
  }
  std::string Snapshot() const override { return ""; }

 private:
  /// The commands of one row, and how many answers they have.
  struct Sent {
    std::int64_t row = 0;
    std::size_t answers = 0;
  };

  base::Status WriteRows(const Batch& batch, std::vector<DirtyRecord>& dirty) {
    rows_->Begin(batch);
    commands_.clear();
    sent_.clear();
    answers_ = 0;
    for (std::int64_t row = 0; row < batch.length; ++row) {
      formats::Refusal refusal;
      if (const OutgoingRow* made = rows_->MakeRow(row, refusal)) {
        sent_.push_back({row, AppendRow(*made)});
        answers_ += sent_.back().answers;
      } else if (refusal) {
        dirty.push_back(Dirty(id_, batch, row, std::move(*refusal)));
      }
      if (commands_.size() >= kSentAtOnce || answers_ >= kAnswersAtOnce) {
        SP_TRY(SendAll(batch, dirty));
      }
    }
    return SendAll(batch, dirty);
  }

  std::size_t AppendRow(const OutgoingRow& row) {
    if (row.what == OutgoingRow::What::kDelete) {
      AppendCommand({"DEL", row.key}, commands_);
      return 1;
    }
    switch (plan_.type) {
      case KeyType::kString:
        if (plan_.ttl) {
          AppendCommand({"SET", row.key, row.words[0], "PX", std::to_string(plan_.ttl->count())},
                        commands_);
        } else {
          AppendCommand({"SET", row.key, row.words[0]}, commands_);
        }
        return 1;
      case KeyType::kHash:
        return AppendHash(row);
      case KeyType::kList:
        AppendCommand({ToString(plan_.addition.command), row.key, row.words[0]}, commands_);
        return 1;
      case KeyType::kStream:
        break;
    }
    const bool bounded = plan_.addition.max_length > 0;
    BeginCommand(3 + (bounded ? 3 : 0) + row.words.size(), commands_);
    AppendWord("XADD", commands_);
    AppendWord(row.key, commands_);
    if (bounded) {
      AppendWord("MAXLEN", commands_);
      AppendWord("~", commands_);
      AppendWord(std::to_string(plan_.addition.max_length), commands_);
    }
    AppendWord("*", commands_);
    AddWords(row.words);
    return 1;
  }

  /// Several commands are a transaction: nobody sees a row half-way.
  std::size_t AppendHash(const OutgoingRow& row) {
    const std::size_t count =
        (row.words.empty() ? 0U : 1U) + (row.nulls.empty() ? 0U : 1U) + (plan_.ttl ? 1U : 0U);
    if (count > 1) {
      AppendCommand({"MULTI"}, commands_);
    }
    if (!row.words.empty()) {
      BeginCommand(2 + row.words.size(), commands_);
      AppendWord("HSET", commands_);
      AppendWord(row.key, commands_);
      AddWords(row.words);
    }
    if (!row.nulls.empty()) {
      BeginCommand(2 + row.nulls.size(), commands_);
      AppendWord("HDEL", commands_);
      AppendWord(row.key, commands_);
      AddWords(row.nulls);
    }
    if (plan_.ttl) {
      AppendCommand({"PEXPIRE", row.key, std::to_string(plan_.ttl->count())}, commands_);
    }
    if (count > 1) {
      AppendCommand({"EXEC"}, commands_);
    }
    return count > 1 ? count + 2 : count;
  }

  void AddWords(const std::vector<std::string_view>& words) {
    for (const std::string_view word : words) {
      AppendWord(word, commands_);
    }
  }

  base::Status SendAll(const Batch& batch, std::vector<DirtyRecord>& dirty) {
    if (sent_.empty()) {
      return base::Ok();
    }
    SP_TRY(Connection::Ensure(plan_.server, Use::kWrite, connection_));
    SP_TRY(connection_->Send(commands_));
    for (const Sent& one : sent_) {
      std::string fault;
      for (std::size_t i = 0; i < one.answers; ++i) {
        NoteFault(SP_TRY(connection_->Receive()), fault);
      }
      if (fault.starts_with("WRONGTYPE")) {
        dirty.push_back(
            Dirty(id_, batch, one.row,
                  "its key has a value of another type than " + std::string(ToString(plan_.type))));
      } else if (!fault.empty()) {
        return ErrorOf(fault);
      }
    }
    commands_.clear();
    sent_.clear();
    answers_ = 0;
    return base::Ok();
  }

  /// The first one counts: `EXECABORT` says nothing that the one before it did not.
  static void NoteFault(const Reply& answer, std::string& fault) {
    if (!fault.empty()) {
      return;
    }
    if (answer.is_error()) {
      fault = answer.text();
    }
    for (const Reply one : answer) {
      if (one.is_error() && fault.empty()) {
        fault = one.text();
      }
    }
  }

  const SinkPlan& plan_;
  const WriterId id_;
  const std::unique_ptr<RowValues> rows_;
  std::unique_ptr<Connection> connection_;
  std::string commands_;  // that are not sent yet
  std::vector<Sent> sent_;
  std::size_t answers_ = 0;
};

/// Rows into a stage of their epoch (stage.h).
class StagingWriter final : public SinkWriter {
 public:
  StagingWriter(const SinkPlan& plan, WriterId id, std::unique_ptr<RowValues> rows)
      : plan_(plan),
        id_(std::move(id)),
        names_{.prefix = plan.staging_prefix, .job = StageNames::JobOf(id_)},
        rows_(std::move(rows)) {}

  base::Result<std::vector<DirtyRecord>> Write(const Batch& batch) override {
    std::vector<DirtyRecord> dirty;
    if (auto written = WriteRows(batch, dirty); !written.ok()) {
      connection_.reset();
      return std::move(written).error().Annotate("the sink '" + id_.sink + "' at " +
                                                 plan_.server.ToString());
    }
    return dirty;
  }

  base::Result<std::vector<Committable>> Prepare(std::uint64_t sequence) override {
    std::vector<Committable> prepared;
    if (stage_.rows > 0) {
      stage_.addition = plan_.addition;
      prepared.push_back(stage_.ToCommittable(id_.subtask, sequence));
      stage_ = {};
    }
    return prepared;
  }
  std::string Snapshot() const override { return ""; }

 private:
  base::Status WriteRows(const Batch& batch, std::vector<DirtyRecord>& dirty) {
    rows_->Begin(batch);
    elements_.clear();
    count_ = 0;
    for (std::int64_t row = 0; row < batch.length; ++row) {
      formats::Refusal refusal;
      if (const OutgoingRow* made = rows_->MakeRow(row, refusal)) {
        staged_.clear();
        AppendStaged(made->key, made->words, staged_);
        AppendWord(staged_, elements_);
        ++count_;
      } else if (refusal) {
        dirty.push_back(Dirty(id_, batch, row, std::move(*refusal)));
      }
      if (elements_.size() >= kSentAtOnce) {
        SP_TRY(Push());
      }
    }
    return Push();
  }

  base::Status Push() {
    if (count_ == 0) {
      return base::Ok();
    }
    SP_TRY(Connection::Ensure(plan_.server, Use::kWrite, connection_));
    if (stage_.stage.empty()) {
      SP_TRY(MakeStage());
    }
    command_.clear();
    BeginCommand(2 + static_cast<std::size_t>(count_), command_);
    AppendWord("RPUSHX", command_);
    AppendWord(stage_.stage, command_);
    command_ += elements_;
    const Reply length = SP_TRY(connection_->CallWritten(command_));
    stage_.rows += count_;
    if (length.number() != stage_.rows + 1) {
      return base::Error(base::ErrorCode::kIllegalState,
                         "the rows that were written before are gone: " + stage_.stage)
          .WithHint("another process goes on with this job, or somebody deleted the key");
    }
    elements_.clear();
    count_ = 0;
    return base::Ok();
  }

  base::Status MakeStage() {
    const std::string stage = StageNames::NewStage(names_.prefix, id_);
    SP_TRY(connection_->Call({"WATCH", names_.fence()}));
    command_.clear();
    AppendCommand({"MULTI"}, command_);
    AppendCommand({"SADD", names_.index(), stage}, command_);
    AppendCommand({"RPUSH", stage, "rows of the sink '" + id_.sink + "' of the job " + id_.lineage},
                  command_);
    AppendCommand({"EXEC"}, command_);
    SP_TRY(connection_->Send(command_));
    std::string fault;
    for (int i = 0; i < 3; ++i) {
      const Reply queued = SP_TRY(connection_->Receive());
      if (queued.is_error() && fault.empty()) {
        fault = queued.text();
      }
    }
    const Reply done = SP_TRY(connection_->Receive());
    if (!fault.empty() || done.is_error()) {
      return ErrorOf(fault.empty() ? done.text() : fault);
    }
    if (done.is_null()) {
      return base::Error(base::ErrorCode::kIllegalState,
                         "another process recovers the rows of this job at this moment")
          .WithHint("one process at a time runs a job");
    }
    stage_.stage = stage;
    return base::Ok();
  }

  const SinkPlan& plan_;
  const WriterId id_;
  const StageNames names_;
  const std::unique_ptr<RowValues> rows_;
  std::unique_ptr<Connection> connection_;
  PreparedStage stage_;  // without a name while there is none
  std::string staged_;
  std::string elements_;  // rows that are not sent yet
  std::int64_t count_ = 0;
  std::string command_;
};

class RedisSink final : public Sink {
 public:
  explicit RedisSink(SinkPlan plan) : plan_(std::move(plan)) {}

  Delivery delivery() const override { return plan_.delivery; }
  base::Result<std::unique_ptr<SinkWriter>> MakeWriter(const WriterId& id,
                                                       std::string /*restored*/) override {
    auto rows = SP_TRY(RowValues::Make(plan_));
    if (plan_.delivery == Delivery::kExactlyOnce) {
      return std::make_unique<StagingWriter>(plan_, id, std::move(rows));
    }
    return std::make_unique<DirectWriter>(plan_, id, std::move(rows));
  }
  base::Result<std::unique_ptr<Committer>> MakeCommitter() override {
    return plan_.delivery == Delivery::kExactlyOnce
               ? MakeRedisCommitter(plan_.server, plan_.staging_prefix)
               : std::unique_ptr<Committer>();
  }

 private:
  const SinkPlan plan_;
};

}  // namespace

std::unique_ptr<Sink> MakeRedisSink(SinkPlan plan) {
  return std::make_unique<RedisSink>(std::move(plan));
}

}  // namespace streampark::connectors::redis
