// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "streampark/base/clock.h"

namespace streampark::http {

/// Writes JSON text member by member into one string, for what is shown so often that a document in
/// memory would cost too much. The caller keeps the nesting right.
class JsonText {
 public:
  explicit JsonText(std::size_t expected) { out_.reserve(expected); }

  JsonText& Open(char bracket) {
    Comma();
    out_ += bracket;
    fresh_ = true;
    return *this;
  }
  JsonText& Close(char bracket) {
    out_ += bracket;
    fresh_ = false;
    return *this;
  }
  JsonText& Key(std::string_view name) {
    Comma();
    out_.append(1, '"').append(name).append("\":");
    fresh_ = true;
    return *this;
  }
  JsonText& Text(std::string_view text);
  JsonText& Number(std::int64_t number);
  JsonText& Bool(bool value) { return Raw(value ? "true" : "false"); }
  JsonText& Null() { return Raw("null"); }
  JsonText& Raw(std::string_view json) {
    Comma();
    out_.append(json);
    return *this;
  }

  JsonText& Member(std::string_view name, std::string_view text) { return Key(name).Text(text); }
  JsonText& Member(std::string_view name, const char* text) { return Key(name).Text(text); }
  JsonText& Member(std::string_view name, std::int64_t number) { return Key(name).Number(number); }
  JsonText& Member(std::string_view name, std::optional<base::Timestamp> time) {
    return time ? Key(name).Text(base::FormatTimestamp(*time)) : Key(name).Null();
  }
  /// With two digits after the point; null also when it is beyond all measure.
  JsonText& Member(std::string_view name, std::optional<double> number);
  JsonText& Member(std::string_view name, std::optional<std::int64_t> number) {
    return number ? Key(name).Number(*number) : Key(name).Null();
  }
  JsonText& Member(std::string_view name, std::optional<int> number) {
    return number ? Key(name).Number(*number) : Key(name).Null();
  }

  std::string Take() { return std::move(out_); }

 private:
  void Comma() {
    if (!fresh_) {
      out_ += ',';
    }
    fresh_ = false;
  }

  std::string out_;
  bool fresh_ = true;  // nothing stands before the next value
};

}  // namespace streampark::http
