// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "streampark/connectors/postgres.h"
#include "streampark/connectors/testing/rows.h"

#include "testing/postgres_server.h"

namespace streampark::connectors::postgres::testing {

using connectors::testing::Given;
using connectors::testing::Strings;

/// A schema, and a slot and a publication with its name, which go with the test.
class CaptureTest : public ::testing::Test {
 protected:
  ~CaptureTest() override;

  const std::string& url() const { return url_; }
  const std::string& name() const { return name_; }
  const Connector& connector() const { return *connector_; }
  void Sql(const std::string& statements) const { Execute(url_, statements); }
  std::string Ask(const std::string& query) const { return RowsAt(url_, query).at(0); }

  /// Options that make what is missing, of the table `t`.
  Given Options(const Given& more = {}) const;
  std::string Refusal(const Given& more = {}, const SchemaPtr& schema = nullptr) const;
  /// A source that reads from now on, in the place of the one before.
  void Open(const Given& more = {}, const SchemaPtr& schema = nullptr);
  /// A source whose reader goes on from a place.
  void GoOn(const std::vector<Split>& places, const Given& more = {},
            const SchemaPtr& schema = nullptr);
  /// Lets go of the reader; the server knows it when this returns.
  void Close();

  Source& source() { return *source_; }
  SplitReader& reader() { return *reader_; }
  std::vector<Split> Places() { return reader_->Snapshot(); }
  /// Reads until there are `count` rows more; dirty records are told to `dirty`.
  Strings Next(std::size_t count);
  /// Reads until it fails; the error as text.
  std::string NextError();
  /// Reads until all is read that was committed by now, and gives the rows.
  Strings ReadAll();
  void Acknowledge();

  Strings dirty;

 private:
  bool ReadOnce(Strings& rows);

  const std::string url_ = PostgresServer::Get().NewSchema();
  const std::string name_ = PostgresServer::SchemaOf(url_);
  const std::unique_ptr<Connector> connector_ = MakePostgresConnector();
  std::unique_ptr<Source> source_;
  std::unique_ptr<SplitReader> reader_;
};

}  // namespace streampark::connectors::postgres::testing
