// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "streampark/base/files.h"
#include "streampark/base/temporary_folder.h"
#include "streampark/objects/object_folder.h"

/// What every ObjectFolder must do; `open` opens the same place each time, which is empty at first.
namespace streampark::objects::testing {

using Open = std::function<std::unique_ptr<ObjectFolder>()>;

inline void ExpectObjectsAreThereWholeOrNotAtAll(const Open& open) {
  using ::testing::ElementsAre;
  const auto folder = open();
  EXPECT_THAT(folder->List("").value(), ElementsAre());
  EXPECT_EQ(folder->Get("a").error().code(), base::ErrorCode::kNotFound);
  EXPECT_FALSE(folder->Has("chk-1/_record").value());
  const std::string odd("two\nlines, a zero \0 and \xff", 24);
  ASSERT_TRUE(folder->Put("chk-1/_record", odd).ok());
  ASSERT_TRUE(folder->Put("chk-1/a + b%20&=ü", "").ok());
  ASSERT_TRUE(folder->Put("chk-10/x", "ten").ok());
  ASSERT_TRUE(folder->Put("other", "1").ok());
  ASSERT_TRUE(folder->Put("other", "2").ok());
  EXPECT_EQ(folder->Get("chk-1/_record").value(), odd);
  EXPECT_EQ(folder->Get("chk-1/a + b%20&=ü").value(), "");
  EXPECT_EQ(open()->Get("other").value(), "2");
  EXPECT_TRUE(folder->Has("chk-1/_record").value());
  EXPECT_FALSE(open()->Has("chk-1/_rec").value());
  EXPECT_THAT(folder->List("chk-").value(),
              ElementsAre("chk-1/_record", "chk-1/a + b%20&=ü", "chk-10/x"));
  EXPECT_THAT(folder->List("chk-1/").value(), ElementsAre("chk-1/_record", "chk-1/a + b%20&=ü"));
  ASSERT_TRUE(folder->Remove({"chk-1/a + b%20&=ü", "chk-1/never", "chk-10/x"}).ok());
  ASSERT_TRUE(folder->Remove({"other"}).ok());
  EXPECT_THAT(folder->List("").value(), ElementsAre("chk-1/_record"));
  for (const char* name : {"", "/a", "a/", "../a", "a/../b", "a//b"}) {
    EXPECT_EQ(folder->Put(name, "x").error().code(), base::ErrorCode::kInvalidRequest) << name;
    EXPECT_FALSE(folder->Get(name).ok()) << name;
  }
}

inline void ExpectFilesAreKeptOnce(const Open& open, std::size_t bytes) {
  const auto scratch = base::TemporaryFolder::Create().value();
  const auto file = scratch.path() / "made";
  std::string content(bytes, 'x');
  for (std::size_t i = 0; i < bytes; i += 997) {
    content[i] = static_cast<char>('a' + i % 26);
  }
  std::ofstream(file, std::ios::binary) << content;
  const auto folder = open();
  ASSERT_TRUE(folder->PutFile("_shared/a-1.sst", file).ok());
  ASSERT_TRUE(folder->Settle().ok());
  // It never changes: what has its name is the same.
  std::ofstream(scratch.path() / "other") << "other";
  ASSERT_TRUE(folder->PutFile("_shared/a-1.sst", scratch.path() / "other").ok());
  const auto fetched = open()->AsFile("_shared/a-1.sst", scratch.path() / "fetched").value();
  EXPECT_TRUE(base::ReadFile(fetched, bytes + 1).value() == content);
  EXPECT_TRUE(open()->Get("_shared/a-1.sst").value() == content);
  EXPECT_EQ(folder->AsFile("_shared/b", scratch.path() / "fetched").error().code(),
            base::ErrorCode::kNotFound);
  EXPECT_FALSE(folder->PutFile("_shared/c", scratch.path() / "none").ok());
  ASSERT_TRUE(folder->Remove({"_shared/a-1.sst"}).ok());
  EXPECT_FALSE(folder->Has("_shared/a-1.sst").value());
}

inline void ExpectOneClaimAtATime(const Open& open) {
  const auto first = open();
  const auto second = open();
  {
    const auto claim = first->Claim().value();
    const auto refused = second->Claim();
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code(), base::ErrorCode::kDataFolderInUse);
    const auto confirmed = claim->Confirm();
    EXPECT_TRUE(confirmed.ok()) << confirmed.error().ToString();
    EXPECT_TRUE(claim->Mark(7).ok());
    EXPECT_TRUE(claim->Confirm().ok());
    EXPECT_EQ(claim->mark().value_or(7), 7U);
  }
  const auto next = second->Claim();
  ASSERT_TRUE(next.ok()) << next.error().ToString();
  EXPECT_EQ((*next)->mark().value_or(7), 7U);
  EXPECT_TRUE((*next)->Mark(0).ok());
}

inline void ExpectManyThreadsMayUseIt(const Open& open) {
  const auto folder = open();
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      for (int n = 0; n < 10; ++n) {
        const auto name = "many/" + std::to_string(i) + "-" + std::to_string(n);
        EXPECT_TRUE(folder->Put(name, name).ok());
        EXPECT_EQ(folder->Get(name).value(), name);
      }
    });
  }
  threads.clear();
  const auto names = folder->List("many/").value();
  EXPECT_EQ(names.size(), 40U);
  EXPECT_TRUE(folder->Remove(names).ok());
  EXPECT_THAT(folder->List("many/").value(), ::testing::IsEmpty());
}

}  // namespace streampark::objects::testing
