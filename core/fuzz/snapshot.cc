// SPDX-License-Identifier: Apache-2.0
// What a checkpoint's files hold, behind a checksum that is right: state of operators, and the record of a checkpoint. What can be read is
// written again as it was.
#include "streampark/core/snapshot.h"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "streampark/core/bytes.h"

#include "runtime/checkpoint_store.h"
#include "sealed_bytes.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace streampark::core;  // NOLINT(google-build-using-namespace): a program of one file
  ByteWriter whole;
  whole.Raw({reinterpret_cast<const char*>(bytes), size});
  const std::string sealed = CloseSealed(std::move(whole));
  if (auto snapshot = OperatorSnapshot::Parse(sealed); snapshot.ok()) {
    if (!OperatorSnapshot::Parse(snapshot->Serialize()).ok()) {
      std::abort();
    }
    OperatorRestore::Gather({*snapshot}, 0, 2, 128);
  }
  if (auto record = CheckpointRecord::Parse(sealed); record.ok()) {
    if (!CheckpointRecord::Parse(record->Serialize()).ok()) {
      std::abort();
    }
  }
  return 0;
}
