// SPDX-License-Identifier: Apache-2.0
#include "streampark/core/operator.h"

namespace streampark::core {

void TwoInputOperator::Advance(int input, EventTime watermark) {
  if (const auto grown = watermarks_.Advance(static_cast<std::size_t>(input), watermark)) {
    AdvanceBoth(*grown);
  }
}

void TwoInputOperator::Idle(int input) {
  if (const auto grown = watermarks_.Idle(static_cast<std::size_t>(input))) {
    AdvanceBoth(*grown);
  }
  if (watermarks_.all_idle()) {
    context_->output().Idle();
  }
}

}  // namespace streampark::core
