// SPDX-License-Identifier: Apache-2.0
#include "streampark/console/accounts/settings_box.h"

namespace streampark::console {

SettingsBox::SettingsBox(SettingsStore& store)
    : store_(store), current_(std::make_shared<const Settings>()) {}

base::Status SettingsBox::Reload() {
  auto loaded = std::make_shared<const Settings>(SP_TRY(store_.Load()));
  {
    const std::lock_guard lock(mutex_);
    current_ = loaded;
  }
  if (on_change_) {
    on_change_(*loaded);
  }
  return base::Ok();
}

std::shared_ptr<const Settings> SettingsBox::Current() const {
  const std::lock_guard lock(mutex_);
  return current_;
}

base::Result<Settings> SettingsBox::Update(Settings wanted, std::int64_t expected_version) {
  wanted.version = expected_version + 1;
  SP_TRY(store_.Save(wanted));
  SP_TRY(Reload());
  return wanted;
}

}  // namespace streampark::console
