// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "streampark/connectors/sink.h"

#include "client.h"
#include "row_records.h"
#include "wire_settings.h"

namespace streampark::connectors::kafka {

struct SinkPlan {
  /// Where a row without a partition of its own goes.
  enum class Partitioner : std::uint8_t {
    kKey,         // as its key says, with Java's hash; without one, to any
    kFixed,       // all of a subtask to one
    kRoundRobin,  // to each in turn
  };

  Settings settings;
  std::string brokers;  // for errors
  std::string topic;
  ColumnPlan columns;
  RowRecords::Mode mode = RowRecords::Mode::kAppend;
  Partitioner partitioner = Partitioner::kKey;
  bool exactly_once = true;
  // Of transactions.
  WireSettings wire;
  std::string id_prefix;
  base::Millis transaction_timeout{0};
};

std::unique_ptr<Sink> MakeKafkaSink(SinkPlan plan);

}  // namespace streampark::connectors::kafka
