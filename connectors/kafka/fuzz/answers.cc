// SPDX-License-Identifier: Apache-2.0
// What a broker may say: the first byte says which answer the rest is. SCRAM's two answers are told apart by a line's end.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "scram.h"
#include "wire_answers.h"

namespace {

using namespace streampark::connectors::
    kafka;  // NOLINT(google-build-using-namespace): a program of one file

/// Many iterations are what the protocol allows, and are nothing to learn from.
bool IsCheap(std::string_view server_first) {
  const auto count = server_first.rfind("i=");
  return count == std::string_view::npos || server_first.size() - count <= 4;
}

void SignIn(std::string_view answers) {
  const auto end = answers.find('\n');
  const auto first = answers.substr(0, end);
  if (!IsCheap(first)) {
    return;
  }
  Scram scram(Scram::Hash::kSha256, "user", "pencil", "nonce");
  if (scram.Final(first).ok() && end != std::string_view::npos &&
      scram.Check(answers.substr(end + 1)).ok()) {
    std::abort();  // who does not know the password cannot prove that it does
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  const std::string_view answer(reinterpret_cast<const char*>(bytes) + 1, size - 1);
  switch (bytes[0] % 8) {
    case 0:
      static_cast<void>(ReadVersions(answer));
      break;
    case 1:
      static_cast<void>(ReadToken(answer));
      break;
    case 2:
      static_cast<void>(ReadCoordinator(answer));
      break;
    case 3:
      static_cast<void>(ReadTransaction(answer));
      break;
    case 4:
      static_cast<void>(ReadOutcome(kEndTxn, answer));
      break;
    case 5:
      static_cast<void>(ReadBrokers(answer));
      break;
    case 6:
      static_cast<void>(ReadTransactionIds(answer));
      break;
    default:
      SignIn(answer);
  }
  return 0;
}
