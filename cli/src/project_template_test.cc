// SPDX-License-Identifier: Apache-2.0
#include "project_template.h"

#include <gtest/gtest.h>

namespace streampark::cli {
namespace {

TEST(ProjectNames, AreMadeOfWords) {
  const auto names = ProjectNames::Of("carrier-delays2").value();
  EXPECT_EQ(names.target, "carrier_delays2");
  EXPECT_EQ(names.job, "CarrierDelays2");
  EXPECT_EQ(names.PutInto("@JOB@ of @NAME@: @TARGET@@TARGET@"),
            "CarrierDelays2 of carrier-delays2: carrier_delays2carrier_delays2");
  for (const char* wrong : {"", "-a", "a-", "a--b", "A", "a_b", "a/b", "../x", "2a", "a-2b"}) {
    EXPECT_FALSE(ProjectNames::Of(wrong).ok()) << wrong;
  }
}

TEST(CppTemplate, HasTheFilesOfAProject) {
  bool job = false;
  for (const TemplateFile& file : CppTemplate()) {
    EXPECT_FALSE(file.text.empty()) << file.path;
    job |= file.path == "src/@TARGET@.cc";
  }
  EXPECT_TRUE(job);
}

}  // namespace
}  // namespace streampark::cli
