// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "streampark/console/caller.h"
#include "streampark/console/operations/operation.h"

namespace streampark::http {

/// The caller as the one who asked for an operation.
console::Requester RequesterOf(const console::Caller& caller);

}  // namespace streampark::http
