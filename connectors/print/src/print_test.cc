// SPDX-License-Identifier: Apache-2.0
#include "streampark/connectors/print.h"

#include <fstream>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "streampark/base/temporary_folder.h"
#include "streampark/connectors/testing/sink_contract.h"

namespace streampark::connectors {
namespace {

using connectors::testing::Given;
using connectors::testing::NumberedRows;
using connectors::testing::SchemaOf;
using connectors::testing::SinkOf;
using connectors::testing::Strings;

/// Turns this process's standard error into a file for as long as it lives.
class CapturedErrors {
 public:
  CapturedErrors() : before_(::dup(STDERR_FILENO)) {
    const int file = ::open(path().c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    ::dup2(file, STDERR_FILENO);
    ::close(file);
  }
  CapturedErrors(const CapturedErrors&) = delete;
  CapturedErrors& operator=(const CapturedErrors&) = delete;
  ~CapturedErrors() {
    ::dup2(before_, STDERR_FILENO);
    ::close(before_);
  }
  Strings lines() const {
    std::ifstream in(path());
    Strings lines;
    for (std::string line; std::getline(in, line);) {
      lines.push_back(line);
    }
    return lines;
  }

 private:
  std::string path() const { return folder_.path() / "stderr"; }

  base::TemporaryFolder folder_ = base::TemporaryFolder::Create().value();
  const int before_;
};

class PrintUnderTest final : public connectors::testing::SinkUnderTest {
 public:
  const Connector& connector() const override { return *connector_; }
  SchemaPtr schema() const override { return SchemaOf("n BIGINT NOT NULL, name STRING"); }
  Given options() const override { return {{"to", "stderr"}}; }
  Strings Visible() override { return captured_.lines(); }
  Strings Staged() override { return {}; }

 private:
  std::unique_ptr<Connector> connector_ = MakePrintConnector();
  CapturedErrors captured_;
};

TEST(Print, SaysWhichSubtaskItWas) {
  PrintUnderTest print;
  const auto sink =
      SinkOf(print.connector(), {{"to", "stderr"}, {"prefix", "{subtask}> "}}, print.schema());
  ASSERT_TRUE(
      sink->MakeWriter({"l", "s", 7}, "").value()->Write(*NumberedRows(print.schema(), 3, 2)).ok());
  EXPECT_EQ(print.Visible(), (Strings{"7> +I(3, 'row 3')", "7> +I(4, NULL)"}));
}

}  // namespace
}  // namespace streampark::connectors

SP_SINK_CONTRACT(Print, [] { return std::make_unique<streampark::connectors::PrintUnderTest>(); });
