// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

#include <unistd.h>

namespace streampark::base {

/// A descriptor of the system that closes itself; none when it is negative.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(other.Release()) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (number_ >= 0) {
      ::close(number_);
    }
  }
  int number() const { return number_; }
  bool ok() const { return number_ >= 0; }
  /// Whoever takes it closes it.
  int Release() { return std::exchange(number_, -1); }

 private:
  int number_;
};

}  // namespace streampark::base
