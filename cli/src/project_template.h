// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "streampark/base/result.h"

namespace streampark::cli {

/// A file of cli/templates, with `@NAME@` (carrier-delays), `@TARGET@` (carrier_delays) and `@JOB@` (CarrierDelays) in path and text.
struct TemplateFile {
  std::string_view path, text;
};

/// cli/templates/cpp.
const std::vector<TemplateFile>& CppTemplate();

/// What a project's name stands for.
struct ProjectNames {
  std::string name, target, job;

  /// INVALID_REQUEST unless it is words of lower-case letters and digits, joined by `-`.
  static base::Result<ProjectNames> Of(std::string_view name);
  std::string PutInto(std::string_view text) const;
};

}  // namespace streampark::cli
