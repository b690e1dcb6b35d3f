// SPDX-License-Identifier: Apache-2.0
#include "redis_committer.h"

#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

#include "stage.h"

/// A commit is one script, so that there are no steps in it: see stage.h for the keys. Recover is three things one after another, each
/// of which may be done again: look at the ledger, commit what is pending, then set the fence and drop the stages that the index names.
namespace streampark::connectors::redis {
namespace {

/// KEYS: ledger, index, a stage each. ARGV, for each stage: subtask, sequence, rows, command, most entries.
///
/// Nothing is written before all is known to be good; the first write is one that a server without memory refuses.
constexpr std::string_view kCommit = R"(
local per = 5
local chunk = 500
local function each_row(i, rows, act)
  for first = 1, rows, chunk do
    for _, row in ipairs(redis.call('LRANGE', KEYS[i], first, math.min(first + chunk - 1, rows))) do
      act({cmsgpack.unpack(row)})
    end
  end
end
local missing = {}
for i = 3, #KEYS do
  local at = (i - 3) * per
  local known = redis.call('HGET', KEYS[1], ARGV[at + 1])
  if not known or tonumber(known) < tonumber(ARGV[at + 2]) then
    local kind = redis.call('TYPE', KEYS[i]).ok
    if kind ~= 'list' or redis.call('LLEN', KEYS[i]) ~= tonumber(ARGV[at + 3]) + 1 then
      return {'gone', KEYS[i]}
    end
    missing[#missing + 1] = i
  end
end
local seen = {}
local refused = nil
for _, i in ipairs(missing) do
  local at = (i - 3) * per
  local wanted = ARGV[at + 4] == 'XADD' and 'stream' or 'list'
  each_row(i, tonumber(ARGV[at + 3]), function(row)
    if not seen[row[1]] then
      local kind = redis.call('TYPE', row[1]).ok
      if kind ~= 'none' and kind ~= wanted then
        refused = refused or {'type', row[1], kind}
      end
      seen[row[1]] = true
    end
  end)
end
if refused then
  return refused
end
for _, i in ipairs(missing) do
  local at = (i - 3) * per
  redis.call('HSET', KEYS[1], ARGV[at + 1], ARGV[at + 2])
  each_row(i, tonumber(ARGV[at + 3]), function(row)
    local command = ARGV[at + 4]
    if command ~= 'XADD' then
      redis.call(command, row[1], row[2])
    elseif ARGV[at + 5] == '0' then
      redis.call('XADD', row[1], '*', unpack(row, 2))
    else
      redis.call('XADD', row[1], 'MAXLEN', '~', ARGV[at + 5], '*', unpack(row, 2))
    end
  end)
end
for i = 3, #KEYS do
  redis.call('DEL', KEYS[i])
  redis.call('SREM', KEYS[2], KEYS[i])
end
return {'done'}
)";

constexpr std::size_t kWordsAStage = 6;  // its name and what stands in ARGV
constexpr std::string_view kFenceMillis = "86400000";

struct Pending {
  int subtask = 0;
  std::uint64_t sequence = 0;
  PreparedStage stage;
};

class RedisCommitter final : public Committer {
 public:
  RedisCommitter(Server server, std::string prefix)
      : server_(std::move(server)), prefix_(std::move(prefix)) {}

  base::Status Commit(std::span<const Committable> prepared, std::stop_token stop) override {
    std::vector<Pending> pending;
    for (const Committable& one : prepared) {
      auto stage = SP_TRY(PreparedStage::From(one));
      if (!pending.empty() && pending[0].stage.names().ledger() != stage.names().ledger()) {
        return base::Error(
            base::ErrorCode::kSnapshotInvalid,
            "rows of two jobs in one commit: " + pending[0].stage.stage + " and " + stage.stage);
      }
      pending.push_back({one.subtask, one.sequence, std::move(stage)});
    }
    if (pending.empty()) {
      return base::Ok();
    }
    if (stop.stop_requested()) {
      return base::Error(base::ErrorCode::kCancelled, "stopped before rows were committed");
    }
    std::ranges::sort(pending, {},
                      [](const Pending& one) { return std::pair(one.sequence, one.subtask); });
    return OrForget(MoveRows(pending));
  }

  base::Status Recover(const WriterId& lineage, std::span<const Committable> pending,
                       std::uint64_t next, std::stop_token stop) override {
    const StageNames names{.prefix = prefix_, .job = StageNames::JobOf(lineage)};
    SP_TRY(OrForget(RefuseOlder(names, next)));
    SP_TRY(Commit(pending, stop));
    return OrForget(DropAll(names));
  }

 private:
  base::Status OrForget(base::Status status) {
    if (!status.ok()) {
      connection_.reset();
      return std::move(status).error().Annotate(server_.ToString());
    }
    return status;
  }

  base::Status Connect() { return Connection::Ensure(server_, Use::kWrite, connection_); }

  base::Status MoveRows(const std::vector<Pending>& pending) {
    SP_TRY(Connect());
    const StageNames names = pending[0].stage.names();
    std::string command;
    BeginCommand(5 + kWordsAStage * pending.size(), command);
    AppendWord("EVAL", command);
    AppendWord(kCommit, command);
    AppendWord(std::to_string(2 + pending.size()), command);
    AppendWord(names.ledger(), command);
    AppendWord(names.index(), command);
    for (const Pending& one : pending) {
      AppendWord(one.stage.stage, command);
    }
    for (const Pending& one : pending) {
      AppendWord(std::to_string(one.subtask), command);
      AppendWord(std::to_string(one.sequence), command);
      AppendWord(std::to_string(one.stage.rows), command);
      AppendWord(ToString(one.stage.addition.command), command);
      AppendWord(std::to_string(one.stage.addition.max_length), command);
    }
    const Reply answer = SP_TRY(connection_->CallWritten(command));
    const std::string_view verdict = answer.size() > 0 ? answer[0].text() : "";
    if (verdict == "gone" && answer.size() == 2) {
      return base::Error(base::ErrorCode::kSnapshotInvalid,
                         "rows of a checkpoint are gone: " + std::string(answer[1].text()) +
                             " is not as it was prepared")
          .WithHint(
              "did the server lose its data, or somebody delete the key? start from an older "
              "checkpoint, as a new lineage");
    }
    if (verdict == "type" && answer.size() == 3) {
      return base::Error(base::ErrorCode::kIllegalState,
                         "the key '" + std::string(answer[1].text()) + "' is a " +
                             std::string(answer[2].text()) + ", and rows are to be added to it")
          .WithHint("rename or delete that key and start the job again: its rows wait");
    }
    if (verdict != "done") {
      return base::Error(base::ErrorCode::kEngineError, "the commit was answered by nothing known");
    }
    return base::Ok();
  }

  base::Status RefuseOlder(const StageNames& names, std::uint64_t next) {
    SP_TRY(Connect());
    std::uint64_t newest = 0;
    for (const Reply sequence : SP_TRY(connection_->Call({"HVALS", names.ledger()}))) {
      newest = std::max(newest, static_cast<std::uint64_t>(sequence.number()));
    }
    if (newest < next) {
      return base::Ok();
    }
    return base::Error(base::ErrorCode::kIllegalState,
                       "the server holds rows of checkpoint " + std::to_string(newest) +
                           ", and the job goes on from checkpoint " + std::to_string(next - 1))
        .WithHint(
            "start from that checkpoint's folder explicitly, so that the rows stay and are "
            "written again; or take away the rows and DEL " +
            names.ledger());
  }

  base::Status DropAll(const StageNames& names) {
    SP_TRY(Connect());
    // From here on nobody who began before makes a stage.
    SP_TRY(connection_->Call({"SET", names.fence(), "1", "PX", kFenceMillis}));
    std::vector<std::string> stages;
    for (const Reply stage : SP_TRY(connection_->Call({"SMEMBERS", names.index()}))) {
      stages.emplace_back(stage.text());
    }
    for (const std::string& stage : stages) {
      SP_TRY(connection_->Call({"UNLINK", stage}));
      SP_TRY(connection_->Call({"SREM", names.index(), stage}));
    }
    return base::Ok();
  }

  const Server server_;
  const std::string prefix_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace

std::unique_ptr<Committer> MakeRedisCommitter(Server server, std::string prefix) {
  return std::make_unique<RedisCommitter>(std::move(server), std::move(prefix));
}

}  // namespace streampark::connectors::redis
