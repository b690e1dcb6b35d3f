// SPDX-License-Identifier: Apache-2.0
#include "streampark/objects/open_folder.h"

#include <cstdlib>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace streampark::objects {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

S3Options WithKeys() {
  return {.library = "/nowhere/lib.so",
          .endpoint = "http://127.0.0.1:1",
          .access_key_id = "id",
          .secret_access_key = "hunter2"};
}

TEST(OpenFolderTest, ALocalFolderNeedsNoOptions) {
  EXPECT_TRUE(OpenFolder(Location("/tmp/never-made"), {}).ok());
}

TEST(OpenFolderTest, ABucketNeedsKeysALibraryAndAnAddress) {
  const Location bucket("s3://bucket/x");
  EXPECT_THAT(OpenFolder(bucket, {}).error().ToString(), HasSubstr("AWS_ACCESS_KEY_ID"));
  auto options = WithKeys();
  options.library.clear();
  EXPECT_THAT(OpenFolder(bucket, options).error().ToString(), HasSubstr("native.s3.library"));
  options = WithKeys();
  EXPECT_EQ(OpenFolder(bucket, options).error().code(), base::ErrorCode::kNotFound);
  for (const char* endpoint : {"127.0.0.1:9000", "ftp://host", "http://", "http://me:hunter2@host",
                               "https://host?key=hunter2"}) {
    options.endpoint = endpoint;
    const auto refused = OpenFolder(bucket, options).error();
    EXPECT_EQ(refused.code(), base::ErrorCode::kValidationFailed) << endpoint;
    EXPECT_THAT(refused.ToString(), Not(HasSubstr("hunter2")));
  }
}

TEST(OpenFolderTest, TheEnvironmentSaysWhatOptionsDoNot) {
  for (const auto& [name, value] :
       {std::pair("AWS_ACCESS_KEY_ID", "env-id"), std::pair("AWS_SECRET_ACCESS_KEY", "env-secret"),
        std::pair("AWS_SESSION_TOKEN", "env-token"),
        std::pair("AWS_ENDPOINT_URL", "https://env.example"),
        std::pair("AWS_DEFAULT_REGION", "eu-central-1")}) {
    ::setenv(name, value, 1);
  }
  const auto all = WithEnvironment({});
  EXPECT_EQ(all.access_key_id, "env-id");
  EXPECT_EQ(all.secret_access_key, "env-secret");
  EXPECT_EQ(all.session_token, "env-token");
  EXPECT_EQ(all.endpoint, "https://env.example");
  EXPECT_EQ(all.region, "eu-central-1");
  // The token of other keys is none of these.
  const auto own = WithEnvironment(WithKeys());
  EXPECT_EQ(own.access_key_id, "id");
  EXPECT_EQ(own.session_token, "");
  EXPECT_EQ(own.endpoint, "http://127.0.0.1:1");
  for (const char* name : {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
                           "AWS_ENDPOINT_URL", "AWS_DEFAULT_REGION"}) {
    ::unsetenv(name);
  }
  EXPECT_EQ(WithEnvironment({}).region, "us-east-1");
}

}  // namespace
}  // namespace streampark::objects
