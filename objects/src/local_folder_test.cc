// SPDX-License-Identifier: Apache-2.0
#include "streampark/objects/local_folder.h"

#include "testing/folder_contract.h"

namespace streampark::objects {
namespace {

class LocalFolderTest : public ::testing::Test {
 protected:
  testing::Open Opener() const {
    return [this] { return MakeLocalFolder(folder_.path() / "objects"); };
  }
  const base::TemporaryFolder folder_ = base::TemporaryFolder::Create().value();
};

TEST_F(LocalFolderTest, ObjectsAreThereWholeOrNotAtAll) {
  testing::ExpectObjectsAreThereWholeOrNotAtAll(Opener());
}
TEST_F(LocalFolderTest, FilesAreKeptOnce) { testing::ExpectFilesAreKeptOnce(Opener(), 100'000); }
TEST_F(LocalFolderTest, OneClaimAtATime) { testing::ExpectOneClaimAtATime(Opener()); }
TEST_F(LocalFolderTest, ManyThreadsMayUseIt) { testing::ExpectManyThreadsMayUseIt(Opener()); }

TEST_F(LocalFolderTest, FilesAreLinkedAndNotCopied) {
  const auto folder = Opener()();
  std::ofstream(folder_.path() / "made") << "bytes";
  ASSERT_TRUE(folder->PutFile("_shared/made", folder_.path() / "made").ok());
  EXPECT_TRUE(std::filesystem::equivalent(folder_.path() / "made",
                                          folder_.path() / "objects" / "_shared" / "made"));
  EXPECT_EQ(folder->AsFile("_shared/made", "").value(),
            folder_.path() / "objects" / "_shared" / "made");
}

TEST_F(LocalFolderTest, NothingIsLeftOfWhatIsRemoved) {
  const auto folder = Opener()();
  ASSERT_TRUE(folder->Put("chk-1/a", "x").ok());
  std::filesystem::create_directories(folder_.path() / "objects" / "chk-2" / "empty");
  EXPECT_THAT(folder->List("chk-").value(), ::testing::ElementsAre("chk-1/a", "chk-2/empty/"));
  ASSERT_TRUE(folder->Remove(folder->List("chk-").value()).ok());
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "objects" / "chk-1"));
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "objects" / "chk-2"));
}

TEST_F(LocalFolderTest, NoLinkLeadsOutOfIt) {
  const auto folder = Opener()();
  ASSERT_TRUE(folder->Put("a", "x").ok());
  std::ofstream(folder_.path() / "secret") << "secret";
  std::filesystem::create_symlink(folder_.path() / "secret", folder_.path() / "objects" / "link");
  EXPECT_EQ(folder->Get("link").error().code(), base::ErrorCode::kInvalidRequest);
}

}  // namespace
}  // namespace streampark::objects
