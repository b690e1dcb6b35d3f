// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <boost/json/fwd.hpp>

#include "streampark/base/error.h"

namespace streampark::cli {

enum class OutputFormat { kTable, kJson };

/// Rows of text under a head, columns aligned by display width.
class Table {
 public:
  explicit Table(std::vector<std::string> head) : rows_{std::move(head)} {}
  void Add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  std::string Render() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

/// JSON for scripts: two spaces, members in the console's order.
std::string Pretty(const boost::json::value& value);

void Print(std::string_view text);        // stdout
void PrintNotice(std::string_view text);  // stderr
/// What, where, how to mend; each field on a line of its own.
void PrintError(const base::Error& error);

/// "4 m ago" for an RFC 3339 time; "-" when absent.
std::string Ago(std::string_view time);

}  // namespace streampark::cli
