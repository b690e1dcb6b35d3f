// SPDX-License-Identifier: Apache-2.0
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "streampark/base/temporary_folder.h"
#include "streampark/connectors/testing/source_contract.h"

#include "byte_stream.h"
#include "file_testing.h"

namespace streampark::connectors::file {
namespace {

using connectors::testing::NumberedRows;
using connectors::testing::NumberedTexts;
using connectors::testing::ReadToTheEnd;
using connectors::testing::SourceOf;
using file::testing::Encoded;
using file::testing::Given;
using file::testing::Put;
using file::testing::ReadAll;
using file::testing::SchemaOf;
using file::testing::Sorted;
using file::testing::Strings;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string Gzipped(std::string_view bytes) {
  class Kept final : public FileOutput {
   public:
    explicit Kept(std::string& to) : to_(to) {}
    base::Status Write(std::string_view more) override {
      to_ += more;
      return base::Ok();
    }
    base::Status Close() override { return base::Ok(); }

   private:
    std::string& to_;
  };
  std::string packed;
  const auto out = MakeGzipOutput(std::make_unique<Kept>(packed));
  EXPECT_TRUE(out->Write(bytes).ok());
  EXPECT_TRUE(out->Close().ok());
  return packed;
}

/// Eight files of six rows each.
class FilesUnderTest final : public connectors::testing::SourceUnderTest {
 public:
  FilesUnderTest(std::string schema, Given options, Given written = {})
      : schema_(SchemaOf(schema)), options_(std::move(options)), written_(std::move(written)) {
    for (int file = 0; file < kFiles; ++file) {
      Add();
    }
  }
  const Connector& connector() const override { return *connector_; }
  SchemaPtr schema() const override { return schema_; }
  Given bounded() const override {
    Given given = options_;
    given["path"] = folder_.path().string();
    given["batch.rows"] = "2";
    return given;
  }
  Strings rows() const override { return NumberedTexts(schema_, 0, kFiles * kRows); }
  Given unbounded() const override {
    Given given = bounded();
    given["watch.interval"] = "1s";
    return given;
  }
  Strings Grow() override {
    Add();
    return NumberedTexts(schema_, (files_ - 1) * kRows, kRows);
  }

 private:
  static constexpr int kFiles = 8;
  static constexpr int kRows = 6;

  void Add() {
    Given format = options_;
    const bool packed = format.erase("compression") > 0;
    format.erase("split.size");
    format.insert(written_.begin(), written_.end());
    const std::string bytes = Encoded(*NumberedRows(schema_, files_ * kRows, kRows), format);
    Put(folder_.path() / ("day-" + std::to_string(files_ % 3)) / std::to_string(files_),
        packed ? Gzipped(bytes) : bytes);
    ++files_;
  }

  const SchemaPtr schema_;
  const Given options_;
  const Given written_;  // what the files were written with, beside
  const base::TemporaryFolder folder_ = base::TemporaryFolder::Create().value();
  const std::unique_ptr<Connector> connector_ = MakeFileConnector();
  int files_ = 0;
};

class FileSourceTest : public ::testing::Test {
 protected:
  std::string Path(const std::string& name) const { return folder_.path() / name; }
  Strings Read(Given given, const std::string& schema = "a INT, b STRING") const {
    if (!given["path"].starts_with('/')) {
      given["path"] = Path(given["path"]);
    }
    return ReadAll(given, SchemaOf(schema));
  }

  const base::TemporaryFolder folder_ = base::TemporaryFolder::Create().value();
};

TEST_F(FileSourceTest, EverySplitSizeGivesEachRecordOnce) {
  const char* const kTexts[] = {"", "a", "é漢", "a longer one that is no word", "\r"};
  for (unsigned seed = 0; seed < 15; ++seed) {
    std::mt19937 random(seed);
    std::string lines = "b,a\n";
    Strings rows;
    for (auto count = random() % 12; count > 0; --count) {
      const std::string text = kTexts[random() % 5];
      const auto number = std::to_string(random() % 1000);
      lines.append("\"").append(text).append("\",").append(number);
      rows.push_back("+I(" + number + ", '" + text + "')");
      lines += random() % 2 == 0 ? "\n" : "\r\n";
      lines += random() % 4 == 0 ? "\n" : "";
    }
    if (random() % 2 == 0) {
      lines.pop_back();
    }
    Put(Path("in.csv"), lines);
    for (std::size_t size = 1; size <= lines.size() + 1; ++size) {
      for (const char* batch : {"1", "100"}) {
        ASSERT_EQ(Read({{"path", "in.csv"},
                        {"format", "csv"},
                        {"csv.header", "true"},
                        {"csv.multiline", "false"},
                        {"split.size", std::to_string(size)},
                        {"batch.rows", batch}}),
                  rows)
            << size << "\n"
            << lines;
      }
    }
  }
}

TEST_F(FileSourceTest, LargeFilesAreReadInChunks) {
  const auto schema = SchemaOf("n BIGINT NOT NULL, name STRING");
  constexpr int kRows = 100'000;
  const Strings rows = NumberedTexts(schema, 0, kRows);
  for (const char* format : {"json", "csv", "avro", "parquet"}) {
    const Given options = {{"format", format}};
    const std::string bytes = Encoded(*NumberedRows(schema, 0, kRows), options);
    Put(Path("plain"), bytes);
    Put(Path("packed.gz"), Gzipped(bytes));
    for (const char* name : {"plain", "packed.gz"}) {
      if (std::string_view(format) == "parquet" && std::string_view(name) == "packed.gz") {
        continue;
      }
      Given given = options;
      given["path"] = Path(name);
      EXPECT_EQ(ReadAll(given, schema), rows) << format << name;
      given["split.size"] = "100KiB";
      EXPECT_EQ(ReadAll(given, schema), rows) << format << name;
    }
  }
}

TEST_F(FileSourceTest, GzipFilesMayHaveSeveralMembers) {
  Put(Path("in.gz"), Gzipped("1,x\n2,") + Gzipped("y\n") + Gzipped("") + Gzipped("3,z"));
  EXPECT_THAT(Read({{"path", "in.gz"}, {"format", "csv"}}),
              ElementsAre("+I(1, 'x')", "+I(2, 'y')", "+I(3, 'z')"));
}

TEST_F(FileSourceTest, FindsWhatThePatternNames) {
  for (const char* name : {"a.csv", "b.txt", "x/c.csv", "x/y/d.csv", ".hidden.csv",
                           "_temporary.csv", ".streampark/e.csv", "x[1].csv"}) {
    Put(Path(name), "1," + std::string(name) + "\n");
  }
  std::filesystem::create_directory_symlink(folder_.path(), folder_.path() / "x" / "loop");
  const auto found = [&](const std::string& pattern) {
    Strings names = Read({{"path", pattern}, {"format", "csv"}});
    for (std::string& name : names) {
      name = name.starts_with("+I(1, '") ? name.substr(7, name.size() - 9) : name;
    }
    return Sorted(std::move(names));
  };
  EXPECT_THAT(found("a.csv"), ElementsAre("a.csv"));
  EXPECT_THAT(found(""), ElementsAre("a.csv", "b.txt", "x/c.csv", "x/y/d.csv", "x[1].csv"));
  EXPECT_THAT(found("*.csv"), ElementsAre("a.csv", "x[1].csv"));
  EXPECT_THAT(found("x[1].csv"), ElementsAre("x[1].csv"));
  EXPECT_THAT(found("**/*.csv"), ElementsAre("a.csv", "x/c.csv", "x/y/d.csv", "x[1].csv"));
  EXPECT_THAT(found("x/**"), ElementsAre("x/c.csv", "x/y/d.csv"));
  EXPECT_THAT(found("?"), ElementsAre("x/c.csv", "x/y/d.csv"));
  EXPECT_THAT(found("[b-z]/*"), ElementsAre("x/c.csv", "x/y/d.csv"));
  EXPECT_THAT(found("_*"), ElementsAre("_temporary.csv"));
  EXPECT_THAT(found(".streampark/e.csv"), ElementsAre(".streampark/e.csv"));
  EXPECT_THAT(found("*.json"), ElementsAre());
  for (const char* nowhere : {"c.csv", "nowhere/*.csv"}) {
    EXPECT_THAT(found(nowhere), ElementsAre(HasSubstr("NOT_FOUND: there is no file or folder " +
                                                      folder_.path().string())));
  }
}

TEST_F(FileSourceTest, DirtyRecordsSayWhereTheyAre) {
  Put(Path("in.csv"), "1,x\nno,y\n\n3\n4,z\n");
  EXPECT_EQ(
      Read({{"path", "in.csv"}, {"format", "csv"}}),
      (Strings{"dirty: " + Path("in.csv") + ", record 2, byte 4: 'a': no is no INT: no,y\n",
               "dirty: " + Path("in.csv") + ", record 3, byte 10: has 1 fields and not 2: 3\n",
               "+I(1, 'x')", "+I(4, 'z')"}));
  EXPECT_THAT(Read({{"path", "in.csv"},
                    {"format", "csv"},
                    {"csv.multiline", "false"},
                    {"split.size", "10"}}),
              ElementsAre(HasSubstr(", record 2, byte 4: "), "+I(1, 'x')",
                          HasSubstr(", byte 10: has 1 fields"), "+I(4, 'z')"));
}

TEST_F(FileSourceTest, FilesThatCannotBeReadSayWhyAndWhere) {
  Put(Path("in.csv"), "a,c\n1,x\n");
  EXPECT_THAT(Read({{"path", "in.csv"}, {"format", "csv"}, {"csv.header", "true"}}),
              ElementsAre("error: INVALID_REQUEST: " + Path("in.csv") +
                          ", record 1, byte 0: the header has the column 'b' 0 times "
                          "[csv.missing-fields = null reads a column that is not there as null]"));
  const std::string packed = Gzipped(std::string(1000, 'x') + "\n1,x\n");
  for (std::size_t size = 1; size < packed.size(); ++size) {
    Put(Path("cut.gz"), std::string_view(packed).substr(0, size));
    EXPECT_THAT(Read({{"path", "cut.gz"}, {"format", "csv"}}).back(),
                HasSubstr("the gzip file is cut short"));
  }
  Put(Path("other.gz"), "1,x\n");
  EXPECT_THAT(Read({{"path", "other.gz"}, {"format", "csv"}}),
              ElementsAre(HasSubstr("the gzip file incorrect header check")));
  EXPECT_THAT(Read({{"path", "other.gz"}, {"format", "csv"}, {"compression", "none"}}),
              ElementsAre("+I(1, 'x')"));
  EXPECT_THAT(Read({{"path", "in.csv"}, {"format", "avro"}}),
              ElementsAre(HasSubstr(Path("in.csv") +
                                    ", record 1, byte 0: the Avro file does not begin as one")));
}

TEST_F(FileSourceTest, FilesThatChangedOrWentSaySo) {
  const auto connector = MakeFileConnector();
  const auto source = SourceOf(*connector, {{"path", folder_.path().string()}, {"format", "csv"}},
                               SchemaOf("a INT, b STRING"));
  Put(Path("a.csv"), "1,x\n2,y\n");
  const auto enumerator = source->MakeEnumerator(std::nullopt).value();
  const auto splits = enumerator->Discover({}).value().splits;
  const auto read = [&] {
    const auto reader = source->MakeReader(0).value();
    EXPECT_TRUE(reader->Add(splits).ok());
    auto rows = reader->Read(base::Millis(0));
    return rows.ok() ? std::to_string(rows->batch->length) : rows.error().ToString();
  };
  EXPECT_EQ(read(), "2");
  Put(Path("a.csv"), "1,x\n");
  EXPECT_THAT(read(), HasSubstr("the file had 8 bytes when it was found and has 4"));
  std::filesystem::remove(Path("a.csv"));
  EXPECT_THAT(read(), HasSubstr("NOT_FOUND: " + Path("a.csv")));
}

TEST_F(FileSourceTest, AFileThatIsStillEmptyIsReadLater) {
  const auto connector = MakeFileConnector();
  const auto source = SourceOf(
      *connector, {{"path", folder_.path().string()}, {"format", "raw"}, {"watch.interval", "5s"}},
      SchemaOf("line STRING"));
  EXPECT_EQ(source->discovery_interval(), base::Millis(5'000));
  const auto enumerator = source->MakeEnumerator(std::nullopt).value();
  Put(Path("a"), "");
  EXPECT_TRUE(enumerator->Discover({}).value().splits.empty());
  Put(Path("a"), "x\n\ny");
  const auto splits = enumerator->Discover({}).value().splits;
  ASSERT_EQ(splits.size(), 1U);
  EXPECT_EQ(splits[0].id, Path("a"));
  const auto reader = source->MakeReader(0).value();
  ASSERT_TRUE(reader->Add(splits).ok());
  EXPECT_THAT(ReadToTheEnd(*reader, 1), ElementsAre("+I('x')", "+I('')", "+I('y')"));
}

TEST_F(FileSourceTest, EverySplitSizeGivesEachRowGroupOnce) {
  const auto schema = SchemaOf("n BIGINT NOT NULL, name STRING");
  const std::string file = Encoded(*NumberedRows(schema, 0, 40),
                                   {{"format", "parquet"}, {"parquet.row-group-size", "60"}});
  Put(Path("in.parquet"), file);
  for (std::size_t size = 64; size <= file.size() + 64; size += 1 + size / 5) {
    for (const char* batch : {"1", "100"}) {
      ASSERT_EQ(ReadAll({{"path", Path("in.parquet")},
                         {"format", "parquet"},
                         {"split.size", std::to_string(size)},
                         {"batch.rows", batch}},
                        schema),
                NumberedTexts(schema, 0, 40))
          << size;
    }
  }
}

TEST_F(FileSourceTest, ParquetSaysWhereItIsWrong) {
  const auto schema = SchemaOf("n BIGINT, name STRING");
  const std::string file =
      Encoded(*NumberedRows(schema, 0, 10), {{"format", "parquet"}, {"parquet.codec", "none"}});
  const Given given = {{"path", Path("in.parquet")}, {"format", "parquet"}};
  const auto read = [&](const char* columns) { return ReadAll(given, SchemaOf(columns)); };
  Put(Path("in.parquet"), file);
  EXPECT_THAT(read("n INT, price DOUBLE"),
              ElementsAre("error: VALIDATION_FAILED: " + Path("in.parquet") +
                          ": the column 'price' is not in the file [parquet.missing-columns = null "
                          "reads a column that is not there as null]"));
  EXPECT_THAT(read("n BIGINT NOT NULL")[0],
              "dirty: " + Path("in.parquet") + ", row 5: 'n' is null, and NOT NULL: +I(NULL)");
  std::string damaged = file;
  damaged.replace(damaged.find("row 3"), 5, "row 7");
  Put(Path("in.parquet"), damaged);
  EXPECT_THAT(read("name STRING"),
              ElementsAre(::testing::AllOf(
                  HasSubstr("INVALID_REQUEST: " + Path("in.parquet") + ", row 1: the Parquet file"),
                  HasSubstr("checksum"))));
  Put(Path("in.parquet"), "n,name\n1,a\n");
  EXPECT_THAT(read("n INT"),
              ElementsAre(HasSubstr(Path("in.parquet") + ": the Parquet file cannot be read")));
}

TEST_F(FileSourceTest, ParquetIsNotPackedAsAWhole) {
  const auto connector = MakeFileConnector();
  const Given given = {{"path", "/in"}, {"format", "parquet"}, {"compression", "gzip"}};
  const auto schema = SchemaOf("n INT");
  for (const auto& refusal : {connectors::testing::SourceRefusal(*connector, given, schema),
                              connectors::testing::SinkRefusal(*connector, given, schema)}) {
    EXPECT_THAT(refusal, HasSubstr("/compression: a file of parquet cannot be packed as a whole"));
  }
}

/// Bytes that are changed at random: rows, dirty records or an error come of them, and always an end.
TEST_F(FileSourceTest, DamagedFilesEnd) {
  const auto schema = SchemaOf("n BIGINT NOT NULL, name STRING, price DOUBLE");
  for (const char* format : {"json", "csv", "raw", "avro", "debezium"}) {
    const bool raw = std::string_view(format) == "raw";
    const auto columns = raw ? SchemaOf("line BYTES NOT NULL") : schema;
    const std::string good =
        raw ? "a\nb\nc\n" : Encoded(*NumberedRows(columns, 0, 40), {{"format", format}});
    for (unsigned seed = 0; seed < 60; ++seed) {
      std::mt19937 random(seed);
      std::string bytes = good;
      for (auto changes = random() % 4; changes > 0; --changes) {
        bytes[random() % bytes.size()] = static_cast<char>(random());
      }
      bytes.resize(1 + random() % bytes.size());
      std::string packed = Gzipped(bytes);
      packed[random() % packed.size()] ^= static_cast<char>(random() % 2);
      Put(Path("in"), bytes);
      Put(Path("in.gz"), packed);
      for (const char* name : {"in", "in.gz"}) {
        ReadAll({{"path", Path(name)},
                 {"format", format},
                 {"split.size", std::to_string(1 + random() % 50)},
                 {"batch.rows", std::to_string(1 + random() % 5)}},
                columns);
      }
    }
  }
}

constexpr const char* kColumns = "n BIGINT NOT NULL, name STRING, price DOUBLE";

auto Files(const char* schema, Given options, Given written = {}) {
  return [=] { return std::make_unique<FilesUnderTest>(schema, options, written); };
}

}  // namespace
}  // namespace streampark::connectors::file

namespace files = streampark::connectors::file;
SP_SOURCE_CONTRACT(FilesOfJson, files::Files(files::kColumns, {{"format", "json"}}));
SP_SOURCE_CONTRACT(RangesOfJson,
                   files::Files(files::kColumns, {{"format", "json"}, {"split.size", "70"}}));
SP_SOURCE_CONTRACT(RangesOfCsv, files::Files(files::kColumns, {{"format", "csv"},
                                                               {"csv.header", "true"},
                                                               {"csv.multiline", "false"},
                                                               {"split.size", "16"}}));
SP_SOURCE_CONTRACT(FilesOfCsv,
                   files::Files(files::kColumns, {{"format", "csv"}, {"split.size", "16"}}));
SP_SOURCE_CONTRACT(PackedCsv, files::Files(files::kColumns, {{"format", "csv"},
                                                             {"csv.header", "true"},
                                                             {"compression", "gzip"}}));
SP_SOURCE_CONTRACT(RangesOfLines,
                   files::Files("line STRING NOT NULL", {{"format", "raw"}, {"split.size", "9"}}));
SP_SOURCE_CONTRACT(FilesOfAvro, files::Files(files::kColumns, {{"format", "avro"}}));
SP_SOURCE_CONTRACT(FilesOfParquet, files::Files(files::kColumns, {{"format", "parquet"}}));
SP_SOURCE_CONTRACT(RangesOfParquet,
                   files::Files(files::kColumns, {{"format", "parquet"}, {"split.size", "300"}},
                                {{"parquet.row-group-size", "40"}}));
