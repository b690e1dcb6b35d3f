// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace streampark::connectors::kafka::it {

/// As much of Schema Registry's API as a client needs that reads and registers schemas: no real one can be had here.
class RegistryServer {
 public:
  RegistryServer();
  ~RegistryServer();

  std::string url() const;
  /// What is registered by hand has an id of its own.
  int Add(const std::string& schema);
  std::vector<std::string> subjects();
  /// How often it was asked for a schema.
  int asked();
  /// The next requests are answered so; 0: as they should be.
  void AnswerWith(int status);

 private:
  void Serve();
  std::string Answer(const std::string& request);

  int listener_ = -1;
  std::mutex mutex_;
  std::vector<std::string> schemas_;  // by their ids, from 1 on
  std::vector<std::string> subjects_;
  int asked_ = 0;
  int status_ = 0;
  std::jthread thread_;
};

}  // namespace streampark::connectors::kafka::it
