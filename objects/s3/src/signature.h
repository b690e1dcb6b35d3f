// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "streampark/base/clock.h"

namespace streampark::objects::s3 {

struct Credentials {
  std::string access_key_id;
  std::string secret_access_key;
  std::string session_token;  // may be empty
};

using Pairs = std::vector<std::pair<std::string, std::string>>;

/// What is signed of a request. Header names are in lower case; `host` and all that is sent and begins with `x-amz-` must be among them.
struct Signed {
  std::string method;
  std::string path;  // percent-encoded
  Pairs query;       // not encoded
  Pairs headers;
  std::string payload_hash;  // SHA-256 in hex
};

/// The query as it is sent and signed: encoded, and in order.
std::string CanonicalQuery(const Pairs& query);

/// The value of the header Authorization: AWS Signature Version 4 of the service s3, at a moment that the header x-amz-date says too
/// (AmzDate). https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
std::string Authorization(const Signed& request, const Credentials& credentials,
                          std::string_view region, base::Timestamp at);

/// 20130524T000000Z
std::string AmzDate(base::Timestamp at);

}  // namespace streampark::objects::s3
