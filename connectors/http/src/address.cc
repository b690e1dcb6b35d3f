// SPDX-License-Identifier: Apache-2.0
#include "address.h"

#include <algorithm>

#include "streampark/base/http_client.h"

namespace streampark::connectors::http {

std::string WithoutQuery(std::string_view url) {
  return std::string(url.substr(0, url.find_first_of("?#")));
}

std::string WithParameter(std::string_view url, std::string_view name, std::string_view value) {
  url = url.substr(0, url.find('#'));
  const auto question = url.find('?');
  std::string changed(url.substr(0, question));
  const std::string encoded = base::UrlEncode(name) + "=";
  char before = '?';
  const auto add = [&](std::string_view parameter) {
    changed.append(1, before).append(parameter);
    before = '&';
  };
  for (auto rest = question == std::string_view::npos ? "" : url.substr(question + 1);
       !rest.empty();) {
    const std::string_view one = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(one.size() + 1, rest.size()));
    const std::string_view known = one.substr(0, one.find('='));
    if (!one.empty() && known != name && known != encoded.substr(0, encoded.size() - 1)) {
      add(one);
    }
  }
  add(encoded + base::UrlEncode(value));
  return changed;
}

}  // namespace streampark::connectors::http
