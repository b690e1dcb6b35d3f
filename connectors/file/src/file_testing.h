// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "streampark/base/files.h"
#include "streampark/connectors/file.h"
#include "streampark/connectors/testing/rows.h"
#include "streampark/formats/format.h"

/// What the tests of files share.
namespace streampark::connectors::file::testing {

using connectors::testing::Given;
using connectors::testing::SchemaOf;
using connectors::testing::Sorted;
using connectors::testing::Strings;

inline void Put(const std::filesystem::path& path, std::string_view content) {
  std::filesystem::create_directories(path.parent_path());
  const auto written = base::WriteFileAtomically(path, content);
  ASSERT_TRUE(written.ok()) << written.error().ToString();
}

/// Rows as a file of their format.
inline std::string Encoded(const Batch& batch, const Given& format) {
  const OptionTable table(formats::FormatOptions("", formats::Carrier::kFiles));
  const auto encoder =
      formats::MakeEncoder(table.Read(format, OptionUse::kSink).value(), {.schema = batch.schema})
          .value();
  std::string bytes;
  encoder->BeginStream(bytes);
  for (std::int64_t row = 0; row < batch.length; ++row) {
    EXPECT_FALSE(encoder->AppendToStream(batch, row, bytes));
  }
  EXPECT_TRUE(encoder->EndStream(bytes).ok());
  return bytes;
}

/// The rows of all files that a source would find, each split by a reader of its own; `dirty: …` and `error: …` with them.
inline Strings ReadAll(const Given& given, const SchemaPtr& schema) {
  const auto connector = MakeFileConnector();
  const auto source = connectors::testing::SourceOf(*connector, given, schema);
  auto found = source->MakeEnumerator(std::nullopt).value()->Discover({});
  if (!found.ok()) {
    return {"error: " + found.error().ToString()};
  }
  Strings rows;
  for (auto& split : found->splits) {
    const auto reader = source->MakeReader(0).value();
    EXPECT_TRUE(reader->Add({std::move(split)}).ok());
    for (bool ended = false; !ended;) {
      auto read = reader->Read(base::Millis(0));
      if (!read.ok()) {
        rows.push_back("error: " + read.error().ToString());
        break;
      }
      for (const auto& dirty : read->dirty) {
        rows.push_back("dirty: " + dirty.where + ": " + dirty.reason + ": " + dirty.bytes);
      }
      if (read->batch) {
        connectors::testing::AddRows(*read->batch, rows);
      }
      ended = !read->ended.empty();
    }
  }
  return rows;
}

/// What nobody sees yet in a sink's folder.
inline Strings StagedIn(const std::filesystem::path& folder) {
  Strings staged;
  std::error_code none;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(folder / ".streampark", none)) {
    if (entry.is_regular_file() && entry.path().filename() != "committed") {
      staged.push_back(entry.path().string());
    }
  }
  return staged;
}

/// Names of what is published.
inline Strings PublishedIn(const std::filesystem::path& folder) {
  Strings names;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(folder, none)) {
    if (entry.is_regular_file()) {
      names.push_back(entry.path().filename().string());
    }
  }
  return Sorted(std::move(names));
}

}  // namespace streampark::connectors::file::testing
