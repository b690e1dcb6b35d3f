// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "streampark/base/clock.h"
#include "streampark/objects/location.h"
#include "streampark/objects/object_folder.h"

namespace streampark::objects {

/// How a store of objects that speaks S3 is reached. What is empty comes from the environment as AWS's own tools read it, see
/// WithEnvironment.
struct S3Options {
  /// That speaks S3; loaded when a location asks for it.
  std::filesystem::path library;
  std::string endpoint;  // http[s]://host[:port]; empty: AWS's of the region
  std::string region;
  std::string access_key_id, secret_access_key, session_token;
  /// Whether the bucket stands in the path or in the host's name; absent: in the path where there is an endpoint of one's own, or the
  /// bucket's name has dots.
  std::optional<bool> path_style;
  std::filesystem::path ca_file;  // empty: the system's
  base::Millis deadline{30'000};  // of one request
  base::Millis patience{60'000};  // for trying again what may go well the next time
  base::Millis lease{30'000};     // a claim that nobody has renewed for so long is over
  std::size_t part_bytes = std::size_t{8} << 20U;
};

/// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN where there is no key yet; AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL,
/// AWS_REGION, AWS_DEFAULT_REGION (else us-east-1), AWS_CA_BUNDLE each where nothing is said.
S3Options WithEnvironment(S3Options options);

/// The library that comes with this program.
std::filesystem::path S3Library();

/// A folder of this machine, or the library's. After `stop` its calls fail with CANCELLED. VALIDATION_FAILED for options that are wrong or
/// missing; nothing is asked of a server yet.
base::Result<std::unique_ptr<ObjectFolder>> OpenFolder(const Location& location,
                                                       const S3Options& options,
                                                       std::stop_token stop = {});

}  // namespace streampark::objects
