// SPDX-License-Identifier: Apache-2.0
#include "arrow_errors.h"

#include <memory>

namespace streampark::parquet {
namespace {

class OurError final : public arrow::StatusDetail {
 public:
  static constexpr const char* kId = "streampark::parquet::OurError";

  explicit OurError(base::Error error) : error_(std::move(error)) {}
  const char* type_id() const override { return kId; }
  std::string ToString() const override { return error_.ToString(); }
  const base::Error& error() const { return error_; }

 private:
  base::Error error_;
};

std::string FirstLine(const std::string& text) { return text.substr(0, text.find('\n')); }

}  // namespace

base::Error BadFile(const std::string& what) {
  return {base::ErrorCode::kInvalidRequest, "the Parquet file " + what};
}

base::Error FromArrow(const arrow::Status& status) {
  if (const auto& detail = status.detail();
      detail != nullptr && std::string_view(detail->type_id()) == OurError::kId) {
    return static_cast<const OurError&>(*detail).error();
  }
  if (status.IsOutOfMemory()) {
    return BadFile("takes more memory than one may").WithCause(FirstLine(status.message()));
  }
  return BadFile("cannot be read").WithCause(FirstLine(status.message()));
}

arrow::Status ToArrow(base::Error error) {
  const std::string text = error.message();
  return arrow::Status::IOError(text).WithDetail(std::make_shared<OurError>(std::move(error)));
}

}  // namespace streampark::parquet
