// SPDX-License-Identifier: Apache-2.0
#include "streampark/core/state_backend.h"

#include <utility>

#include "streampark/connectors/abi/library.h"
#include "streampark/connectors/abi/passing.h"
#include "streampark/core/operator.h"
#include "streampark/core/state_backend_abi.h"

namespace streampark::core {
namespace {

using namespace connectors::abi;

void OrThrow(base::Status status) {
  if (!status.ok()) {
    throw TaskFailure(std::move(status).error());
  }
}

class LoadedScan final : public StateScan {
 public:
  SpStateScan* get() { return scan_.get(); }
  bool Next() override {
    Owned<SpText> error;
    const auto found = scan_->next(scan_.get(), &key_, &value_, error.get());
    if (found == SP_STATE_SCAN_FAILED) {
      const std::string text = Text(error->text);
      throw TaskFailure(
          base::ErrorFromText(text).value_or(base::Error(base::ErrorCode::kInternal, text)));
    }
    return found == 1;
  }
  std::string_view key() const override { return View(key_); }
  std::string_view value() const override { return View(value_); }

 private:
  Owned<SpStateScan> scan_;
  SpSlice key_{};
  SpSlice value_{};
};

class LoadedStore final : public StateStore {
 public:
  SpStateStore* get() { return store_.get(); }

  std::optional<std::string_view> Get(std::string_view key) override {
    SpSlice value{};
    std::int32_t found = 0;
    OrThrow(Ask(store_->get, store_.get(), Slice(key), &value, &found));
    return found == 1 ? std::optional(View(value)) : std::nullopt;
  }
  void Write(std::string_view changes) override {
    OrThrow(Ask(store_->write, store_.get(), Slice(changes)));
  }
  std::unique_ptr<StateScan> Scan(std::string_view from, std::string_view until) override {
    auto scan = std::make_unique<LoadedScan>();
    OrThrow(Ask(store_->scan, store_.get(), Slice(from), Slice(until), scan->get()));
    return scan;
  }
  base::Status Capture(const std::filesystem::path& folder) override {
    return Ask(store_->capture, store_.get(), Slice(folder.native()));
  }
  void Expire(std::string_view prefix) override { store_->expire(store_.get(), Slice(prefix)); }
  void SetNow(std::int64_t now_ms) override { store_->set_now(store_.get(), now_ms); }

 private:
  Owned<SpStateStore> store_;
};

class LoadedBackend final : public StateBackend {
 public:
  explicit LoadedBackend(Owned<SpStateBackend> backend) : backend_(std::move(backend)) {}

  base::Result<std::unique_ptr<StateStore>> Open(const std::filesystem::path& folder) override {
    auto store = std::make_unique<LoadedStore>();
    SP_TRY(Ask(backend_->open, backend_.get(), Slice(folder.native()), store->get()));
    return base::Result<std::unique_ptr<StateStore>>(std::move(store));
  }

 private:
  Owned<SpStateBackend> backend_;
};

}  // namespace

base::Result<std::unique_ptr<StateBackend>> LoadStateBackend(
    const std::filesystem::path& library, const StateBackend::Settings& settings) {
  const auto make = reinterpret_cast<SpStateFunction>(SP_TRY(FindInLibrary(
      library, {.name = "state library", .symbol = SP_STATE_SYMBOL, .macro = SP_STATE_SYMBOL})));
  const SpStateSettings passed{.cache_bytes = settings.cache_bytes,
                               .write_buffer_bytes = settings.write_buffer_bytes,
                               .stores = static_cast<std::uint32_t>(settings.stores),
                               .threads = static_cast<std::uint32_t>(settings.threads)};
  SpStateBackend made{};
  Owned<SpText> error;
  const auto answer = make(SP_STATE_ABI_VERSION, &passed, &made, error.get());
  if (answer == SP_OK) {
    return std::unique_ptr<StateBackend>(
        std::make_unique<LoadedBackend>(Owned<SpStateBackend>(made)));
  }
  if (answer == SP_FAILED) {
    const std::string text = Text(error->text);
    return base::ErrorFromText(text).value_or(base::Error(base::ErrorCode::kInternal, text));
  }
  return base::Error(base::ErrorCode::kVersionMismatch, library.string() +
                                                            " does not speak version " +
                                                            std::to_string(SP_STATE_ABI_VERSION) +
                                                            " of the contract of state libraries")
      .WithHint("use the library of the StreamPark that the job was built with");
}

}  // namespace streampark::core
