// SPDX-License-Identifier: Apache-2.0
#include "streampark/connectors/testing/source_contract.h"

#include <map>
#include <set>
#include <thread>

namespace streampark::connectors::testing {

using namespace std::chrono_literals;

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(SourceContract);

std::vector<Split> SourceContract::SplitsOf(Source& source) const {
  auto enumerator = source.MakeEnumerator(std::nullopt).value();
  return enumerator->Discover({}).value().splits;
}

Strings SourceContract::RowsFrom(std::vector<Split> splits) const {
  const auto source = Bounded();
  const auto reader = source->MakeReader(0).value();
  const std::size_t count = splits.size();
  const auto added = reader->Add(std::move(splits));
  EXPECT_TRUE(added.ok()) << added.error().ToString();
  return ReadToTheEnd(*reader, count);
}

namespace {

/// `count` rows of splits that may have no end, and what else comes with them.
Strings FirstRows(Source& source, const std::vector<Split>& splits, std::size_t count) {
  const auto reader = source.MakeReader(0).value();
  EXPECT_TRUE(reader->Add(splits).ok());
  Strings rows;
  while (rows.size() < count) {
    auto read = reader->Read(1s);
    if (!read.ok()) {
      ADD_FAILURE() << read.error().ToString();
      break;
    }
    if (read->batch) {
      AddRows(*read->batch, rows);
    }
  }
  return rows;
}

TEST_P(SourceContract, SaysWhatItIs) {
  EXPECT_TRUE(connector().capabilities().source);
  EXPECT_TRUE(connector().capabilities().replay);
  EXPECT_FALSE(connector().text().empty());
  EXPECT_EQ(Bounded()->boundedness(), Boundedness::kBounded);
  EXPECT_EQ(Make(under_test_->unbounded())->boundedness(), Boundedness::kUnbounded);
  EXPECT_EQ(*Bounded()->schema(), *under_test_->schema());
}

TEST_P(SourceContract, OptionsThatAreWrongAreNamed) {
  for (const auto& spec : connector().options().specs()) {
    EXPECT_FALSE(spec.text.empty()) << spec.name;
    Given given = under_test_->bounded();
    const auto refusal = [&] { return SourceRefusal(connector(), given, under_test_->schema()); };
    if (spec.kind != OptionKind::kString && spec.kind != OptionKind::kSecret &&
        spec.kind != OptionKind::kList) {
      given[spec.name] = "nonsense";
      EXPECT_NE(refusal().find("/" + spec.name + ": "), std::string::npos) << refusal();
    }
    if (spec.presence == OptionSpec::Presence::kRequired) {
      given.erase(spec.name);
      EXPECT_NE(refusal().find("/" + spec.name + ": "), std::string::npos) << refusal();
    }
  }
  Given given = under_test_->bounded();
  given["no-such-option"] = "1";
  EXPECT_NE(SourceRefusal(connector(), given, under_test_->schema()).find("/no-such-option: "),
            std::string::npos);
}

TEST_P(SourceContract, SplitsAreFoundOnce) {
  const auto source = Bounded();
  const auto enumerator = source->MakeEnumerator(std::nullopt).value();
  const std::string before = enumerator->Snapshot();
  const auto found = enumerator->Discover({}).value();
  EXPECT_TRUE(found.complete);
  ASSERT_GE(found.splits.size(), 3U);
  std::set<std::string> ids;
  for (const auto& split : found.splits) {
    EXPECT_TRUE(ids.insert(split.id).second) << split.id;
  }
  EXPECT_TRUE(enumerator->Discover({}).value().splits.empty());
  const auto restarted = Bounded();
  const auto told = restarted->MakeEnumerator(enumerator->Snapshot()).value();
  const auto again = told->Discover({}).value();
  EXPECT_TRUE(again.splits.empty());
  EXPECT_TRUE(again.complete);
  EXPECT_EQ(restarted->MakeEnumerator(before).value()->Discover({}).value().splits, found.splits);
}

TEST_P(SourceContract, AllRowsAreReadOnce) {
  EXPECT_EQ(Sorted(RowsFrom(SplitsOf(*Bounded()))), Sorted(under_test_->rows()));
}

TEST_P(SourceContract, ABatchIsOfOneSplitInHand) {
  const auto source = Bounded();
  const auto reader = source->MakeReader(0).value();
  const auto splits = SplitsOf(*source);
  std::set<std::string> in_hand;
  for (const auto& split : splits) {
    in_hand.insert(split.id);
  }
  ASSERT_TRUE(reader->Add(splits).ok());
  std::map<std::string, Strings> rows;
  while (!in_hand.empty()) {
    auto read = reader->Read(1s).value();
    if (read.batch) {
      EXPECT_EQ(*read.batch->schema, *source->schema());
      EXPECT_EQ(read.batch->columns.size(), source->schema()->fields().size());
      EXPECT_TRUE(in_hand.contains(read.split)) << read.split;
      AddRows(*read.batch, rows[read.split]);
    }
    for (const auto& ended : read.ended) {
      EXPECT_EQ(in_hand.erase(ended), 1U) << ended;
    }
    for (const auto& split : reader->Snapshot()) {
      EXPECT_TRUE(in_hand.contains(split.id)) << split.id;
    }
  }
  for (const auto& split : splits) {  // each by itself gives the same rows in the same order
    EXPECT_EQ(RowsFrom({split}), rows[split.id]) << split.id;
  }
}

TEST_P(SourceContract, EachPositionGoesOnAtTheNextRow) {
  const auto source = Bounded();
  const auto reader = source->MakeReader(0).value();
  ASSERT_TRUE(reader->Add(SplitsOf(*source)).ok());
  Strings so_far;
  int positions = 0;
  for (auto splits = reader->Snapshot(); !splits.empty(); splits = reader->Snapshot()) {
    EXPECT_EQ(reader->Snapshot(), splits);
    EXPECT_TRUE(reader->Acknowledge(splits).ok());
    Strings all = RowsFrom(splits);
    all.insert(all.end(), so_far.begin(), so_far.end());
    ASSERT_EQ(Sorted(std::move(all)), Sorted(under_test_->rows())) << "position " << positions;
    ++positions;
    auto read = reader->Read(1s).value();
    if (read.batch) {
      AddRows(*read.batch, so_far);
      reader->Recycle(std::move(read.batch));
    }
  }
  EXPECT_GT(positions, 6) << "the source under test gives its rows in too few batches";
}

TEST_P(SourceContract, SplitsInTheMiddleMoveToOtherReaders) {
  const auto source = Bounded();
  const auto reader = source->MakeReader(0).value();
  ASSERT_TRUE(reader->Add(SplitsOf(*source)).ok());
  Strings rows;
  for (int i = 0; i < 3; ++i) {
    auto read = reader->Read(1s).value();
    if (read.batch) {
      AddRows(*read.batch, rows);
    }
  }
  int subtask = 1;
  for (auto& split : reader->Snapshot()) {
    const auto other = source->MakeReader(subtask++).value();
    ASSERT_TRUE(other->Add({std::move(split)}).ok());
    const Strings more = ReadToTheEnd(*other, 1);
    rows.insert(rows.end(), more.begin(), more.end());
  }
  EXPECT_EQ(Sorted(std::move(rows)), Sorted(under_test_->rows()));
}

TEST_P(SourceContract, SplitsMayComeWhileOthersAreRead) {
  const auto source = Bounded();
  const auto reader = source->MakeReader(0).value();
  Strings rows;
  std::size_t in_hand = 0;
  for (const auto& split : SplitsOf(*source)) {
    ASSERT_TRUE(reader->Add({split}).ok());
    ++in_hand;
    auto read = reader->Read(1s).value();
    in_hand -= read.ended.size();
    if (read.batch) {
      AddRows(*read.batch, rows);
    }
  }
  const Strings more = ReadToTheEnd(*reader, in_hand);
  rows.insert(rows.end(), more.begin(), more.end());
  EXPECT_EQ(Sorted(std::move(rows)), Sorted(under_test_->rows()));
}

TEST_P(SourceContract, AReaderWithoutSplitsWaitsAndIsWoken) {
  const auto source = Bounded();
  const auto reader = source->MakeReader(0).value();
  const auto nothing = reader->Read(0ms).value();
  EXPECT_EQ(nothing.batch, nullptr);
  EXPECT_TRUE(nothing.ended.empty());
  reader->WakeUp();
  EXPECT_EQ(reader->Read(1h).value().batch, nullptr);  // the call was remembered
  std::jthread caller([&] { reader->WakeUp(); });
  EXPECT_EQ(reader->Read(1h).value().batch, nullptr);
}

TEST_P(SourceContract, AnUnboundedSourceFindsWhatComesLater) {
  const auto source = Make(under_test_->unbounded());
  auto enumerator = source->MakeEnumerator(std::nullopt).value();
  const auto first = enumerator->Discover({}).value();
  EXPECT_FALSE(first.complete);
  EXPECT_FALSE(first.splits.empty());
  EXPECT_TRUE(enumerator->Discover({}).value().splits.empty());
  const std::string snapshot = enumerator->Snapshot();
  const Strings grown = under_test_->Grow();
  EXPECT_TRUE(grown.empty() || source->discovery_interval());
  for (const auto& restored : {std::move(enumerator), source->MakeEnumerator(snapshot).value()}) {
    const auto found = restored->Discover({}).value();
    EXPECT_FALSE(found.complete);
    EXPECT_EQ(found.splits.empty(), grown.empty());
    EXPECT_EQ(Sorted(FirstRows(*source, found.splits, grown.size())), Sorted(grown));
    EXPECT_TRUE(restored->Discover({}).value().splits.empty());
  }
}

TEST_P(SourceContract, StateThatIsDamagedIsRefused) {
  const auto source = Bounded();
  const auto splits = SplitsOf(*source);
  const auto read = [&](Position position) {
    const auto reader = source->MakeReader(0).value();
    auto added = reader->Add({{splits[0].id, std::move(position)}});
    return added.ok() ? reader->Read(0ms).ok() : false;
  };
  EXPECT_TRUE(read(splits[0].position));
  Position later = splits[0].position;
  later.version = 999;
  EXPECT_FALSE(read(later)) << "of a version that is not known";
  EXPECT_FALSE(read({splits[0].position.version, ""}));
  EXPECT_FALSE(read({splits[0].position.version, "\xff\xfe"}));
  for (std::size_t i = 0; i < splits[0].position.bytes.size(); ++i) {
    Position changed = splits[0].position;
    changed.bytes[i] = static_cast<char>(changed.bytes[i] ^ 0x15);
    read(changed);  // may be another good one: nothing but an error or rows comes of it
    changed.bytes.resize(i);
    EXPECT_FALSE(read(changed)) << "cut to " << i << " bytes";
  }
  EXPECT_FALSE(source->MakeEnumerator("\xff\xfe").ok());
}

}  // namespace
}  // namespace streampark::connectors::testing
