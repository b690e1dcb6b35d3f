// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/connectors/connector.h"

namespace streampark::testing {

/// What a test sends and receives, for all lives of its job. Thread-safe.
class Traffic {
 public:
  struct Item {
    std::shared_ptr<const connectors::Batch> rows;  // null: a watermark
    std::optional<base::Timestamp> watermark;
  };

  // The test's side. False when the job has no such source.
  bool Send(std::string_view alias, Item item);
  bool End(std::string_view alias);
  void SendToAll(const Item& item);
  /// Until the readers have given all that was sent, or `patience` has passed; false then.
  bool AwaitRead(std::chrono::milliseconds patience);
  std::vector<std::string> sources() const;
  std::vector<std::string> sinks() const;
  std::vector<std::shared_ptr<const connectors::Batch>> Received(std::string_view alias) const;

  void AddSource(const std::string& alias);
  void AddSink(const std::string& alias);

  // The job's side.
  /// A reader has come to this item of the source, or goes back to it after a restore.
  void MoveTo(const std::string& alias, std::size_t next);
  struct Next {
    std::optional<Item> item;
    bool ended = false;
  };
  /// The item at `next`; waits for one until `patience` has passed or WakeUp is called.
  Next Read(const std::string& alias, std::size_t next, std::chrono::milliseconds patience);
  void WakeUp();
  void Receive(const std::string& alias, const connectors::Batch& batch);

 private:
  struct OfSource {
    std::vector<Item> items;
    std::size_t read = 0;
    bool ended = false;
  };

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t wake_ups_ = 0;
  std::map<std::string, OfSource, std::less<>> sources_;
  std::map<std::string, std::vector<std::shared_ptr<const connectors::Batch>>, std::less<>> sinks_;
};

/// A connector whose sources and sinks are the traffic. A source has one split, `all`, with the number of its next item as position.
std::unique_ptr<connectors::Connector> MakeStandIn(Traffic& traffic);

}  // namespace streampark::testing
