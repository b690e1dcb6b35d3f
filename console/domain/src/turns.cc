// SPDX-License-Identifier: Apache-2.0
#include "streampark/console/turns.h"

#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <utility>
#include <vector>

namespace streampark::console {
namespace {

class ThreadedTurns final : public Turns {
 public:
  ThreadedTurns(const base::Clock& clock, int threads) : clock_(clock) {
    for (int i = 0; i < threads; ++i) {
      threads_.emplace_back([this] { Work(); });
    }
  }
  ~ThreadedTurns() override { Stop(); }

  void Begin(const std::string& name, Turn turn) override {
    const std::lock_guard lock(mutex_);
    const auto [line, added] = lines_.try_emplace(name);
    if (added) {
      line->second.turn = std::move(turn);
      Queue(*line, clock_.SteadyNow());
    }
  }

  void Wake(std::string_view name) override {
    const std::lock_guard lock(mutex_);
    if (const auto line = lines_.find(name); line != lines_.end()) {
      Wake(*line);
    }
  }

  void Interrupt(std::string_view name) override {
    const std::lock_guard lock(mutex_);
    if (const auto line = lines_.find(name); line != lines_.end()) {
      line->second.stop.request_stop();
      Wake(*line);
    }
  }

  bool AwaitEnd(std::string_view name, base::Millis patience, std::stop_token stop) override {
    std::unique_lock lock(mutex_);
    ended_.wait_for(lock, stop, patience, [&] { return stopping_ || !lines_.contains(name); });
    return !stopping_ && !lines_.contains(name);
  }

  void Stop() override {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
      for (auto& [name, line] : lines_) {
        line.stop.request_stop();
      }
    }
    due_.notify_all();
    ended_.notify_all();
    threads_.clear();
  }

 private:
  struct Line {
    Turn turn;
    std::stop_source stop;  // of the turn under way
    base::SteadyTime due{};
    bool busy = false;   // its turn is under way; it stands in no queue
    bool woken = false;  // while it was busy
  };
  using Lines = std::map<std::string, Line, std::less<>>;

  void Queue(Lines::value_type& line, base::SteadyTime due) {
    queue_.erase({line.second.due, line.first});
    line.second.due = due;
    queue_.emplace(due, line.first);
    due_.notify_one();
  }

  void Wake(Lines::value_type& line) {
    if (line.second.busy) {
      line.second.woken = true;
    } else {
      Queue(line, clock_.SteadyNow());
    }
  }

  void Work() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
      const base::SteadyTime now = clock_.SteadyNow();
      if (queue_.empty()) {
        due_.wait(lock);
      } else if (queue_.begin()->first > now) {
        due_.wait_for(lock, queue_.begin()->first - now);
      } else {
        const auto line = lines_.find(queue_.begin()->second);
        queue_.erase(queue_.begin());
        Take(lock, line);
      }
    }
  }

  void Take(std::unique_lock<std::mutex>& lock, Lines::iterator line) {
    Line& taken = line->second;
    taken.busy = true;
    taken.woken = false;
    due_.notify_one();  // somebody else looks after what is due meanwhile
    if (taken.stop.stop_requested()) {
      taken.stop = {};  // that was the turn before
    }
    lock.unlock();
    const Due next = taken.turn(taken.stop.get_token());
    lock.lock();
    taken.busy = false;
    if (!next) {
      lines_.erase(line);
      ended_.notify_all();
    } else if (taken.woken) {
      Queue(*line, clock_.SteadyNow());
    } else if (*next != kWhenWoken) {
      Queue(*line, clock_.SteadyNow() + *next);
    }
  }

  const base::Clock& clock_;
  std::mutex mutex_;
  std::condition_variable due_;        // there is another line to wait for
  std::condition_variable_any ended_;  // a line has ended
  Lines lines_;
  std::set<std::pair<base::SteadyTime, std::string>> queue_;  // lines that are not busy, by due
  bool stopping_ = false;
  std::vector<std::jthread> threads_;  // last: they end before what they use
};

}  // namespace

TurnsFactory TurnsOnThreads(const base::Clock& clock) {
  return [&clock](int threads) { return std::make_unique<ThreadedTurns>(clock, threads); };
}

}  // namespace streampark::console
