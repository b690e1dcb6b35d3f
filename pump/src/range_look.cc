// SPDX-License-Identifier: Apache-2.0
#include "range_look.h"

#include <algorithm>
#include <utility>

namespace streampark::pump {
namespace {

using connectors::Batch;
using connectors::Column;
using connectors::TypeKind;

/// Of each side, that are kept to name what differs.
constexpr std::int64_t kMostKept = 20'000;
constexpr std::size_t kLongestShown = 256;

std::string Shown(const Column& column, std::int64_t row) {
  std::string text = column.type.kind() == TypeKind::kString && !column.null(row)
                         ? std::string(column.text(row))
                         : DebugText(column, row);
  if (text.size() > kLongestShown) {
    std::size_t end = kLongestShown;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) {
      --end;  // not within a character
    }
    text.replace(end, std::string::npos, "…");
  }
  return text;
}

std::size_t Index(Side side) { return static_cast<std::size_t>(side); }

}  // namespace

struct RangeLook::Rows {
  std::array<RowSum, kSides> sums;
  /// Of one of the rows on each side: the hash of each value, and the value when it is shown.
  std::array<std::vector<std::uint64_t>, kSides> values;
  std::array<std::vector<std::string>, kSides> shown;
  std::vector<RowDifference::Value> key;
  std::optional<std::string> row;

  void Add(Rows&& other) {
    for (std::size_t side = 0; side < kSides; ++side) {
      sums[side].Add(other.sums[side]);
      if (!other.values[side].empty()) {
        values[side] = std::move(other.values[side]);
        shown[side] = std::move(other.shown[side]);
      }
    }
  }
};

struct RangeLook::Found {
  Side side = Side::kSource;
  RowBuckets sums;
  std::int64_t unreadable = 0;
  ByName by_name;
  // Of the row that is looked at.
  std::string encoded;
  std::vector<std::size_t> ends;
};

RangeLook::RangeLook(const ComparedTable& table, const RowHash& hash, connectors::KeyRange range,
                     std::vector<Part> parts, std::size_t buckets, VerifyOptions::Show show)
    : table_(table),
      hash_(hash),
      range_(std::move(range)),
      parts_(std::move(parts)),
      buckets_(buckets),
      show_(show),
      phase_(table.first_form() == RowForm::kCopied ? Phase::kCopied : Phase::kBuckets),
      left_(parts_.size()) {}

RangeLook::~RangeLook() = default;

void RangeLook::DeleteFound::operator()(Found* found) const { delete found; }

RangeLook::FoundPtr RangeLook::Begin(const Part& part) const {
  FoundPtr found(new Found());
  found->side = part.place.side;
  found->sums.resize(phase_ == Phase::kBuckets ? buckets_ : 1);
  return found;
}

void RangeLook::Add(const Batch& batch, Found& found) const {
  if (phase_ == Phase::kCopied) {
    for (std::int64_t row = 0; row < batch.length; ++row) {
      found.sums[0].Add(hash_(batch.columns[0].text(row)));
    }
    return;
  }
  const auto& canonical = table_.canonical();
  const std::size_t key = table_.key_columns();
  std::string& encoded = found.encoded;
  for (std::int64_t row = 0; row < batch.length; ++row) {
    encoded.clear();
    found.ends.clear();
    for (std::size_t i = 0; i < canonical.size(); ++i) {
      canonical[i].Append(batch.columns[i], row, encoded);
      found.ends.push_back(encoded.size());
    }
    const Hash128 whole = hash_(encoded);
    const Hash128 name =
        key == 0 ? whole : hash_(std::string_view(encoded).substr(0, found.ends[key - 1]));
    const std::size_t bucket = BucketOf(name, buckets_);
    if (phase_ == Phase::kBuckets) {
      found.sums[bucket].Add(whole);
      continue;
    }
    found.sums[0].Add(whole);
    if (!wanted_[bucket]) {
      continue;
    }
    Rows& rows = found.by_name[name];
    const std::size_t side = Index(found.side);
    const bool first = rows.sums[side].rows == 0;
    rows.sums[side].Add(whole);
    if (!first) {
      continue;
    }
    for (std::size_t i = 0; i < canonical.size() && key > 0; ++i) {
      const std::size_t begin = i == 0 ? 0 : found.ends[i - 1];
      const auto value = std::string_view(encoded).substr(begin, found.ends[i] - begin);
      rows.values[side].push_back(static_cast<std::uint64_t>(hash_(value)));
      if (show_ == VerifyOptions::Show::kValues) {
        rows.shown[side].push_back(Shown(batch.columns[i], row));
      }
    }
    for (std::size_t i = 0; i < key; ++i) {
      const Column& column = batch.columns[i];
      rows.key.push_back({table_.columns()[i], Shown(column, row),
                          column.type.kind() == TypeKind::kString && !column.null(row)});
    }
    if (key == 0 && show_ == VerifyOptions::Show::kValues) {
      rows.row.emplace();
      for (std::size_t i = 0; i < canonical.size(); ++i) {
        *rows.row += (i == 0 ? "" : ", ") + Shown(batch.columns[i], row);
      }
    }
  }
}

void RangeLook::AddUnreadable(std::int64_t rows, Found& found) { found.unreadable += rows; }

bool RangeLook::End(Found& found, Naming naming) {
  const std::lock_guard lock(mutex_);
  RowBuckets& sums = sums_[Index(found.side)];
  sums.resize(found.sums.size());
  for (std::size_t i = 0; i < sums.size(); ++i) {
    sums[i].Add(found.sums[i]);
  }
  unreadable_[Index(found.side)] += found.unreadable;
  if (!found.by_name.empty()) {
    by_name_ = by_name_ ? std::move(by_name_) : std::make_unique<ByName>();
    for (auto& [name, rows] : found.by_name) {
      const auto [at, added] = by_name_->try_emplace(name, std::move(rows));
      if (!added) {
        at->second.Add(std::move(rows));
      }
    }
  }
  if (--left_ > 0) {
    return false;
  }
  left_ = parts_.size();
  for (std::size_t side = 0; side < kSides; ++side) {
    sum_[side] = {};
    sums_[side].resize(std::max<std::size_t>(sums_[side].size(), 1));
    for (const RowSum& sum : sums_[side]) {
      sum_[side].Add(sum);
    }
  }
  const bool equal = sums_[0] == sums_[1];
  if (phase_ == Phase::kNaming) {
    NameDifferences();
    unnamed_ = unnamed_ || (differences_.empty() && !equal);  // it changes meanwhile
    phase_ = Phase::kDone;
  } else if (equal) {
    phase_ = Phase::kDone;
  } else if (phase_ == Phase::kCopied) {
    phase_ = Phase::kBuckets;
  } else {
    ChooseBuckets();
    const bool any = std::ranges::find(wanted_, true) != wanted_.end();
    unnamed_ = unnamed_ || naming == Naming::kNotWanted;
    phase_ = naming == Naming::kWanted && any ? Phase::kNaming : Phase::kDone;
  }
  sums_ = {};
  unreadable_ = phase_ == Phase::kDone ? unreadable_ : std::array<std::int64_t, kSides>{};
  return true;
}

/// Those that differ, as many as fit: what a bucket holds of one name on one side and not of it on the other is never known in part.
void RangeLook::ChooseBuckets() {
  wanted_.assign(buckets_, false);
  std::int64_t kept = 0;
  for (std::size_t i = 0; i < buckets_; ++i) {
    const RowSum& source = i < sums_[0].size() ? sums_[0][i] : RowSum{};
    const RowSum& target = i < sums_[1].size() ? sums_[1][i] : RowSum{};
    if (source == target) {
      continue;
    }
    const std::int64_t rows = std::max(source.rows, target.rows);
    wanted_[i] = kept + rows <= kMostKept;
    kept += wanted_[i] ? rows : 0;
    unnamed_ = unnamed_ || !wanted_[i];
  }
}

void RangeLook::NameDifferences() {
  if (!by_name_) {
    return;
  }
  const bool keyed = table_.key_columns() > 0;
  for (auto& [name, rows] : *by_name_) {
    const RowSum& source = rows.sums[0];
    const RowSum& target = rows.sums[1];
    if (source == target) {
      continue;
    }
    using Kind = RowDifference::Kind;
    RowDifference difference{.kind = target.rows == 0             ? Kind::kMissing
                                     : source.rows == 0           ? Kind::kExtra
                                     : source.rows == target.rows ? Kind::kDifferent
                                                                  : Kind::kRepeated,
                             .key = std::move(rows.key),
                             .source_rows = source.rows,
                             .target_rows = target.rows,
                             .columns = {},
                             .row = std::move(rows.row)};
    for (std::size_t i = 0; i < table_.columns().size() && keyed; ++i) {
      if (rows.values[0].empty() || rows.values[1].empty() ||
          rows.values[0][i] == rows.values[1][i]) {
        continue;
      }
      auto& column = difference.columns.emplace_back();
      column.name = table_.columns()[i];
      if (!rows.shown[0].empty() && !rows.shown[1].empty()) {
        column.source = rows.shown[0][i];
        column.target = rows.shown[1][i];
      }
    }
    differences_.push_back({name, std::move(difference)});
  }
  by_name_.reset();
  std::ranges::sort(differences_, {}, [](const NamedDifference& one) {
    std::string text;
    for (const auto& value : one.difference.key) {
      text += value.text + '\0';
    }
    return text;
  });
}

}  // namespace streampark::pump
