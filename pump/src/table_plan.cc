// SPDX-License-Identifier: Apache-2.0
#include "streampark/pump/table_plan.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "streampark/base/spelling.h"

#include "row_transform.h"

namespace streampark::pump {
namespace {

using connectors::CatalogColumn;
using connectors::CatalogTable;
using connectors::Connector;
using connectors::OptionUse;
using connectors::TableId;

constexpr const char* kOurs = "the pump";

std::string Joined(const std::vector<std::string>& names) {
  std::string joined;
  for (const std::string& name : names) {
    joined += (joined.empty() ? "" : ",") + name;
  }
  return joined;
}

std::vector<std::string> NamesOf(const std::vector<CatalogColumn>& columns) {
  std::vector<std::string> names;
  for (const CatalogColumn& column : columns) {
    names.push_back(column.name);
  }
  return names;
}

const CatalogColumn* FindColumn(const CatalogTable& table, const std::string& name) {
  const auto found = std::ranges::find(table.columns, name, &CatalogColumn::name);
  return found == table.columns.end() ? nullptr : &*found;
}

base::Error NoColumn(const std::string& where, const std::string& table, const std::string& name,
                     const std::vector<CatalogColumn>& there) {
  const auto near = base::ClosestMatch(name, NamesOf(there));
  return base::Error(base::ErrorCode::kValidationFailed,
                     where + table + " has no column '" + name + "'")
      .WithHint(near ? "did you mean '" + *near + "'?" : "it has " + Joined(NamesOf(there)));
}

/// `a.b`, `b`: the first dot parts them.
TableId Routed(const std::string& route, const TableId& otherwise) {
  const auto dot = route.find('.');
  if (dot == std::string::npos) {
    return {.schema = otherwise.schema, .table = route};
  }
  return {.schema = route.substr(0, dot), .table = route.substr(dot + 1)};
}

base::Status Require(bool capable, const std::string& key, const PumpFile& file,
                     const std::string& why) {
  if (capable) {
    return base::Ok();
  }
  return base::Error(base::ErrorCode::kJobFileInvalid,
                     key + file.config.OriginOf(key + ".url") + " " + why)
      .WithHint("a pump job reads and writes tables of databases so far");
}

/// By columns.
base::Status RequireReadable(const CatalogColumn& column, const std::string& table) {
  if (column.type) {
    return base::Ok();
  }
  return base::Error(base::ErrorCode::kValidationFailed, "the column '" + column.name + "' of " +
                                                             table + " has the type " +
                                                             column.native + ": " + column.refusal)
      .WithHint("name the columns that are wanted without it, under `transforms`");
}

const std::map<std::string, std::string>& NoNames() {
  static const std::map<std::string, std::string> none;
  return none;
}

std::string ModeOf(const PumpFile& file) {
  const auto mode = file.config.values().find("sink.mode");
  return mode == file.config.values().end() ? "append" : mode->second.text;
}

/// Whether the target is the table that is read, as far as the file shows it.
bool IsItself(const PumpFile& file, const TablePlan& plan) {
  const auto& values = file.config.values();
  const auto from = values.find("source.url");
  const auto to = values.find("sink.url");
  return file.source == file.sink && from != values.end() && to != values.end() &&
         from->second.text == to->second.text && plan.part == plan.to_name;
}

bool HasOption(const Connector& connector, std::string_view name) {
  return std::ranges::any_of(connector.options().specs(),
                             [&](const auto& spec) { return spec.name == name; });
}

}  // namespace

base::Result<std::unique_ptr<TablePlanner>> TablePlanner::Make(
    PumpFile file, const connectors::ConnectorRegistry& connectors, const base::Clock& clock) {
  const Connector* source = SP_TRY(connectors.Find(file.source));
  const Connector* sink = SP_TRY(connectors.Find(file.sink));
  SP_TRY(Require(source->capabilities().catalog, "source", file,
                 "'" + file.source + "' has no tables to find"));
  SP_TRY(Require(sink->capabilities().keeps_splits && sink->capabilities().catalog, "sink", file,
                 "'" + file.sink + "' cannot note how far rows have come"));
  // What is wrong with the options is known before anything is connected to.
  SP_TRY(file.config.Read("source.", source->options(), OptionUse::kSource));
  SP_TRY(file.config.Read("sink.", sink->options(), OptionUse::kSink));
  return std::unique_ptr<TablePlanner>(new TablePlanner(std::move(file), *source, *sink, clock));
}

base::Status TablePlanner::Connect() {
  if (from_) {
    return base::Ok();
  }
  auto from = SP_TRY(source_.MakeCatalog(
      {.options = SP_TRY(file_.config.Read("source.", source_.options(), OptionUse::kSource)),
       .schema = nullptr,
       .clock = &clock_}));
  to_ = SP_TRY(sink_.MakeCatalog(
      {.options = SP_TRY(file_.config.Read("sink.", sink_.options(), OptionUse::kSink)),
       .schema = nullptr,
       .clock = &clock_}));
  ruled_.clear();
  for (const TableRule& rule : file_.rules) {
    ruled_.push_back(SP_TRY(from->Find(rule.tables)));
    if (ruled_.back().empty()) {
      return base::Error(base::ErrorCode::kNotFound,
                         rule.origin + ": no table of the source is named '" + rule.tables + "'");
    }
  }
  from_ = std::move(from);
  return base::Ok();
}

void TablePlanner::Disconnect() {
  from_.reset();
  to_.reset();
  ruled_.clear();
  targets_.clear();
}

base::Result<std::vector<TableId>> TablePlanner::Find() {
  SP_TRY(Connect());
  std::vector<TableId> found;
  for (const std::string& pattern :
       file_.tables.empty() ? std::vector<std::string>{"*"} : file_.tables) {
    const auto named = SP_TRY(from_->Find(pattern));
    if (named.empty()) {
      return base::Error(base::ErrorCode::kNotFound,
                         "no table of the source is named '" + pattern + "'")
          .WithHint("`schema.table`, with * for any characters; upper and lower case differ");
    }
    for (const TableId& table : named) {
      if (std::ranges::find(found, table) == found.end()) {
        found.push_back(table);
      }
    }
  }
  return found;
}

const TableRule* TablePlanner::RuleOf(const TableId& table) {
  for (std::size_t i = 0; i < ruled_.size(); ++i) {
    if (std::ranges::find(ruled_[i], table) != ruled_[i].end()) {
      return &file_.rules[i];
    }
  }
  return nullptr;
}

base::Result<TablePlan> TablePlanner::Plan(const TableId& table) {
  SP_TRY(Connect());
  TablePlan plan;
  plan.part = from_->NameOf(table);
  auto from = SP_TRY(from_->Describe(table));
  if (!from) {
    return base::Error(base::ErrorCode::kNotFound, "the source has no table " + plan.part);
  }
  plan.from = *std::move(from);
  const TableRule* rule = RuleOf(table);
  SP_TRY(ChooseColumns(rule, plan));
  SP_TRY(ChooseTarget(rule, plan));
  return plan;
}

base::Status TablePlanner::ChooseColumns(const TableRule* rule, TablePlan& plan) const {
  const std::string where = rule != nullptr ? rule->origin + ": " : "";
  plan.columns =
      rule != nullptr && !rule->columns.empty() ? rule->columns : NamesOf(plan.from.columns);
  plan.where = rule != nullptr ? rule->where : "";
  for (const std::string& name : plan.columns) {
    if (FindColumn(plan.from, name) == nullptr) {
      return NoColumn(where, plan.part, name, plan.from.columns);
    }
  }
  std::vector<connectors::Field> fields;
  std::vector<std::string> key = plan.from.key;
  if (rule != nullptr && !rule->looks_into_rows().empty()) {
    SP_TRY(ChooseTransform(*rule, plan, fields, key));
  } else {
    for (const std::string& name : rule != nullptr ? rule->drop : std::vector<std::string>()) {
      if (std::erase(plan.columns, name) == 0) {
        return NoColumn(where + "drop: ", plan.part, name, plan.from.columns);
      }
    }
    plan.from_columns = plan.columns;
    plan.how.resize(plan.columns.size());
    for (const std::string& name : plan.columns) {
      const CatalogColumn& column = *FindColumn(plan.from, name);
      // Of one that cannot be read by columns the type counts for nothing: it is copied or refused.
      fields.push_back(
          {name, column.type.value_or(connectors::TypeKind::kString), column.nullability});
    }
  }
  const auto is_written = [&](const std::string& name) {
    return std::ranges::find(fields, name, &connectors::Field::name) != fields.end();
  };
  if (!std::ranges::all_of(key, is_written)) {
    key.clear();  // without one of its columns it names no row
  }
  for (const auto& [name, to] : rule != nullptr ? rule->rename : NoNames()) {
    if (!is_written(name)) {
      return NoColumn(where + "rename: ", plan.part, name, plan.from.columns);
    }
    std::ranges::replace(key, name, to);
  }
  for (connectors::Field& field : fields) {
    if (rule != nullptr && rule->rename.contains(field.name)) {
      field.name = rule->rename.at(field.name);
    }
    plan.to_columns.push_back(field.name);
  }
  plan.schema = std::make_shared<const connectors::Schema>(std::move(fields), std::move(key));
  return base::Ok();
}

/// Rows that are looked into: `fields` are those after it, under the source's names.
base::Status TablePlanner::ChooseTransform(const TableRule& rule, TablePlan& plan,
                                           std::vector<connectors::Field>& fields,
                                           std::vector<std::string>& key) const {
  for (const std::string& name : plan.columns) {
    SP_TRY(RequireReadable(*FindColumn(plan.from, name), plan.part));
  }
  for (const Mask& mask : rule.masks) {
    if (!mask.salt.empty()) {
      plan.salts[mask.column] = SP_TRY(file_.config.Get(mask.salt));
    }
  }
  plan.rule = std::make_shared<const TableRule>(rule);
  const auto transform = SP_TRY(plan.MakeTransform());
  fields = transform->fields();
  for (const RowTransform::Output& output : transform->outputs()) {
    plan.from_columns.push_back(output.how.empty() ? output.name : "");
    plan.how.push_back(output.how);
    if (!output.unique && std::ranges::find(key, output.name) != key.end()) {
      key.clear();
    }
  }
  return base::Ok();
}

base::Result<std::unique_ptr<RowTransform>> TablePlan::MakeTransform() const {
  if (!rule) {
    return std::unique_ptr<RowTransform>();
  }
  std::vector<connectors::Field> read;
  for (const std::string& name : columns) {
    const CatalogColumn& column = *FindColumn(from, name);
    read.push_back({name, *column.type, column.nullability});
  }
  return std::make_unique<RowTransform>(SP_TRY(RowTransform::Make(
      *rule, std::make_shared<const connectors::Schema>(std::move(read)), part, salts)));
}

base::Status TablePlanner::ChooseTarget(const TableRule* rule, TablePlan& plan) {
  plan.to = {.schema = file_.schema, .table = plan.from.id.table};
  const bool routed = rule != nullptr && !rule->route.empty();
  if (routed) {
    plan.to = Routed(rule->route, plan.to);
  }
  plan.to_name = to_->NameOf(plan.to);
  Target& first = targets_.try_emplace(plan.to_name, Target{plan.part, {}}).first->second;
  if (first.part != plan.part && !routed) {
    return base::Error(base::ErrorCode::kValidationFailed,
                       first.part + " and " + plan.part + " would both go into " + plan.to_name)
        .WithHint("write a `route` for one of them, or for both, if they are one table's parts");
  }
  plan.overwrites = ModeOf(file_) == "overwrite";
  if (plan.overwrites && IsItself(file_, plan)) {
    return base::Error(base::ErrorCode::kValidationFailed,
                       plan.part + " would be emptied before it is read: it is its own target")
        .WithHint("write a `schema` into the sink, or a `route`");
  }
  auto target = SP_TRY(to_->Describe(plan.to));
  plan.target = target;
  if (!target && !file_.create) {
    return base::Error(base::ErrorCode::kNotFound, "the target has no table " + plan.to_name)
        .WithHint("write `create: true` into the sink, or make it");
  }
  if (!target && first.part == plan.part) {
    SP_TRY(PlanMade(plan));
    first.made = plan.made;
  } else {
    target = target ? target : first.made;
    for (const std::string& name : plan.to_columns) {
      if (FindColumn(*target, name) == nullptr) {
        return NoColumn("the target ", plan.to_name, name, target->columns);
      }
    }
  }
  ChooseForm(target, plan);
  if (plan.form == RowForm::kCopied) {
    return base::Ok();
  }
  for (const std::string& name : plan.columns) {
    SP_TRY(RequireReadable(*FindColumn(plan.from, name), plan.part));
  }
  return base::Ok();
}

bool TablePlanner::IsAppended() const {
  const std::string mode = ModeOf(file_);
  return mode == "append" || mode == "overwrite";
}

void TablePlanner::ChooseForm(const std::optional<CatalogTable>& target, TablePlan& plan) const {
  const auto by_columns = [&](std::string why) { plan.why_by_columns = std::move(why); };
  if (plan.rule) {
    return by_columns("'" + plan.rule->looks_into_rows() + "' of " + plan.rule->origin +
                      " looks into them");
  }
  if (from_->family() != to_->family()) {
    return by_columns("two kinds of databases");
  }
  if (!HasOption(source_, "encoding") || !HasOption(sink_, "encoding")) {
    return by_columns("the database has no form of its own for them");
  }
  if (!IsAppended()) {
    return by_columns("they are not appended");
  }
  for (std::size_t i = 0; i < plan.columns.size(); ++i) {
    const CatalogColumn& from = *FindColumn(plan.from, plan.columns[i]);
    const CatalogColumn& to = target ? *FindColumn(*target, plan.to_columns[i]) : from;
    if (from.wire.empty() || from.wire != to.wire) {
      return by_columns("'" + from.name + "' is " + from.native + " here and " + to.native +
                        " there");
    }
  }
  plan.form = RowForm::kCopied;
}

base::Result<std::unique_ptr<connectors::Source>> TablePlanner::MakeSource(
    const TablePlan& plan, RowForm form, connectors::SchemaPtr wanted) const {
  JobConfig config = file_.config;
  config.Set("source.table", plan.part, kOurs);
  config.Set("source.columns", Joined(plan.columns), kOurs);
  config.Set("source.resume", "split", kOurs);
  if (HasOption(source_, "batch.rows") && !config.Has("source.batch.rows")) {
    // A batch is a statement at the target, and three where rows are merged by their key.
    config.Set("source.batch.rows", IsAppended() ? "8192" : "32768", kOurs);
  }
  if (!plan.where.empty()) {
    config.Set("source.where", plan.where, kOurs);
  }
  if (form == RowForm::kCopied) {
    config.Set("source.encoding", "copy", kOurs);
  }
  return source_.MakeSource(
      {.options = SP_TRY(config.Read("source.", source_.options(), OptionUse::kSource)),
       .schema = std::move(wanted),
       .clock = &clock_});
}

base::Result<std::unique_ptr<connectors::Source>> TablePlanner::MakeSourceOfTarget(
    const TablePlan& plan, RowForm form, connectors::SchemaPtr wanted,
    const std::vector<std::string>& key) const {
  // Where it is and who asks; what is said of its writing is not for readers.
  static const std::set<std::string_view> kOfWriting = {"table", "key", "mode", "columns",
                                                        "encoding"};
  JobConfig config = file_.config;
  for (const auto& [name, value] : file_.config.values()) {
    if (!name.starts_with("sink.")) {
      continue;
    }
    const std::string option = name.substr(5);
    const auto spec = std::ranges::find_if(sink_.options().specs(), [&](const auto& one) {
      return one.name == option || std::ranges::find(one.aliases, option) != one.aliases.end();
    });
    if (spec == sink_.options().specs().end() ||
        (spec->use != OptionUse::kSink && !kOfWriting.contains(spec->name))) {
      config.Set("target." + option, value.text, value.origin);
    }
  }
  config.Set("target.table", plan.to_name, kOurs);
  config.Set("target.resume", "split", kOurs);
  config.Set("target.columns", Joined(plan.to_columns), kOurs);
  if (const auto rows = file_.config.values().find("source.split.rows");
      rows != file_.config.values().end() && HasOption(sink_, "split.rows")) {
    config.Set("target.split.rows", rows->second.text, rows->second.origin);
  }
  if (!key.empty() && HasOption(sink_, "key")) {
    config.Set("target.key", Joined(key), kOurs);
  }
  if (form == RowForm::kCopied) {
    config.Set("target.encoding", "copy", kOurs);
  }
  return sink_.MakeSource(
      {.options = SP_TRY(config.Read("target.", sink_.options(), OptionUse::kSource)),
       .schema = std::move(wanted),
       .clock = &clock_});
}

base::Result<std::unique_ptr<connectors::Sink>> TablePlanner::MakeSink(const TablePlan& plan,
                                                                       RowForm form) const {
  JobConfig config = file_.config;
  config.Set("sink.table", plan.to_name, kOurs);
  if (form == RowForm::kCopied) {
    config.Set("sink.columns", Joined(plan.to_columns), kOurs);
    config.Set("sink.encoding", "copy", kOurs);
  }
  return sink_.MakeSink({.options = SP_TRY(config.Read("sink.", sink_.options(), OptionUse::kSink)),
                         .schema = form == RowForm::kCopied ? nullptr : plan.schema,
                         .clock = &clock_});
}

}  // namespace streampark::pump
