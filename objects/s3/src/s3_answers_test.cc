// SPDX-License-Identifier: Apache-2.0
#include "s3_answers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace streampark::objects::s3 {
namespace {

using ::testing::ElementsAre;

TEST(S3AnswersTest, AListHasKeysAndWhereItGoesOn) {
  const auto listing = ReadListing(R"(<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name><IsTruncated>true</IsTruncated>
<Contents><Key>a&amp;b</Key><Size>3</Size></Contents><Contents><Key>c d</Key></Contents>
<NextContinuationToken>1ueGc==</NextContinuationToken></ListBucketResult>)")
                           .value();
  EXPECT_THAT(listing.keys, ElementsAre("a&b", "c d"));
  EXPECT_EQ(listing.next, "1ueGc==");
  EXPECT_THAT(ReadListing("<ListBucketResult/>").value().keys, ElementsAre());
}

TEST(S3AnswersTest, WhatIsNoAnswerIsAnError) {
  for (const char* text :
       {"", "<", "<html><body>502</body></html>", "<ListBucketResult>",
        "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>"}) {
    EXPECT_EQ(ReadListing(text).error().code(), base::ErrorCode::kEngineError) << text;
  }
  EXPECT_FALSE(ReadUploadId("<InitiateMultipartUploadResult/>").ok());
  EXPECT_EQ(ReadRefusal("gateway").code, "");
}

TEST(S3AnswersTest, ARefusalSaysWhyAndWhere) {
  const auto refusal = ReadRefusal(
      "<Error><Code>AuthorizationHeaderMalformed</Code><Message>the region is wrong</Message>"
      "<Region>eu-west-1</Region></Error>");
  EXPECT_EQ(refusal.code, "AuthorizationHeaderMalformed");
  EXPECT_EQ(refusal.message, "the region is wrong");
  EXPECT_EQ(refusal.region, "eu-west-1");
}

TEST(S3AnswersTest, UploadsThatAreUnderWay) {
  const auto uploads =
      ReadUploads(
          "<ListMultipartUploadsResult><IsTruncated>true</IsTruncated>"
          "<NextKeyMarker>k</NextKeyMarker><NextUploadIdMarker>i</NextUploadIdMarker>"
          "<Upload><Key>a</Key><UploadId>1</UploadId></Upload>"
          "<Upload><Key>b</Key><UploadId>2</UploadId></Upload>"
          "</ListMultipartUploadsResult>")
          .value();
  ASSERT_EQ(uploads.uploads.size(), 2U);
  EXPECT_EQ(uploads.uploads[1].key, "b");
  EXPECT_EQ(uploads.uploads[1].id, "2");
  EXPECT_TRUE(uploads.truncated);
  EXPECT_EQ(uploads.next_key, "k");
  EXPECT_EQ(uploads.next_id, "i");
}

TEST(S3AnswersTest, DeletionsTellOfWhatStayed) {
  EXPECT_FALSE(ReadDeleted("<DeleteResult/>").value());
  EXPECT_EQ(ReadDeleted(
                "<DeleteResult><Error><Key>a</Key><Code>AccessDenied</Code></Error></DeleteResult>")
                .value()
                ->code,
            "AccessDenied");
  EXPECT_THAT(DeletionXml({"a<b"}), ::testing::HasSubstr("<Key>a&lt;b</Key>"));
  EXPECT_THAT(CompletionXml({"\"e1\"", "e2"}),
              ::testing::HasSubstr("<PartNumber>2</PartNumber><ETag>e2</ETag>"));
}

TEST(S3AnswersTest, DatesOfHttp) {
  EXPECT_EQ(base::FormatTimestamp(ReadHttpDate("Wed, 21 Oct 2015 07:28:00 GMT").value()),
            "2015-10-21T07:28:00.000Z");
  EXPECT_FALSE(ReadHttpDate("yesterday"));
}

}  // namespace
}  // namespace streampark::objects::s3
