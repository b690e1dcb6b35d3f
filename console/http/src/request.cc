// SPDX-License-Identifier: Apache-2.0
#include "streampark/http/request.h"

#include "streampark/base/check.h"

namespace streampark::http {

const std::string& Request::PathParameter(std::string_view name) const {
  for (const auto& [known, text] : path_parameters) {
    if (known == name) {
      return text;
    }
  }
  base::CheckFailed("the route has this path parameter", __FILE__, __LINE__);
}

std::optional<std::string_view> Request::Query(std::string_view name) const {
  for (const auto& [known, text] : query) {
    if (known == name) {
      return text;
    }
  }
  return std::nullopt;
}

std::string_view Request::Header(std::string_view lower_case_name) const {
  for (const auto& [known, text] : headers) {
    if (known == lower_case_name) {
      return text;
    }
  }
  return {};
}

}  // namespace streampark::http
