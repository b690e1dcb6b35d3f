// SPDX-License-Identifier: Apache-2.0
#include "streampark/core/savepoint_view.h"

#include <map>
#include <optional>
#include <utility>

#include "streampark/base/json.h"
#include "streampark/base/spelling.h"
#include "streampark/core/shape.h"

#include "json_values.h"
#include "runtime/folder_checkpoint_store.h"

namespace streampark::core {
namespace {

/// The next value in `in`, which has this shape.
json::value ToValue(const Shape& shape, ByteReader& in) {
  using Kind = Shape::Kind;
  switch (shape.kind) {
    case Kind::kBool:
      return in.Fixed<std::uint8_t>() != 0;
    case Kind::kInt:
      return shape.width == 1   ? in.Fixed<std::int8_t>()
             : shape.width == 2 ? in.Fixed<std::int16_t>()
             : shape.width == 4 ? in.Fixed<std::int32_t>()
                                : in.Fixed<std::int64_t>();
    case Kind::kUnsigned:
      return shape.width == 1   ? in.Fixed<std::uint8_t>()
             : shape.width == 2 ? in.Fixed<std::uint16_t>()
             : shape.width == 4 ? in.Fixed<std::uint32_t>()
                                : in.Fixed<std::uint64_t>();
    case Kind::kFloat:
      return FloatValue(shape.width == 4 ? in.Fixed<float>() : in.Fixed<double>());
    case Kind::kText:
      return TextValue(in.Text());
    case Kind::kOptional:
      return in.Fixed<std::uint8_t>() != 0 ? ToValue(shape.children[0], in) : nullptr;
    case Kind::kList: {
      json::array list;
      for (auto count = in.Length(); count > 0 && !in.failed(); --count) {
        list.push_back(ToValue(shape.children[0], in));
      }
      return list;
    }
    case Kind::kMap: {
      json::array pairs;
      json::object named;
      for (auto count = in.Length(); count > 0 && !in.failed(); --count) {
        json::value key = ToValue(shape.children[0], in);
        json::value value = ToValue(shape.children[1], in);
        if (shape.children[0].kind == Kind::kText && key.is_string()) {
          named[key.get_string()] = std::move(value);
        } else {
          pairs.push_back(json::array{std::move(key), std::move(value)});
        }
      }
      return pairs.empty() ? json::value(std::move(named)) : json::value(std::move(pairs));
    }
    case Kind::kRecord: {
      json::object record;
      for (const Shape& field : shape.children) {
        record[field.name] = ToValue(field, in);
      }
      return record;
    }
  }
  return nullptr;
}

struct Shapes {
  Shape key, value;
};

base::Result<Shapes> ShapesOf(std::string_view description) {
  ByteReader in(description);
  Shape key = SP_TRY(Shape::Read(in));
  Shape value = SP_TRY(Shape::Read(in));
  return Shapes{std::move(key), std::move(value)};
}

base::Error Damaged(std::string_view state) {
  return {base::ErrorCode::kSnapshotInvalid,
          "The state '" + std::string(state) + "' is cut short in the checkpoint."};
}

void Add(const std::string& name, const OperatorSnapshot::Keyed& keyed,
         std::map<std::string, SavepointView::KeyedState>& into, base::Status& status) {
  auto& state = into[name];
  state.name = name;
  const auto shapes = ShapesOf(keyed.description);
  if (!shapes.ok()) {
    status = shapes.error();
    return;
  }
  state.key = shapes->key.ToString();
  state.value = shapes->value.ToString();
  for (const auto& [group, bytes] : keyed.groups) {
    state.bytes += static_cast<std::int64_t>(bytes.size());
    ByteReader in(bytes);
    while (!in.at_end() && !in.failed()) {
      in.Text();
      in.Text();
      ++state.entries;
    }
    if (in.failed()) {
      status = Damaged(name);
    }
  }
}

using ShownStates = std::map<std::string, SavepointView::KeyedState>;

/// What a backend has of each operator.
base::Result<std::map<std::string, ShownStates>> StatesOnDisk(const FoundCheckpoint& opened,
                                                              std::int64_t& bytes) {
  std::map<std::string, ShownStates> states;
  for (const auto& file : opened.record.backends) {
    const BackendRecord record = SP_TRY(opened.store->ReadBackend(file));
    bytes += static_cast<std::int64_t>(record.bytes());
    for (const DiskState& state : record.states) {
      const Shapes shapes = SP_TRY(ShapesOf(state.description));
      states[state.owner][state.name] = {.name = state.name,
                                         .key = shapes.key.ToString(),
                                         .value = shapes.value.ToString(),
                                         .entries = 0,
                                         .bytes = 0,
                                         .on_disk = true};
    }
  }
  return states;
}

base::Error NoSuch(const std::string& what, std::string_view name,
                   const std::vector<std::string>& names, const std::string& where) {
  std::string all;
  for (const std::string& one : names) {
    all += (all.empty() ? "" : ", ") + one;
  }
  const auto near = base::ClosestMatch(name, names);
  return base::Error(base::ErrorCode::kNotFound,
                     "there is no " + what + " '" + std::string(name) + "' in " + where)
      .WithHint((near ? "did you mean '" + *near + "'? " : "") +
                (all.empty() ? "there is none" : "there are: " + all));
}

}  // namespace

base::Result<SavepointView> LookInto(const objects::Location& folder,
                                     const objects::S3Options& options) {
  const FoundCheckpoint opened = SP_TRY(FindCheckpoint(folder, options));
  const CheckpointRecord& record = opened.record;
  SavepointView view{.job = record.job,
                     .lineage = record.lineage,
                     .id = record.id,
                     .at = record.at,
                     .savepoint = record.savepoint,
                     .key_groups = record.key_groups,
                     .operators = {},
                     .backend_bytes = 0};
  auto on_disk = SP_TRY(StatesOnDisk(opened, view.backend_bytes));
  for (const auto& [name, node] : record.nodes) {
    SavepointView::Operator& shown = view.operators.emplace_back();
    shown.name = name;
    shown.parallelism = node.parallelism;
    shown.splits_waiting = static_cast<int>(node.unassigned.size());
    shown.prepared = static_cast<int>(node.committables.size());
    ShownStates keyed = std::move(on_disk[name]);
    std::map<std::string, SavepointView::ListState> lists;
    for (const std::string& file : node.files) {
      const OperatorSnapshot snapshot = SP_TRY(opened.store->ReadState(file));
      base::Status status = base::Ok();
      for (const auto& [state, sections] : snapshot.keyed) {
        Add(state, sections, keyed, status);
      }
      SP_TRY(std::move(status));
      for (const auto& [list, elements] : snapshot.lists) {
        auto& into = lists[list];
        into.name = list;
        into.elements += static_cast<std::int64_t>(elements.elements.size());
        for (const std::string& element : elements.elements) {
          into.bytes += static_cast<std::int64_t>(element.size());
        }
      }
    }
    for (auto& [state, seen] : keyed) {
      shown.keyed.push_back(std::move(seen));
    }
    for (auto& [list, seen] : lists) {
      shown.lists.push_back(std::move(seen));
    }
  }
  return view;
}

base::Status VisitEntries(const objects::Location& folder, std::string_view operator_name,
                          std::string_view state,
                          const std::function<bool(const std::string& entry)>& visit,
                          const objects::S3Options& options) {
  const FoundCheckpoint opened = SP_TRY(FindCheckpoint(folder, options));
  const auto node = opened.record.nodes.find(operator_name);
  if (node == opened.record.nodes.end()) {
    std::vector<std::string> names;
    for (const auto& [name, one] : opened.record.nodes) {
      names.push_back(name);
    }
    return NoSuch("operator", operator_name, names, folder.text());
  }
  std::int64_t unused = 0;
  const auto on_disk = SP_TRY(StatesOnDisk(opened, unused));
  if (const auto owner = on_disk.find(std::string(operator_name));
      owner != on_disk.end() && owner->second.contains(std::string(state))) {
    return base::Error(base::ErrorCode::kIllegalState, "the state '" + std::string(state) +
                                                           "' is in RocksDB's files, which " +
                                                           folder.text() + " only refers to")
        .WithHint("take a savepoint of the job and look into that");
  }
  std::vector<std::string> states;
  bool found = false;
  for (const std::string& file : node->second.files) {
    const OperatorSnapshot snapshot = SP_TRY(opened.store->ReadState(file));
    for (const auto& [name, keyed] : snapshot.keyed) {
      states.push_back(name);
      if (name != state) {
        continue;
      }
      found = true;
      const Shapes shapes = SP_TRY(ShapesOf(keyed.description));
      for (const auto& [group, bytes] : keyed.groups) {
        ByteReader in(bytes);
        while (!in.at_end()) {
          ByteReader key(in.Text());
          ByteReader value(in.Text());
          const json::object entry{{"key", ToValue(shapes.key, key)},
                                   {"value", ToValue(shapes.value, value)}};
          if (in.failed() || key.failed() || value.failed()) {
            return Damaged(state);
          }
          if (!visit(json::serialize(entry))) {
            return base::Ok();
          }
        }
      }
    }
  }
  if (!found) {
    return NoSuch("keyed state", state, states,
                  "the operator '" + std::string(operator_name) + "'");
  }
  return base::Ok();
}

}  // namespace streampark::core
