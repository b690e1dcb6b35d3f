// SPDX-License-Identifier: Apache-2.0
#include "testing/capture_test.h"

#include "log_place.h"

namespace streampark::connectors::postgres::testing {

using namespace std::chrono_literals;

CaptureTest::~CaptureTest() {
  Close();
  Sql("DROP PUBLICATION IF EXISTS " + name_ +
      "; SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = '" +
      name_ + "'");
}

Given CaptureTest::Options(const Given& more) const {
  Given given = more;
  given.insert({{"url", url_},
                {"mode", "changes"},
                {"slot", name_},
                {"slot.create", "true"},
                {"publication.create", "true"}});
  if (!given.contains("tables")) {
    given.insert({"table", "t"});
  }
  return given;
}

std::string CaptureTest::Refusal(const Given& more, const SchemaPtr& schema) const {
  return connectors::testing::SourceRefusal(*connector_, Options(more), schema);
}

void CaptureTest::Open(const Given& more, const SchemaPtr& schema) {
  Close();
  source_ = connectors::testing::SourceOf(*connector_, Options(more), schema);
  auto found = source_->MakeEnumerator(std::nullopt).value()->Discover({});
  ASSERT_TRUE(found.ok()) << found.error().ToString();
  ASSERT_EQ(found->splits.size(), 1U);
  reader_ = source_->MakeReader(0).value();
  ASSERT_TRUE(reader_->Add(found->splits).ok());
}

void CaptureTest::GoOn(const std::vector<Split>& places, const Given& more,
                       const SchemaPtr& schema) {
  Close();
  source_ = connectors::testing::SourceOf(*connector_, Options(more), schema);
  reader_ = source_->MakeReader(0).value();
  ASSERT_TRUE(reader_->Add(places).ok());
}

void CaptureTest::Close() {
  reader_.reset();
  source_.reset();
  const auto session = SessionAt(url_);
  while (!session
              ->Query("SELECT 1 FROM pg_replication_slots WHERE active AND slot_name = '" + name_ +
                      "'")
              .value()
              .empty()) {
  }
}

bool CaptureTest::ReadOnce(Strings& rows) {
  auto read = reader_->Read(10ms);
  if (!read.ok()) {
    ADD_FAILURE() << read.error().ToString();
    return false;
  }
  for (const auto& record : read->dirty) {
    dirty.push_back(record.reason + " | " + record.bytes);
  }
  if (read->batch) {
    connectors::testing::AddRows(*read->batch, rows);
    reader_->Recycle(std::move(read->batch));
  }
  return true;
}

Strings CaptureTest::Next(std::size_t count) {
  Strings rows;
  while (rows.size() < count && ReadOnce(rows)) {
  }
  return rows;
}

std::string CaptureTest::NextError() {
  for (;;) {
    auto read = reader_->Read(10s);
    if (!read.ok()) {
      return read.error().ToString();
    }
  }
}

Strings CaptureTest::ReadAll() {
  const Lsn end = Lsn::Parse(Ask("SELECT pg_current_wal_flush_lsn()")).value();
  Strings rows;
  while (LogPlace::From(reader_->Snapshot().at(0).position)->behind < end && ReadOnce(rows)) {
  }
  return rows;
}

void CaptureTest::Acknowledge() {
  const auto told = reader_->Acknowledge(reader_->Snapshot());
  EXPECT_TRUE(told.ok()) << told.error().ToString();
}

}  // namespace streampark::connectors::postgres::testing
