// SPDX-License-Identifier: Apache-2.0
#include "streampark/base/bounded_queue.h"

#include <thread>

#include <gtest/gtest.h>

namespace streampark::base {
namespace {

TEST(BoundedQueueTest, RefusesMoreThanItHolds) {
  BoundedQueue<int> queue(2);
  EXPECT_TRUE(queue.TryPush(1));
  EXPECT_TRUE(queue.TryPush(2));
  EXPECT_FALSE(queue.TryPush(3));
  EXPECT_EQ(queue.Pop(), 1);
  EXPECT_TRUE(queue.TryPush(3));
}

TEST(BoundedQueueTest, GivesWhatIsLeftAfterClosing) {
  BoundedQueue<int> queue(2);
  EXPECT_TRUE(queue.TryPush(1));
  queue.Close();
  EXPECT_FALSE(queue.TryPush(2));
  EXPECT_EQ(queue.Pop(), 1);
  EXPECT_EQ(queue.Pop(), std::nullopt);
}

TEST(BoundedQueueTest, StopWakesAWaitingReader) {
  BoundedQueue<int> queue(1);
  std::optional<int> got = 7;
  std::jthread reader([&](std::stop_token stop) { got = queue.Pop(stop); });
  reader.request_stop();
  reader.join();
  EXPECT_EQ(got, std::nullopt);
}

TEST(BoundedQueueTest, ClosingWakesAWaitingReader) {
  BoundedQueue<int> queue(1);
  std::optional<int> got = 7;
  std::jthread reader([&] { got = queue.Pop(); });
  queue.Close();
  reader.join();
  EXPECT_EQ(got, std::nullopt);
}

}  // namespace
}  // namespace streampark::base
