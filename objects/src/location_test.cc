// SPDX-License-Identifier: Apache-2.0
#include "streampark/objects/location.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace streampark::objects {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(LocationTest, AFolderOfThisMachineIsAPath) {
  const Location location = Location::Parse("/var/checkpoints").value();
  EXPECT_TRUE(location.local());
  EXPECT_EQ(location.folder(), "/var/checkpoints");
  EXPECT_EQ((location / "orders").text(), "/var/checkpoints/orders");
  EXPECT_EQ((location / "orders").parent(), location);
  EXPECT_EQ((location / "orders").name(), "orders");
  EXPECT_TRUE(Location().empty());
  EXPECT_TRUE(Location().local());
}

TEST(LocationTest, APlaceInABucketHasABucketAndAPrefix) {
  const Location location = Location::Parse("s3://flights/prod/jobs/").value();
  EXPECT_FALSE(location.local());
  EXPECT_EQ(location.bucket(), "flights");
  EXPECT_EQ(location.prefix(), "prod/jobs");
  EXPECT_EQ((location / "chk-7").text(), "s3://flights/prod/jobs/chk-7");
  EXPECT_EQ((location / "chk-7").parent(), location);
  EXPECT_EQ((location / "chk-7").name(), "chk-7");
  EXPECT_EQ(Location("s3://flights").prefix(), "");
  EXPECT_EQ((Location("s3://flights") / "a").prefix(), "a");
}

TEST(LocationTest, WhatPeopleNameStaysBelow) {
  const Location bucket("s3://flights/prod");
  EXPECT_EQ(bucket.Below("a job").value().text(), "s3://flights/prod/a job");
  for (const char* name : {"..", "a/../../b", "/a", "", "a//b", "a\nb"}) {
    EXPECT_EQ(bucket.Below(name).error().code(), base::ErrorCode::kInvalidRequest) << name;
    EXPECT_FALSE(Location("/var").Below(name).ok() && std::string(name) != "a//b" &&
                 std::string(name) != "a\nb")
        << name;
  }
}

TEST(LocationTest, OtherPlacesAreRefusedWithoutTellingSecrets) {
  EXPECT_THAT(Location::Parse("hdfs://name/x").error().ToString(), HasSubstr("s3://BUCKET/PREFIX"));
  EXPECT_THAT(Location::Parse("s3a://name/x").error().ToString(), HasSubstr("s3a://"));
  const auto secret = Location::Parse("s3://id:hunter2@bucket/x").error().ToString();
  EXPECT_THAT(secret, Not(HasSubstr("hunter2")));
  EXPECT_THAT(secret, HasSubstr("password"));
  for (const char* text : {"s3://", "s3://ab", "s3:///x", "s3://bucket/a/../b", "s3://buc ket/x",
                           "s3://bucket/a//b"}) {
    EXPECT_EQ(Location::Parse(text).error().code(), base::ErrorCode::kValidationFailed) << text;
  }
}

}  // namespace
}  // namespace streampark::objects
