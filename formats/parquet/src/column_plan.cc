// SPDX-License-Identifier: Apache-2.0
#include "column_plan.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace streampark::parquet {
namespace {

using connectors::Nullability;
using connectors::TypeKind;

base::Error BadColumn(const std::string& path, const std::string& what) {
  return {base::ErrorCode::kValidationFailed, "the column '" + path + "' " + what};
}

/// One a value, by place; the first reason of each.
void Merge(RefusedValues more, RefusedValues& refused) {
  if (more.empty()) {
    return;
  }
  refused.insert(refused.end(), std::make_move_iterator(more.begin()),
                 std::make_move_iterator(more.end()));
  const auto before = [](const RefusedValue& a, const RefusedValue& b) { return a.at < b.at; };
  std::stable_sort(refused.begin(), refused.end(), before);
  const auto same = [](const RefusedValue& a, const RefusedValue& b) { return a.at == b.at; };
  refused.erase(std::unique(refused.begin(), refused.end(), same), refused.end());
}

/// Lists of any kind as offsets into their elements.
struct Lists {
  ArrayPtr elements;  // a list's, or a map's keys
  ArrayPtr items;     // a map's
  std::int64_t width = -1;
  const std::int32_t* narrow = nullptr;
  const std::int64_t* wide = nullptr;

  explicit Lists(const arrow::Array& values) {
    switch (values.type_id()) {
      case arrow::Type::LIST: {
        const auto& list = static_cast<const arrow::ListArray&>(values);
        elements = list.values();
        narrow = list.raw_value_offsets();
        break;
      }
      case arrow::Type::MAP: {
        const auto& map = static_cast<const arrow::MapArray&>(values);
        elements = map.keys();
        items = map.items();
        narrow = map.raw_value_offsets();
        break;
      }
      case arrow::Type::LARGE_LIST: {
        const auto& list = static_cast<const arrow::LargeListArray&>(values);
        elements = list.values();
        wide = list.raw_value_offsets();
        break;
      }
      default: {
        const auto& list = static_cast<const arrow::FixedSizeListArray&>(values);
        width = list.list_type()->list_size();
        elements = list.values()->Slice(list.offset() * width);
      }
    }
  }

  std::int64_t offset(std::int64_t row) const {
    return narrow != nullptr ? narrow[row] : wide != nullptr ? wide[row] : row * width;
  }
};

}  // namespace

base::Result<ColumnPlan> ColumnPlan::Make(const std::vector<FileField>& from,
                                          const connectors::Field& to, const arrow::Field& target,
                                          const std::string& path, const Choices& choices) {
  const FileField* found = nullptr;
  std::string whole = path.empty() ? to.name : path + "." + to.name;
  for (const FileField& field : from) {
    if (field.field->name() == to.name) {
      if (found != nullptr) {
        return BadColumn(whole, "is there more than once");
      }
      found = &field;
    }
  }
  ColumnPlan plan(found, to, target.type(), std::move(whole), choices);
  if (found != nullptr) {
    SP_TRY(plan.PlanParts());
  } else if (choices.missing == Missing::kRefused) {
    return BadColumn(plan.path_, "is not in the file")
        .WithHint("parquet.missing-columns = null reads a column that is not there as null");
  } else if (to.nullability == Nullability::kRequired) {
    return BadColumn(plan.path_, "is NOT NULL, and not in the file");
  }
  return plan;
}

base::Error ColumnPlan::Unreadable() const {
  const std::string fitting = TypeFor(*from_->field->type());
  return BadColumn(path_, "is " + from_->field->type()->ToString() +
                              " in the file, and cannot be read as " + to_.type.ToString())
      .WithHint(fitting.empty() ? "leave it out: there is no type for it"
                                : "declare it as " + fitting);
}

base::Status ColumnPlan::PlanParts() {
  const auto& parts = to_.type.children();
  const arrow::Type::type id = from_->field->type()->id();
  switch (to_.type.kind()) {
    case TypeKind::kList: {
      const bool is_list = id == arrow::Type::LIST || id == arrow::Type::LARGE_LIST ||
                           id == arrow::Type::FIXED_SIZE_LIST;
      if (!is_list || from_->children.size() != 1) {
        return Unreadable();
      }
      // An element's name is the writer's choice.
      ColumnPlan element(from_->children.data(), parts[0], target_->field(0)->type(),
                         path_ + ".element", choices_);
      SP_TRY(element.PlanParts());
      parts_.push_back(std::move(element));
      return base::Ok();
    }
    case TypeKind::kMap: {
      if (id != arrow::Type::MAP || from_->children.size() != 1 ||
          from_->children[0].children.size() != 2) {
        return Unreadable();
      }
      const auto& entry = target_->field(0)->type();
      for (std::size_t i = 0; i < 2; ++i) {
        ColumnPlan part(&from_->children[0].children[i], parts[i],
                        entry->field(static_cast<int>(i))->type(),
                        path_ + (i == 0 ? ".key" : ".value"), choices_);
        SP_TRY(part.PlanParts());
        parts_.push_back(std::move(part));
      }
      return base::Ok();
    }
    case TypeKind::kStruct:
      if (id != arrow::Type::STRUCT) {
        return Unreadable();
      }
      for (std::size_t i = 0; i < parts.size(); ++i) {
        parts_.push_back(SP_TRY(Make(from_->children, parts[i],
                                     *target_->field(static_cast<int>(i)), path_, choices_)));
      }
      return base::Ok();
    default:
      return Converts(*from_->field->type(), to_.type) ? base::Ok() : base::Status(Unreadable());
  }
}

void ColumnPlan::AddLeaves(std::vector<int>& to) const {
  if (missing()) {
    return;
  }
  const std::size_t before = to.size();
  for (const ColumnPlan& part : parts_) {
    part.AddLeaves(to);
  }
  // Of a group whose parts are all missing any leaf says where it is null.
  if (to.size() == before) {
    const FileField* field = from_;
    while (!field->is_leaf()) {
      field = field->children.data();
    }
    to.push_back(field->column_index);
  }
}

arrow::Result<ArrayPtr> ColumnPlan::Convert(const ArrayPtr& values, std::int64_t length,
                                            arrow::MemoryPool* pool, RefusedValues& refused) const {
  if (missing() || values == nullptr || values->type_id() == arrow::Type::NA) {
    ARROW_ASSIGN_OR_RAISE(const auto nulls, arrow::MakeArrayOfNull(target_, length, pool));
    RefuseNulls(*nulls, refused);
    return nulls;
  }
  RefusedValues own;
  ArrayPtr converted;
  switch (to_.type.kind()) {
    case TypeKind::kList:
    case TypeKind::kMap: {
      ARROW_ASSIGN_OR_RAISE(converted, ConvertList(*values, pool, own));
      break;
    }
    case TypeKind::kStruct: {
      ARROW_ASSIGN_OR_RAISE(converted, ConvertStruct(*values, pool, own));
      break;
    }
    default:
      ARROW_ASSIGN_OR_RAISE(
          converted, ConvertValues(values, to_.type, target_, choices_.nanoseconds, pool, own));
      for (RefusedValue& value : own) {
        value.reason.insert(0, "'" + path_ + "': ");
      }
  }
  Merge(std::move(own), refused);
  RefuseNulls(*converted, refused);
  return converted;
}

void ColumnPlan::RefuseNulls(const arrow::Array& values, RefusedValues& refused) const {
  if (to_.nullability == Nullability::kNullable || values.null_count() == 0) {
    return;
  }
  RefusedValues nulls;
  for (std::int64_t i = 0; i < values.length(); ++i) {
    if (values.IsNull(i)) {
      nulls.push_back({i, "'" + path_ + "' is null, and NOT NULL"});
    }
  }
  Merge(std::move(nulls), refused);
}

arrow::Result<ArrayPtr> ColumnPlan::ConvertList(const arrow::Array& values, arrow::MemoryPool* pool,
                                                RefusedValues& refused) const {
  const Lists lists(values);
  const std::int64_t length = values.length();
  const std::int64_t first = length == 0 ? 0 : lists.offset(0);
  const std::int64_t count = length == 0 ? 0 : lists.offset(length) - first;
  if (count > std::numeric_limits<std::int32_t>::max()) {
    return arrow::Status::Invalid("the lists of '", path_, "' are too long");
  }
  ARROW_ASSIGN_OR_RAISE(
      auto buffer, arrow::AllocateBuffer((length + 1) * std::int64_t{sizeof(std::int32_t)}, pool));
  auto* offsets = buffer->mutable_data_as<std::int32_t>();
  for (std::int64_t i = 0; i <= length; ++i) {
    offsets[i] = length == 0 ? 0 : static_cast<std::int32_t>(lists.offset(i) - first);
  }

  RefusedValues of_elements;
  std::vector<std::shared_ptr<arrow::ArrayData>> children;
  for (const ColumnPlan& part : parts_) {
    const ArrayPtr& all = children.empty() ? lists.elements : lists.items;
    ARROW_ASSIGN_OR_RAISE(const auto elements,
                          part.Convert(all->Slice(first, count), count, pool, of_elements));
    children.push_back(elements->data());
  }
  RefusedValues of_lists;
  for (RefusedValue& element : of_elements) {
    const auto* after = std::upper_bound(offsets, offsets + length + 1, element.at);
    of_lists.push_back({after - offsets - 1, std::move(element.reason)});
  }
  Merge(std::move(of_lists), refused);

  if (children.size() == 2) {
    children = {arrow::ArrayData::Make(target_->field(0)->type(), count, {nullptr},
                                       std::move(children), 0)};
  }
  ARROW_ASSIGN_OR_RAISE(auto validity, ValidityOf(values, pool));
  return arrow::MakeArray(arrow::ArrayData::Make(target_, length,
                                                 {std::move(validity), std::move(buffer)},
                                                 std::move(children), values.null_count()));
}

arrow::Result<ArrayPtr> ColumnPlan::ConvertStruct(const arrow::Array& values,
                                                  arrow::MemoryPool* pool,
                                                  RefusedValues& refused) const {
  const auto& group = static_cast<const arrow::StructArray&>(values);
  RefusedValues of_parts;
  std::vector<std::shared_ptr<arrow::ArrayData>> children;
  for (const ColumnPlan& part : parts_) {
    ARROW_ASSIGN_OR_RAISE(const auto converted,
                          part.Convert(part.missing() ? nullptr : group.GetFieldByName(part.name()),
                                       group.length(), pool, of_parts));
    children.push_back(converted->data());
  }
  // Where the group is null its parts are nothing.
  std::erase_if(of_parts, [&](const RefusedValue& value) { return group.IsNull(value.at); });
  Merge(std::move(of_parts), refused);
  ARROW_ASSIGN_OR_RAISE(auto validity, ValidityOf(values, pool));
  return arrow::MakeArray(arrow::ArrayData::Make(target_, group.length(), {std::move(validity)},
                                                 std::move(children), values.null_count()));
}

}  // namespace streampark::parquet
