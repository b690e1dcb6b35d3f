// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "streampark/base/error_codes.h"

namespace streampark::base {

/// The code of that name (`NAME_TAKEN`); absent when there is none.
std::optional<ErrorCode> ParseErrorCode(std::string_view name);

/// What is wrong with one field of a request: `pointer` is a JSON pointer (`/spec/parallelism`).
struct FieldError {
  std::string pointer;
  std::string message;
  std::string hint;
};

/// A place in a text that a person wrote; 1-based, end exclusive. 0 means unknown.
struct TextRange {
  int line = 0;
  int column = 0;
  int end_line = 0;
  int end_column = 0;
};

/// An expected failure: what, who has to act, whether to try again. Never holds a secret.
/// `message` says what happened with the values, `hint` how to mend it.
class Error {
 public:
  Error(ErrorCode code, std::string message) : code_(code), message_(std::move(message)) {}

  ErrorCode code() const { return code_; }
  const ErrorCodeTraits& traits() const { return Traits(code_); }
  const std::string& message() const { return message_; }
  const std::string& hint() const { return hint_; }
  const std::vector<FieldError>& fields() const { return fields_; }
  /// The innermost cause in the words of the system that failed; may be empty.
  const std::string& cause() const { return cause_; }
  /// The id of the thing that stands in the way (the operation in flight, say); may be empty.
  const std::string& related_id() const { return related_id_; }
  /// 0 when unknown.
  int retry_after_seconds() const { return retry_after_seconds_; }
  bool retryable() const { return traits().retryable; }

  Error WithHint(std::string hint) && {
    hint_ = std::move(hint);
    return std::move(*this);
  }
  Error WithCause(std::string cause) && {
    cause_ = std::move(cause);
    return std::move(*this);
  }
  Error WithRelatedId(std::string id) && {
    related_id_ = std::move(id);
    return std::move(*this);
  }
  Error WithField(FieldError field) && {
    fields_.push_back(std::move(field));
    return std::move(*this);
  }
  Error WithFields(std::vector<FieldError> fields) && {
    fields_ = std::move(fields);
    return std::move(*this);
  }
  /// When the same request may be worth repeating; for RATE_LIMITED and UNAVAILABLE.
  Error WithRetryAfter(int seconds) && {
    retry_after_seconds_ = seconds;
    return std::move(*this);
  }
  /// Prefixes the message with what was being done: "while starting x: …".
  Error Annotate(std::string_view context) && {
    message_.insert(0, ": ").insert(0, context);
    return std::move(*this);
  }

  /// "CODE: message (cause) [hint]" for logs and terminals.
  std::string ToString() const;

 private:
  ErrorCode code_;
  std::string message_;
  std::string hint_;
  std::string cause_;
  std::string related_id_;
  int retry_after_seconds_ = 0;
  std::vector<FieldError> fields_;
};

}  // namespace streampark::base
