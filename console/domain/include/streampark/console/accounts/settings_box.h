// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <utility>

#include "streampark/console/accounts/account_store.h"
#include "streampark/console/accounts/settings.h"

namespace streampark::console {

/// The console's settings: read from memory, stored before they hold. Thread-safe.
class SettingsBox final : public SettingsSource {
 public:
  explicit SettingsBox(SettingsStore& store);

  base::Status Reload();
  std::shared_ptr<const Settings> Current() const override;
  /// STALE_EDIT when somebody was faster.
  base::Result<Settings> Update(Settings wanted, std::int64_t expected_version);
  /// Called with new settings, by the thread that brings them. Set it before there are any.
  void OnChange(std::function<void(const Settings&)> listener) { on_change_ = std::move(listener); }

 private:
  SettingsStore& store_;
  mutable std::mutex mutex_;
  std::shared_ptr<const Settings> current_;
  std::function<void(const Settings&)> on_change_;
};

}  // namespace streampark::console
