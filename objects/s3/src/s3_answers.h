// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "streampark/base/clock.h"
#include "streampark/base/result.h"

/// What a store says, in XML.
namespace streampark::objects::s3 {

/// Of a request that was refused; empty where the store does not say.
struct Refusal {
  std::string code;
  std::string message;
  std::string region;  // the bucket's
};
/// Never fails: what is no such answer is an empty one.
Refusal ReadRefusal(std::string_view xml);

struct Listing {
  std::vector<std::string> keys;
  std::string next;  // continuation token; empty at the end
};
/// ENGINE_ERROR.
base::Result<Listing> ReadListing(std::string_view xml);

struct Uploads {
  struct Upload {
    std::string key;
    std::string id;
  };
  std::vector<Upload> uploads;
  bool truncated = false;
  std::string next_key, next_id;  // markers
};
base::Result<Uploads> ReadUploads(std::string_view xml);

base::Result<std::string> ReadUploadId(std::string_view xml);

/// What DeleteObjects could not delete: absent when there is nothing.
base::Result<std::optional<Refusal>> ReadDeleted(std::string_view xml);

/// Bodies of requests.
std::string DeletionXml(const std::vector<std::string>& keys);
std::string CompletionXml(const std::vector<std::string>& etags);

/// `Wed, 21 Oct 2015 07:28:00 GMT`.
std::optional<base::Timestamp> ReadHttpDate(std::string_view text);

}  // namespace streampark::objects::s3
