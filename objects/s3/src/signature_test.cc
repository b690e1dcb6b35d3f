// SPDX-License-Identifier: Apache-2.0
#include "signature.h"

#include <gtest/gtest.h>

#include "streampark/base/digest.h"

/// The examples of AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
namespace streampark::objects::s3 {
namespace {

const Credentials kExample{.access_key_id = "AKIAIOSFODNN7EXAMPLE",
                           .secret_access_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
                           .session_token = ""};
const auto kAt = base::ParseTimestamp("2013-05-24T00:00:00Z").value();
constexpr const char* kHost = "examplebucket.s3.amazonaws.com";
const std::string kEmpty = base::Sha256Hex("");

std::string SignatureOf(const Signed& request) {
  const auto text = Authorization(request, kExample, "us-east-1", kAt);
  return text.substr(text.rfind('=') + 1);
}

TEST(SignatureTest, GetsARangeOfAnObject) {
  const Signed request{.method = "GET",
                       .path = "/test.txt",
                       .query = {},
                       .headers = {{"host", kHost},
                                   {"range", "bytes=0-9"},
                                   {"x-amz-content-sha256", kEmpty},
                                   {"x-amz-date", "20130524T000000Z"}},
                       .payload_hash = kEmpty};
  EXPECT_EQ(Authorization(request, kExample, "us-east-1", kAt),
            "AWS4-HMAC-SHA256 "
            "Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
            "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,"
            "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
}

TEST(SignatureTest, PutsAnObject) {
  const std::string hash = base::Sha256Hex("Welcome to Amazon S3.");
  EXPECT_EQ(SignatureOf({.method = "PUT",
                         .path = "/test%24file.text",
                         .query = {},
                         .headers = {{"date", "Fri, 24 May 2013 00:00:00 GMT"},
                                     {"host", kHost},
                                     {"x-amz-content-sha256", hash},
                                     {"x-amz-date", "20130524T000000Z"},
                                     {"x-amz-storage-class", "REDUCED_REDUNDANCY"}},
                         .payload_hash = hash}),
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
}

TEST(SignatureTest, AsksForWhatHasNoValue) {
  EXPECT_EQ(SignatureOf({.method = "GET",
                         .path = "/",
                         .query = {{"lifecycle", ""}},
                         .headers = {{"host", kHost},
                                     {"x-amz-content-sha256", kEmpty},
                                     {"x-amz-date", "20130524T000000Z"}},
                         .payload_hash = kEmpty}),
            "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
}

TEST(SignatureTest, ListsObjects) {
  EXPECT_EQ(SignatureOf({.method = "GET",
                         .path = "/",
                         .query = {{"prefix", "J"}, {"max-keys", "2"}},
                         .headers = {{"x-amz-date", "20130524T000000Z"},
                                     {"x-amz-content-sha256", kEmpty},
                                     {"host", kHost}},
                         .payload_hash = kEmpty}),
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

TEST(SignatureTest, QueriesAreEncodedAndInOrder) {
  EXPECT_EQ(CanonicalQuery({{"uploadId", "a+b/c=="}, {"partNumber", "10"}, {"uploads", ""}}),
            "partNumber=10&uploadId=a%2Bb%2Fc%3D%3D&uploads=");
  EXPECT_EQ(CanonicalQuery({{"prefix", "a b~ü"}}), "prefix=a%20b~%C3%BC");
  EXPECT_EQ(CanonicalQuery({}), "");
}

TEST(SignatureTest, MomentsAreInUtc) { EXPECT_EQ(AmzDate(kAt), "20130524T000000Z"); }

}  // namespace
}  // namespace streampark::objects::s3
