// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "streampark/connectors/connector.h"
#include "streampark/core/config.h"

namespace streampark::core {

class DirtyRecords;

/// A source that is made when it is first needed: describing a job connects to nothing. Thread-safe.
class LazySource {
 public:
  LazySource(const connectors::Connector& connector, connectors::Setup setup, std::string alias)
      : connector_(connector), setup_(std::move(setup)), alias_(std::move(alias)) {}
  /// TaskFailure when it cannot be made.
  std::shared_ptr<connectors::Source> Get();

 private:
  const connectors::Connector& connector_;
  const connectors::Setup setup_;
  const std::string alias_;
  std::mutex mutex_;
  std::shared_ptr<connectors::Source> made_;
};

class LazySink {
 public:
  LazySink(const connectors::Connector& connector, connectors::Setup setup, std::string alias)
      : connector_(connector), setup_(std::move(setup)), alias_(std::move(alias)) {}
  std::shared_ptr<connectors::Sink> Get();

 private:
  const connectors::Connector& connector_;
  const connectors::Setup setup_;
  const std::string alias_;
  std::mutex mutex_;
  std::shared_ptr<connectors::Sink> made_;
};

/// What a plan's sources and sinks are made from.
struct Outside {
  JobConfig config;
  const connectors::ConnectorRegistry* connectors = nullptr;
  const base::Clock* clock = nullptr;
  std::shared_ptr<DirtyRecords> dirty;
  const connectors::Connector* stand_in = nullptr;

  struct Section {
    const connectors::Connector* connector = nullptr;
    connectors::OptionValues options;
  };
  /// The section `CONNECTOR.source.ALIAS` or `CONNECTOR.sink.ALIAS` of whichever connector has it, checked by its table. InvalidJob when
  /// none has, two have, or an option is wrong.
  Section Find(connectors::OptionUse use, const std::string& alias) const;
  std::shared_ptr<LazySink> FindSink(const std::string& alias, connectors::SchemaPtr schema,
                                     std::string& type) const;
};

}  // namespace streampark::core
