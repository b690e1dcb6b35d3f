// SPDX-License-Identifier: Apache-2.0
#include "streampark/console/accounts/passwords.h"

#include <gtest/gtest.h>

namespace streampark::console {
namespace {

TEST(PasswordsTest, KnowsThePasswordAndNothingElse) {
  base::SecureRandom random;
  Passwords passwords(random);
  const std::string hash = passwords.Hash("correct horse").value();
  EXPECT_TRUE(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$")) << hash;
  EXPECT_TRUE(passwords.Matches("correct horse", hash).value());
  EXPECT_FALSE(passwords.Matches("correct horsf", hash).value());
  EXPECT_FALSE(passwords.Matches("", hash).value());
  EXPECT_NE(hash, passwords.Hash("correct horse").value());
}

TEST(PasswordsTest, NobodysPasswordNeverMatchesAndTakesAsLong) {
  base::SecureRandom random;
  Passwords passwords(random);
  const std::string hash = passwords.Hash("x").value();
  const auto time = [&](std::string_view encoded) {
    const auto start = std::chrono::steady_clock::now();
    EXPECT_FALSE(passwords.Matches("guess", encoded).value());
    return std::chrono::steady_clock::now() - start;
  };
  const auto known = std::min({time(hash), time(hash), time(hash)});
  const auto unknown = std::min({time(""), time(""), time("")});
  // A shortcut would take microseconds where a hash takes tens of milliseconds.
  EXPECT_GT(unknown * 3, known);
}

}  // namespace
}  // namespace streampark::console
