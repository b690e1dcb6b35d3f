// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

/// Addresses as texts; base/url.h has what they are made of.
namespace streampark::connectors::http {

/// Without query and fragment, which may hold what must not be shown.
std::string WithoutQuery(std::string_view url);
/// With that parameter, instead of those of this name that are there.
std::string WithParameter(std::string_view url, std::string_view name, std::string_view value);

}  // namespace streampark::connectors::http
