// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/base/clock.h"
#include "streampark/base/http_client.h"
#include "streampark/base/result.h"

#include "s3_answers.h"
#include "signature.h"

namespace streampark::objects::s3 {

struct S3Settings {
  std::string bucket;
  std::string endpoint;  // http[s]://host[:port]
  std::string region;
  Credentials credentials;
  std::string ca_file;
  enum class Bucket : std::uint8_t { kInHost, kInPath } where = Bucket::kInPath;
  base::Millis deadline{30'000};
  base::Millis patience{60'000};
};

/// The requests of one bucket: signed, tried again with growing pauses while that may help and `patience` lasts, and errors that say what to
/// mend. Thread-safe.
class S3Client {
 public:
  struct Request {
    std::string method = "GET";
    std::string key = {};  // empty: the bucket's own
    Pairs query = {};
    Pairs headers = {};  // names in lower case
    std::string_view body = {};
    /// Answers that are none of success, and are given back all the same.
    std::vector<int> expected = {};
    /// For trying again, where it is not the settings'.
    std::optional<base::Millis> patience = {};
  };

  S3Client(S3Settings settings, const base::Clock& clock);

  /// After `stop`, which may come while one waits, calls fail with CANCELLED.
  base::Result<base::HttpResponse> Send(const Request& request, const std::stop_token& stop);
  /// An object's bytes in order, as long as it is the same object. An error of `take` ends it. NOT_FOUND.
  base::Status Download(const std::string& key,
                        const std::function<base::Status(std::string_view)>& take,
                        const std::stop_token& stop);
  /// What a refusal means.
  base::Error ErrorOf(const Request& request, const base::HttpResponse& response) const;
  /// For people: s3://bucket/key.
  std::string NameOf(const std::string& key) const {
    return "s3://" + settings_.bucket + "/" + key;
  }
  const S3Settings& settings() const { return settings_; }

 private:
  base::HttpRequest Signed(const Request& request) const;

  const S3Settings settings_;
  const base::Clock& clock_;
  std::string origin_;       // scheme and authority of the URL
  std::string host_;         // the header
  std::string path_prefix_;  // with the bucket, where it is in the path
  /// Each keeps two connections for the next request: together they have enough for all threads that send.
  std::vector<std::unique_ptr<base::HttpClient>> http_;
  std::atomic<std::size_t> next_ = 0;
};

/// A pause before each new try, longer each time and never quite the same; false when patience is at its end, or at `stop`.
class Patience {
 public:
  explicit Patience(base::Millis whole);
  bool Wait(const std::stop_token& stop);
  int tries() const { return tries_; }
  base::Millis spent() const;

 private:
  const base::SteadyTime begun_;
  const base::Millis whole_;
  base::Millis pause_;
  int tries_ = 1;
};

}  // namespace streampark::objects::s3
