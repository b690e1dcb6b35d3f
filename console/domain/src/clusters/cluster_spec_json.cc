// SPDX-License-Identifier: Apache-2.0
#include "streampark/console/clusters/cluster_spec_json.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "streampark/base/json.h"
#include "streampark/base/spelling.h"

#include "clusters/address.h"

namespace streampark::console {
namespace {

/// Reads members of one object and collects what is wrong with them.
class Members {
 public:
  Members(const json::object& object, std::string pointer)
      : object_(object), pointer_(std::move(pointer)) {}

  void Text(const char* key, std::string& target) {
    const json::value* member = Find(key);
    if (member == nullptr || member->is_null()) {
      return;
    }
    if (!member->is_string()) {
      Fault(key, "must be a text");
      return;
    }
    target = std::string(member->as_string());
  }

  void Number(const char* key, int& target) {
    const json::value* member = Find(key);
    if (member == nullptr || member->is_null()) {
      return;
    }
    if (!member->is_int64() || member->as_int64() > std::numeric_limits<int>::max() ||
        member->as_int64() < std::numeric_limits<int>::min()) {
      Fault(key, "must be a whole number");
      return;
    }
    target = static_cast<int>(member->as_int64());
  }

  const json::object* Object(const char* key) {
    const json::value* member = Find(key);
    if (member == nullptr || member->is_null()) {
      return nullptr;
    }
    if (!member->is_object()) {
      Fault(key, "must be an object");
      return nullptr;
    }
    return &member->as_object();
  }

  const json::array* Array(const char* key) {
    const json::value* member = Find(key);
    if (member == nullptr || member->is_null()) {
      return nullptr;
    }
    if (!member->is_array()) {
      Fault(key, "must be a list");
      return nullptr;
    }
    return &member->as_array();
  }

  void Fault(std::string_view key, std::string message, std::string hint = {}) {
    faults.push_back({pointer_ + "/" + PointerToken(key), std::move(message), std::move(hint)});
  }

  void CheckUnknown() {
    for (const auto& member : object_) {
      const std::string key(member.key());
      if (std::find(known_.begin(), known_.end(), key) != known_.end()) {
        continue;
      }
      const auto near = base::ClosestMatch(key, known_);
      unknown.push_back({pointer_ + "/" + PointerToken(key), "there is no field '" + key + "'",
                         near ? "did you mean '" + *near + "'?" : ""});
    }
  }

  std::vector<base::FieldError> faults;
  std::vector<base::FieldError> unknown;

 private:
  const json::value* Find(const char* key) {
    known_.emplace_back(key);
    return object_.if_contains(key);
  }

  const json::object& object_;
  const std::string pointer_;
  std::vector<std::string> known_;
};

void ReadRestart(Members& in, RestartBudget& budget) {
  const json::object* object = in.Object("restart");
  if (object == nullptr) {
    return;
  }
  Members inner(*object, "/restart");
  inner.Number("attempts", budget.attempts);
  std::string within;
  inner.Text("within", within);
  if (!within.empty()) {
    if (const auto duration = base::ParseDuration(within)) {
      budget.within = *duration;
    } else {
      inner.Fault("within", "'" + within + "' is not a duration", "10m, say");
    }
  }
  inner.CheckUnknown();
  std::move(inner.faults.begin(), inner.faults.end(), std::back_inserter(in.faults));
  std::move(inner.unknown.begin(), inner.unknown.end(), std::back_inserter(in.unknown));
}

void ReadOptions(Members& in, std::map<std::string, std::string>& options) {
  const json::object* object = in.Object("options");
  if (object == nullptr) {
    return;
  }
  for (const auto& member : *object) {
    const std::string key(member.key());
    if (!member.value().is_string()) {
      in.faults.push_back({"/options/" + PointerToken(key), "must be a text", "put it in quotes"});
    } else {
      options[key] = std::string(member.value().as_string());
    }
  }
}

void ReadAddresses(Members& in, std::vector<std::string>& addresses) {
  const json::array* array = in.Array("addresses");
  if (array == nullptr) {
    return;
  }
  for (std::size_t i = 0; i < array->size(); ++i) {
    const json::value& item = (*array)[i];
    if (item.is_string()) {
      addresses.emplace_back(item.as_string());
    } else {
      in.faults.push_back({"/addresses/" + std::to_string(i), "must be a text", ""});
    }
  }
}

base::Error Refusal(base::ErrorCode code, std::vector<base::FieldError> fields) {
  std::string message = fields.front().message;
  if (fields.size() > 1) {
    message += ", and " + std::to_string(fields.size() - 1) + " more";
  }
  return base::Error(code, std::move(message)).WithFields(std::move(fields));
}

}  // namespace

json::object ToJson(const ClusterSpec& spec) {
  json::array addresses(spec.addresses.begin(), spec.addresses.end());
  json::object options;
  for (const auto& [key, value] : spec.options) {
    options[key] = value;
  }
  return {{"name", spec.name},
          {"teamId", json::TextOrNull(spec.team_id)},
          {"engine", spec.engine},
          {"kind", ToString(spec.kind)},
          {"description", spec.description},
          {"installationId", json::TextOrNull(spec.installation_id)},
          {"addresses", std::move(addresses)},
          {"checkpointDirectory", json::TextOrNull(spec.checkpoint_directory)},
          {"savepointDirectory", json::TextOrNull(spec.savepoint_directory)},
          {"jobManagerMemory", spec.job_manager_memory},
          {"taskManagers", spec.task_managers},
          {"taskManagerMemory", spec.task_manager_memory},
          {"slotsPerTaskManager", spec.slots_per_task_manager},
          {"options", std::move(options)},
          {"restart", json::object{{"attempts", spec.restart.attempts},
                                   {"within", base::FormatDuration(spec.restart.within)}}}};
}

base::Result<ClusterSpec> ClusterSpecFromJson(const json::object& object) {
  ClusterSpec spec;
  Members in(object, "");
  in.Text("name", spec.name);
  in.Text("teamId", spec.team_id);
  in.Text("engine", spec.engine);
  std::string kind;
  in.Text("kind", kind);
  if (const auto parsed = ParseClusterKind(kind)) {
    spec.kind = *parsed;
  } else {
    in.Fault("kind", kind.empty() ? "is missing" : "'" + kind + "' is not a kind of cluster",
             "STANDALONE, REMOTE or MACHINE");
  }
  in.Text("description", spec.description);
  in.Text("installationId", spec.installation_id);
  ReadAddresses(in, spec.addresses);
  in.Text("checkpointDirectory", spec.checkpoint_directory);
  in.Text("savepointDirectory", spec.savepoint_directory);
  in.Text("jobManagerMemory", spec.job_manager_memory);
  in.Number("taskManagers", spec.task_managers);
  in.Text("taskManagerMemory", spec.task_manager_memory);
  in.Number("slotsPerTaskManager", spec.slots_per_task_manager);
  ReadOptions(in, spec.options);
  ReadRestart(in, spec.restart);
  in.CheckUnknown();
  if (!in.unknown.empty()) {
    return Refusal(base::ErrorCode::kUnknownField, std::move(in.unknown));
  }
  if (!in.faults.empty()) {
    return Refusal(base::ErrorCode::kValidationFailed, std::move(in.faults));
  }
  return spec;
}

}  // namespace streampark::console
