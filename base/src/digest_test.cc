// SPDX-License-Identifier: Apache-2.0
#include "streampark/base/digest.h"

#include <gtest/gtest.h>

#include "streampark/base/files.h"
#include "streampark/base/temporary_folder.h"

namespace streampark::base {
namespace {

constexpr std::string_view kAbc =
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

TEST(DigestTest, AgreesWithTheStandard) {
  EXPECT_EQ(Sha256Hex("abc"), kAbc);
  EXPECT_EQ(Sha256Hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(DigestTest, PiecesAreTheWhole) {
  Sha256 digest;
  digest.Update("a");
  digest.Update("");
  digest.Update("bc");
  EXPECT_EQ(digest.Hex(), kAbc);
}

TEST(DigestTest, ReadsFiles) {
  const auto folder = TemporaryFolder::Create();
  ASSERT_TRUE(folder.ok());
  ASSERT_TRUE(WriteFileAtomically(folder->path() / "f", "abc").ok());
  EXPECT_EQ(Sha256HexOfFile(folder->path() / "f").value(), kAbc);
  EXPECT_EQ(Sha256HexOfFile(folder->path() / "missing").error().code(), ErrorCode::kIoError);
  EXPECT_EQ(Sha256HexOfFile(folder->path()).error().code(), ErrorCode::kIoError);
}

TEST(DigestTest, ComparesWholeTexts) {
  EXPECT_TRUE(EqualInConstantTime("secret", "secret"));
  EXPECT_FALSE(EqualInConstantTime("secret", "secreT"));
  EXPECT_FALSE(EqualInConstantTime("secret", "secret "));
  EXPECT_TRUE(EqualInConstantTime("", ""));
}

}  // namespace
}  // namespace streampark::base
