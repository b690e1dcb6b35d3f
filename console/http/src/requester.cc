// SPDX-License-Identifier: Apache-2.0
#include "streampark/http/requester.h"

namespace streampark::http {

console::Requester RequesterOf(const console::Caller& caller) {
  const bool web = caller.via() == console::CallerVia::kWeb;
  return {caller.user_id(), caller.user_name(),
          web ? console::Requester::Via::kWeb : console::Requester::Via::kToken};
}

}  // namespace streampark::http
