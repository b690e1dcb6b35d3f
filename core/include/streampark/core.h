// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Everything that a job's author needs.
#include "streampark/core/aggregates.h"
#include "streampark/core/async.h"
#include "streampark/core/broadcast_process.h"
#include "streampark/core/changes.h"
#include "streampark/core/co_process.h"
#include "streampark/core/connected_streams.h"
#include "streampark/core/context.h"
#include "streampark/core/joined_streams.h"
#include "streampark/core/keyed_process.h"
#include "streampark/core/keyed_stream.h"
#include "streampark/core/process_function.h"
#include "streampark/core/record.h"
#include "streampark/core/running.h"
#include "streampark/core/state.h"
#include "streampark/core/stream.h"
#include "streampark/core/time.h"
#include "streampark/core/windowed_stream.h"
#include "streampark/core/windows.h"
