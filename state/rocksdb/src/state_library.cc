// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <string_view>

#include "streampark/connectors/abi/passing.h"
#include "streampark/core/state_backend_abi.h"

#include "rocksdb_store.h"

/// The C face of state_backend_abi.h over RocksDB.
namespace streampark::state {
namespace {

using namespace connectors::abi;

RocksDbStore& StoreOf(SpStateStore* self) {
  return *static_cast<RocksDbStore*>(self->private_data);
}

void FillScan(std::unique_ptr<RocksDbStore::Scan> scan, SpStateScan* out) {
  out->next = [](SpStateScan* self, SpSlice* key, SpSlice* value, SpText* error) -> std::int32_t {
    bool found = false;
    const auto answered = Answer(error, [&]() -> base::Status {
      std::string_view key_bytes;
      std::string_view value_bytes;
      found = SP_TRY(
          static_cast<RocksDbStore::Scan*>(self->private_data)->Next(key_bytes, value_bytes));
      *key = Slice(key_bytes);
      *value = Slice(value_bytes);
      return base::Ok();
    });
    return answered != SP_OK ? SP_STATE_SCAN_FAILED : std::int32_t{found};
  };
  Own(out, scan.release());
}

void FillStore(std::unique_ptr<RocksDbStore> store, SpStateStore* out) {
  out->get = [](SpStateStore* self, SpSlice key, SpSlice* value, std::int32_t* found,
                SpText* error) {
    return Answer(error, [&]() -> base::Status {
      std::string_view bytes;
      *found = SP_TRY(StoreOf(self).Get(View(key), bytes)) ? 1 : 0;
      *value = Slice(bytes);
      return base::Ok();
    });
  };
  out->write = [](SpStateStore* self, SpSlice changes, SpText* error) {
    return Answer(error, [&] { return StoreOf(self).Write(View(changes)); });
  };
  out->scan = [](SpStateStore* self, SpSlice from, SpSlice until, SpStateScan* scan,
                 SpText* error) {
    return Answer(error, [&]() -> base::Status {
      FillScan(StoreOf(self).ScanFrom(View(from), View(until)), scan);
      return base::Ok();
    });
  };
  out->capture = [](SpStateStore* self, SpSlice folder, SpText* error) {
    return Answer(error, [&] { return StoreOf(self).Capture(Text(folder)); });
  };
  out->expire = [](SpStateStore* self, SpSlice prefix) {
    StoreOf(self).expiries().Add(View(prefix));
  };
  out->set_now = [](SpStateStore* self, std::int64_t now_ms) {
    StoreOf(self).expiries().SetNow(now_ms);
  };
  Own(out, store.release());
}

}  // namespace
}  // namespace streampark::state

extern "C" __attribute__((visibility("default"))) std::int32_t streampark_state(
    std::uint32_t version, const SpStateSettings* settings, SpStateBackend* out, SpText* error) {
  using namespace streampark;
  using namespace streampark::connectors::abi;
  if (version != SP_STATE_ABI_VERSION) {
    return -1;
  }
  return Answer(error, [&]() -> base::Status {
    auto shared = std::make_unique<state::RocksDbSettings>(*settings);
    out->open = [](SpStateBackend* self, SpSlice folder, SpStateStore* store, SpText* failed) {
      return Answer(failed, [&]() -> base::Status {
        state::FillStore(
            SP_TRY(state::RocksDbStore::Open(
                *static_cast<state::RocksDbSettings*>(self->private_data), View(folder))),
            store);
        return base::Ok();
      });
    };
    Own(out, shared.release());
    return base::Ok();
  });
}
