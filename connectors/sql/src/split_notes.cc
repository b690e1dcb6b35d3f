// SPDX-License-Identifier: Apache-2.0
#include "split_notes.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include <boost/algorithm/hex.hpp>

#include "streampark/base/digest.h"
#include "streampark/connectors/overwriting_ledger.h"
#include "streampark/connectors/state_bytes.h"

namespace streampark::connectors::sql {
namespace {

constexpr std::size_t kOwnerDigits = 16;
constexpr std::size_t kSplitDigits = 32;
constexpr std::size_t kInsertedAtOnce = 500;

std::string DigestOf(const Split& split) {
  return Dialect::QuoteText(base::Sha256Hex(split.id).substr(0, kSplitDigits));
}

std::string PlaceOf(const Split& split) {
  std::string hex;
  boost::algorithm::hex_lower(
      StateWriter().Text(split.id).Number(split.position.version).Text(split.position.bytes).Take(),
      std::back_inserter(hex));
  return Dialect::QuoteText(hex);
}

/// Empty, which is no place, when it is no hex.
std::string FromHex(const std::optional<std::string>& hex) {
  std::string bytes;
  try {
    boost::algorithm::unhex(hex.value_or(""), std::back_inserter(bytes));
  } catch (const boost::algorithm::hex_decode_error&) {
    return "";
  }
  return bytes;
}

}  // namespace

SplitNotes::SplitNotes(const Dialect& dialect, const std::string& schema, const SplitOwner& owner)
    : dialect_(dialect),
      table_(dialect.Quote(TableName{schema, std::string(kSplitTable)})),
      owner_(Dialect::QuoteText(
          base::Sha256Hex(owner.sink + '\n' + owner.part).substr(0, kOwnerDigits))),
      lineage_(Dialect::QuoteText(owner.lineage)) {}

std::string SplitNotes::CreateTable() const {
  const auto text = dialect_.TypeFor(TypeKind::kString, Dialect::KeyPart::kNo);
  SP_CHECK(text.ok());
  return "CREATE TABLE IF NOT EXISTS " + table_ +
         " (owner VARCHAR(16) NOT NULL, split VARCHAR(32) NOT NULL, lineage VARCHAR(26) NOT NULL, "
         "turn INTEGER NOT NULL, ended INTEGER NOT NULL, place " +
         *text + " NOT NULL, PRIMARY KEY (owner, split))" + std::string(dialect_.table_options());
}

std::string SplitNotes::SelectAll() const {
  return "SELECT ended, place FROM " + table_ + " WHERE owner = " + owner_ +
         " AND lineage = " + lineage_ + " ORDER BY turn";
}

std::string SplitNotes::DeleteAll() const {
  return "DELETE FROM " + table_ + " WHERE owner = " + owner_;
}

std::string SplitNotes::Insert(const std::vector<Split>& splits, std::size_t first,
                               std::size_t last) const {
  std::string insert =
      "INSERT INTO " + table_ + " (owner, split, lineage, turn, ended, place) VALUES ";
  for (std::size_t i = first; i < last; ++i) {
    insert += (i == first ? "(" : ", (") + owner_ + ", " + DigestOf(splits[i]) + ", " + lineage_ +
              ", " + std::to_string(i) + ", 0, " + PlaceOf(splits[i]) + ")";
  }
  return insert;
}

std::string SplitNotes::SelectOne(const Split& split) const {
  return "SELECT ended, place FROM " + table_ + " WHERE owner = " + owner_ +
         " AND split = " + DigestOf(split) + " AND lineage = " + lineage_ +
         std::string(dialect_.for_update());
}

std::string SplitNotes::Update(const Split& split, SplitWriter::Reached reached) const {
  return "UPDATE " + table_ +
         " SET ended = " + (reached == SplitWriter::Reached::kEnd ? "1" : "0") +
         ", place = " + PlaceOf(split) + " WHERE owner = " + owner_ +
         " AND split = " + DigestOf(split);
}

base::Result<KeptSplit> SplitNotes::Read(const TextRow& row) const {
  KeptSplit kept;
  const std::string place = FromHex(row.at(1));
  StateReader in(place);
  kept.split.id = in.Text();
  kept.split.position.version = static_cast<std::uint16_t>(in.Number());
  kept.split.position.bytes = in.Text();
  if (!in.done() || !row.at(0)) {
    return base::Error(base::ErrorCode::kSnapshotInvalid,
                       "a row of " + table_ + " does not say how far a part was read");
  }
  kept.ended = *row.at(0) != "0";
  return kept;
}

namespace {

class SqlSplitLedger final : public SplitLedger, public OverwritingLedger {
 public:
  SqlSplitLedger(const SinkPlan& plan, const SplitOwner& owner)
      : plan_(plan),
        dialect_(plan.database->dialect()),
        notes_(dialect_, plan.staging_schema, owner) {}

  base::Result<std::optional<std::vector<KeptSplit>>> Read() override {
    SP_TRY(Connect());
    const auto tables =
        SP_TRY(session_->TablesLike(plan_.staging_schema, std::string(kSplitTable)));
    if (std::ranges::find(tables, kSplitTable) == tables.end()) {
      return std::optional<std::vector<KeptSplit>>();
    }
    std::vector<KeptSplit> kept;
    for (const TextRow& row : SP_TRY(session_->Query(notes_.SelectAll()))) {
      kept.push_back(SP_TRY(notes_.Read(row)));
    }
    return kept.empty() ? std::nullopt : std::optional(std::move(kept));
  }

  base::Status Plan(const std::vector<Split>& splits) override { return Note(splits, ""); }
  base::Status PlanEmptied(const std::vector<Split>& splits) override {
    SP_TRY(Connect());
    SP_TRY(session_->RequireTransactions(plan_.target));
    return Note(splits, EmptyStatement());
  }
  std::string EmptyStatement() const override {
    return dialect_.Empty(dialect_.Quote(plan_.target));
  }

 private:
  /// `first`: what is a part of the same transaction; may be empty.
  base::Status Note(const std::vector<Split>& splits, const std::string& first) {
    SP_TRY(Connect());
    SP_TRY(session_->Execute(notes_.CreateTable()));
    SP_TRY(session_->Execute(dialect_.Begin()));
    if (!first.empty()) {
      SP_TRY(session_->Execute(first));
    }
    SP_TRY(session_->Execute(notes_.DeleteAll()));
    for (std::size_t at = 0; at < splits.size(); at += kInsertedAtOnce) {
      SP_TRY(session_->Execute(
          notes_.Insert(splits, at, std::min(at + kInsertedAtOnce, splits.size()))));
    }
    return session_->Execute("COMMIT");
  }

  base::Status Connect() {
    if (!session_) {
      session_ = SP_TRY(plan_.database->Connect());
    }
    return base::Ok();
  }

  const SinkPlan& plan_;
  const Dialect& dialect_;
  const SplitNotes notes_;
  std::unique_ptr<Session> session_;
};

}  // namespace

std::unique_ptr<SplitLedger> MakeSqlSplitLedger(const SinkPlan& plan, const SplitOwner& owner) {
  return std::make_unique<SqlSplitLedger>(plan, owner);
}

}  // namespace streampark::connectors::sql
