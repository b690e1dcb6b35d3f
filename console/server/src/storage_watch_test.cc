// SPDX-License-Identifier: Apache-2.0
#include "storage_watch.h"

#include <atomic>
#include <semaphore>

#include <gtest/gtest.h>

#include "streampark/base/json.h"

namespace streampark::server {
namespace {

using base::Error;
using base::ErrorCode;

class StorageWatchTest : public testing::Test {
 protected:
  /// Waits for the next thing that pages hear.
  json::object Heard() {
    for (;;) {
      const auto events = reader_->Take(console::Caller::Console(), "", 1);
      if (!events.empty()) {
        EXPECT_EQ(events.front().type, "storage");
        return json::Parse(*events.front().data)->as_object();
      }
      woken_.acquire();
    }
  }
  static std::string CodeIn(const json::object& storage) {
    const json::object* error = json::FindObject(storage, "error");
    return error == nullptr ? "" : json::StringOr(*error, "code");
  }

  base::SystemClock clock_;
  console::EventBus events_{"boot"};
  std::counting_semaphore<> woken_{0};
  std::unique_ptr<console::EventSubscription> reader_ =
      events_.Subscribe("", [this] { woken_.release(); });
  std::atomic<bool> full_ = true;
  std::atomic<int> probes_ = 0;
  StorageWatch watch_{[this]() -> base::Status {
                        ++probes_;
                        probes_.notify_all();
                        return full_ ? base::Status(Error(ErrorCode::kStorageFull, "full"))
                                     : base::Ok();
                      },
                      events_, clock_, base::Millis(1)};
};

TEST_F(StorageWatchTest, TellsOfTheFirstRefusalAndOfTheEnd) {
  EXPECT_FALSE(watch_.trouble().has_value());
  watch_.Refused(Error(ErrorCode::kStorageFull, "no room"));
  watch_.Refused(Error(ErrorCode::kStorageFull, "no room still"));
  const json::object begun = Heard();
  EXPECT_EQ(json::FindBool(begun, "writable"), false);
  EXPECT_EQ(CodeIn(begun), "STORAGE_FULL");
  EXPECT_EQ(json::StringOr(begun, "since"), base::FormatTimestamp(watch_.trouble()->since));
  probes_.wait(0);
  EXPECT_TRUE(watch_.trouble().has_value()) << "a probe that failed ends nothing";
  full_ = false;
  const json::object ended = Heard();
  EXPECT_EQ(json::FindBool(ended, "writable"), true);
  EXPECT_TRUE(ended.at("since").is_null());
  EXPECT_FALSE(watch_.trouble().has_value());
  EXPECT_TRUE(reader_->Take(console::Caller::Console(), "", 1).empty()) << "each is told once";
}

TEST_F(StorageWatchTest, AnotherReasonIsToldWithTheOldBeginning) {
  watch_.Refused(Error(ErrorCode::kStorageFull, "no room"));
  const std::string since = json::StringOr(Heard(), "since");
  watch_.Refused(Error(ErrorCode::kStorageFailed, "read-only"));
  const json::object changed = Heard();
  EXPECT_EQ(CodeIn(changed), "STORAGE_FAILED");
  EXPECT_EQ(json::StringOr(changed, "since"), since);
}

}  // namespace
}  // namespace streampark::server
