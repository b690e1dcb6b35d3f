// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include <sys/types.h>

namespace streampark::connectors::kafka::it {

/// Stands between a process and the broker, and kills the process at one of the requests by which it writes, or asks for or ends
/// transactions: before the broker hears of it, or after it has answered and before the process hears of that.
class MortalProxy {
 public:
  enum class When : std::uint8_t { kBeforeTheBroker, kAfterTheBroker };

  MortalProxy();
  ~MortalProxy();

  /// From now on counts anew. Nobody is connected.
  void Arm(int dies_at, When when);
  /// Whom to kill; it is waited for.
  void Aim(pid_t process);
  /// How many of those requests came since Arm.
  int requests();

 private:
  struct Link {
    int client = -1;
    int broker = -1;
    std::string asked;                    // bytes of a request that is not whole
    std::string answered;                 // the same of an answer
    std::optional<std::int32_t> awaited;  // the answer that nobody will see
    bool over = false;
  };

  void Serve();
  void Accept();
  void TakeRequests(Link& link);
  void TakeAnswers(Link& link);
  bool IsFatal(std::int16_t key);
  void Kill();

  int listener_ = -1;
  int ends_[2] = {-1, -1};  // a pipe that ends Serve
  std::list<Link> links_;
  std::mutex mutex_;
  std::condition_variable aimed_;
  int left_ = 0;
  int seen_ = 0;
  When when_ = When::kBeforeTheBroker;
  pid_t process_ = 0;
  std::jthread thread_;
};

}  // namespace streampark::connectors::kafka::it
