// SPDX-License-Identifier: Apache-2.0
#include "capture_reader.h"

#include <algorithm>
#include <utility>

#include <poll.h>
#include <sys/eventfd.h>

#include "postgres_session.h"

namespace streampark::connectors::postgres {
namespace {

constexpr std::size_t kMostInBatch = 8U << 20U;
/// Two rows of a change and what is at hand still fit into a column.
constexpr std::size_t kMostChange = 960U << 20U;
/// The server ends a connection that it has not heard of for wal_sender_timeout, a minute by default.
constexpr base::Millis kTellEach{10'000};
constexpr int kFramesEachLook = 1'024;

base::Error OutOfStep(const std::string& what) {
  return {base::ErrorCode::kIoError, "the server sent " + what};
}

base::Error Missing(const std::string& what) {
  return base::Error(base::ErrorCode::kSnapshotInvalid, what)
      .WithHint("copy the tables anew, and begin without the checkpoint");
}

}  // namespace

CaptureReader::CaptureReader(const CapturePlan& plan)
    : plan_(plan), wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)), rows_(plan) {
  SP_CHECK(wake_.ok());
}

base::Status CaptureReader::Add(std::vector<Split> splits) {
  for (const Split& split : splits) {
    if (split.id != kLogSplit || place_) {
      return base::Error(base::ErrorCode::kSnapshotInvalid,
                         "'" + split.id + "' is not the one split of " + plan_.what);
    }
    place_ = SP_TRY(LogPlace::From(split.position));
  }
  return base::Ok();
}

std::vector<Split> CaptureReader::Snapshot() const {
  return place_ ? std::vector<Split>{{kLogSplit, place_->ToPosition()}} : std::vector<Split>{};
}

void CaptureReader::WakeUp() { static_cast<void>(::eventfd_write(wake_.number(), 1)); }

void CaptureReader::WaitForCall(base::Millis patience) {
  pollfd call{.fd = wake_.number(), .events = POLLIN, .revents = 0};
  constexpr base::Millis kLongest{1'000'000};
  ::poll(&call, 1, static_cast<int>(std::min(patience, kLongest).count()));
  eventfd_t calls = 0;
  static_cast<void>(::eventfd_read(wake_.number(), &calls));
}

base::Result<SplitReader::Rows> CaptureReader::Read(base::Millis patience) {
  Rows read;
  if (!place_) {
    WaitForCall(patience);
    return read;
  }
  if (auto done = ReadOn(patience, read); !done.ok()) {
    // What was made of it is at no place: whoever tries again gets it again.
    rows_.Restart();
    held_.reset();
    connection_.reset();
    return std::move(done).error().Annotate(plan_.what);
  }
  return read;
}

base::Status CaptureReader::ReadOn(base::Millis patience, Rows& read) {
  if (!connection_) {
    SP_TRY(Connect());
  }
  const base::SteadyTime deadline = plan_.clock->SteadyNow() + patience;
  const auto taken = [&] { return rows_.length() + static_cast<std::int64_t>(read.dirty.size()); };
  int frames = 0;
  while (taken() < plan_.batch_rows && rows_.bytes() < kMostInBatch) {
    std::optional<std::string_view> frame = std::exchange(held_, std::nullopt);
    if (!frame) {
      frame = SP_TRY(connection_->Next());
    }
    if (!frame) {
      if (taken() > 0 || SP_TRY(WaitUntil(deadline)) == Waiting::kOver) {
        break;
      }
    } else if (!SP_TRY(Take(*frame, read.dirty))) {
      held_ = frame;
      break;
    } else if (++frames % kFramesEachLook == 0 && SP_TRY(Look(deadline)) == Waiting::kOver) {
      break;  // what is passed over may be long
    }
  }
  SP_TRY(TellIfDue());
  if (rows_.length() > 0) {
    read.batch = rows_.Finish();
  }
  read.split = kLogSplit;
  place_ = ahead_;
  return base::Ok();
}

base::Result<CaptureReader::Waiting> CaptureReader::WaitUntil(base::SteadyTime deadline) {
  const auto until = std::min(deadline, told_at_ + kTellEach);
  const auto left = std::chrono::ceil<base::Millis>(until - plan_.clock->SteadyNow());
  const auto woken = SP_TRY(connection_->WaitFor(std::max(left, base::Millis(0)), wake_.number()));
  const auto over = SP_TRY(Look(deadline));
  // With no patience at all what has come is still read.
  return woken == ReplicationConnection::Woken::kBySomething && !called_ ? Waiting::kGoesOn : over;
}

base::Result<CaptureReader::Waiting> CaptureReader::Look(base::SteadyTime deadline) {
  eventfd_t calls = 0;
  called_ = ::eventfd_read(wake_.number(), &calls) == 0;
  SP_TRY(TellIfDue());
  const bool over = called_ || plan_.clock->SteadyNow() >= deadline;
  return over ? Waiting::kOver : Waiting::kGoesOn;
}

base::Status CaptureReader::Connect() {
  auto connection = SP_TRY(ReplicationConnection::Connect(plan_.address));
  const auto server = SP_TRY(connection->Identify());
  const auto session = SP_TRY(PostgresSession::Connect(plan_.address));
  const auto slot = SP_TRY(FindSlot(*session, plan_.slot));
  SP_TRY(CheckSlot(plan_, slot));
  SP_TRY(CheckPlace(server, *slot));
  SP_TRY(connection->Start(plan_.slot, plan_.publication, place_->behind));
  connection_ = std::move(connection);
  ahead_ = *place_;
  in_transaction_ = false;
  to_pass_ = 0;
  return SendStatus();
}

base::Status CaptureReader::CheckPlace(const ReplicationConnection::Server& server,
                                       const Slot& slot) const {
  if (server.system != place_->system) {
    return Missing("the checkpoint's place is in the log of the server " + place_->system +
                   ", and this is " + server.system);
  }
  if (slot.reader) {
    return base::Error(base::ErrorCode::kIoError, "somebody is reading the slot: " + *slot.reader)
        .WithHint(
            "a slot has one reader: give each job one of its own. What is left of a job that "
            "was killed goes by itself");
  }
  if (slot.confirmed > place_->behind) {
    return Missing("the server has forgotten its log before " + slot.confirmed.ToString() +
                   ", and the checkpoint is at " + place_->behind.ToString() +
                   ": the changes between are lost. Somebody else has read the slot, or a newer "
                   "checkpoint of this job was complete");
  }
  return base::Ok();
}

base::Result<bool> CaptureReader::Take(std::string_view bytes, std::vector<DirtyRecord>& dirty) {
  auto frame = SP_TRY(pgoutput::DecodeFrame(bytes));
  if (const auto* keepalive = std::get_if<pgoutput::Keepalive>(&frame)) {
    SP_TRY(Take(*keepalive));
    return true;
  }
  auto message = SP_TRY(pgoutput::Decode(std::get<pgoutput::LogPiece>(frame).message));
  if (const auto* begin = std::get_if<pgoutput::Begin>(&message)) {
    SP_TRY(Take(*begin));
  } else if (const auto* commit = std::get_if<pgoutput::Commit>(&message)) {
    SP_TRY(Take(*commit));
  } else if (const auto* relation = std::get_if<pgoutput::Relation>(&message)) {
    SP_TRY(Take(*relation));
  } else if (auto* change = std::get_if<pgoutput::Change>(&message)) {
    if (rows_.NeedsNewBatch(change->relation)) {
      return false;
    }
    if (bytes.size() > kMostChange) {
      return base::Error(base::ErrorCode::kIllegalState, "a change of " +
                                                             std::to_string(bytes.size()) +
                                                             " bytes is more than a batch can hold")
          .WithHint("a publication of fewer columns leaves large ones out");
    }
    if (SP_TRY(IsNew())) {
      SP_TRY(rows_.Append(*change, dirty));
    }
  } else if (const auto* truncate = std::get_if<pgoutput::Truncate>(&message)) {
    if (SP_TRY(IsNew())) {
      rows_.Append(*truncate, dirty);
    }
  }
  return true;
}

base::Status CaptureReader::Take(const pgoutput::Keepalive& keepalive) {
  if (!in_transaction_) {
    if (ahead_.half_read.valid() && keepalive.end > ahead_.half_read) {
      return Missing("the transaction at " + ahead_.half_read.ToString() +
                     ", which was read in part, is not sent any more; was its table taken out of "
                     "the publication?");
    }
    if (!ahead_.half_read.valid()) {
      ahead_.behind = std::max(ahead_.behind, keepalive.end);
    }
  }
  return keepalive.wants_answer ? SendStatus() : base::Ok();
}

base::Status CaptureReader::Take(const pgoutput::Begin& begin) {
  if (in_transaction_) {
    return OutOfStep("a transaction within another");
  }
  if (ahead_.half_read.valid() && ahead_.half_read != begin.commit) {
    return Missing("the transaction at " + ahead_.half_read.ToString() +
                   ", which was read in part, is not sent any more, but the one at " +
                   begin.commit.ToString());
  }
  in_transaction_ = true;
  to_pass_ = ahead_.changes;
  ahead_.half_read = begin.commit;
  rows_.Begin(begin);
  return base::Ok();
}

base::Status CaptureReader::Take(const pgoutput::Commit& commit) {
  if (!in_transaction_ || commit.commit != ahead_.half_read) {
    return OutOfStep("the end of a transaction that had not begun");
  }
  if (to_pass_ > 0) {
    return Missing("the transaction at " + commit.commit.ToString() + " has " +
                   std::to_string(to_pass_) + " changes less than were read of it");
  }
  in_transaction_ = false;
  ahead_.behind = std::max(ahead_.behind, commit.end);
  ahead_.half_read = Lsn();
  ahead_.changes = 0;
  return base::Ok();
}

base::Result<bool> CaptureReader::IsNew() {
  if (!in_transaction_) {
    return OutOfStep("a row outside of a transaction");
  }
  if (to_pass_ > 0) {
    --to_pass_;
    return false;
  }
  ++ahead_.changes;
  return true;
}

base::Status CaptureReader::Take(const pgoutput::Relation& relation) {
  std::vector<sql::NativeColumn> natives;
  sql::Names known_now;
  if (rows_.IsRead(relation)) {
    for (const auto& column : relation.columns) {
      sql::NativeColumn& native = natives.emplace_back();
      native.name = column.name;
      native.code = column.type;
      native.modifier = column.modifier;
    }
    const auto session = SP_TRY(PostgresSession::Connect(plan_.address));
    SP_TRY(SettleTypes(*session, natives));
    const auto publication = SP_TRY(FindPublication(*session, plan_.publication));
    for (const CapturedTable& captured : plan_.tables) {
      if (captured.oid != relation.id) {
        continue;
      }
      if (const auto table = SP_TRY(FindLoggedTable(*session, captured.name))) {
        for (const auto& column : table->columns) {
          known_now.push_back(column.native.name);
        }
        if (publication) {
          sql::Names asked;
          for (const CapturedColumn& column : plan_.columns) {
            asked.push_back(column.name);
          }
          SP_TRY(CheckPublished(*publication, plan_.publication, *table, asked));
        }
      }
    }
  }
  return rows_.SetRelation(relation, natives, known_now);
}

base::Status CaptureReader::Acknowledge(const std::vector<Split>& positions) {
  for (const Split& split : positions) {
    const auto place = SP_TRY(LogPlace::From(split.position));
    acknowledged_ = std::max(acknowledged_, place.behind);
  }
  return connection_ ? SendStatus() : base::Ok();
}

base::Status CaptureReader::TellIfDue() {
  return plan_.clock->SteadyNow() - told_at_ >= kTellEach ? SendStatus() : base::Ok();
}

base::Status CaptureReader::SendStatus() {
  told_at_ = plan_.clock->SteadyNow();
  const auto now =
      std::chrono::duration_cast<std::chrono::microseconds>(plan_.clock->Now().time_since_epoch());
  return connection_->Send(pgoutput::StatusUpdate(ahead_.behind, acknowledged_, now.count()));
}

}  // namespace streampark::connectors::postgres
