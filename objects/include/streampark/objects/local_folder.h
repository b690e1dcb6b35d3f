// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>

#include "streampark/objects/object_folder.h"

namespace streampark::objects {

/// A folder of this machine, which need not be there yet. Its claim is a lock on `_lock`.
std::unique_ptr<ObjectFolder> MakeLocalFolder(std::filesystem::path folder);

}  // namespace streampark::objects
