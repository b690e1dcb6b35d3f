// SPDX-License-Identifier: Apache-2.0
#include "sql_catalog.h"

#include <algorithm>
#include <utility>

#include "target_table.h"

namespace streampark::connectors::sql {
namespace {

/// Whether the whole text is that: `*` stands for any characters, `?` for one.
bool Matches(std::string_view text, std::string_view pattern) {
  std::size_t at = 0;
  std::size_t in = 0;
  std::size_t star = std::string_view::npos;  // the last one, and where its text began
  std::size_t began = 0;
  while (at < text.size()) {
    if (in < pattern.size() && (pattern[in] == '?' || pattern[in] == text[at]) &&
        pattern[in] != '*') {
      ++in;
      ++at;
    } else if (in < pattern.size() && pattern[in] == '*') {
      star = in++;
      began = at;
    } else if (star != std::string_view::npos) {
      in = star + 1;
      at = ++began;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', in) == std::string_view::npos;
}

TableName TableOf(const TableId& id) { return {id.schema, id.table}; }

class SqlCatalog final : public Catalog {
 public:
  SqlCatalog(std::string family, DatabasePtr database)
      : family_(std::move(family)), database_(std::move(database)) {}

  std::string family() const override { return family_; }

  base::Result<std::vector<TableId>> Find(const std::string& pattern) override {
    SP_TRY(Connect());
    const TableName wanted = SP_TRY(TableName::Parse(pattern));
    const std::string schema =
        wanted.schema.empty() ? SP_TRY(session_->OwnSchema()) : wanted.schema;
    std::vector<TableId> found;
    for (TableName& name : SP_TRY(session_->Tables())) {
      if (!name.table.starts_with("streampark_") && Matches(name.schema, schema) &&
          Matches(name.table, wanted.table)) {
        found.push_back({.schema = std::move(name.schema), .table = std::move(name.table)});
      }
    }
    std::ranges::sort(found, {},
                      [](const TableId& one) { return std::pair(one.schema, one.table); });
    return found;
  }

  std::string NameOf(const TableId& table) const override { return TableOf(table).ToString(); }

  base::Result<std::optional<CatalogTable>> Describe(const TableId& table) override {
    SP_TRY(Connect());
    const TableName name = TableOf(table);
    const auto columns = session_->Describe("SELECT * FROM " + database_->dialect().Quote(name));
    if (!columns.ok() && columns.error().code() == base::ErrorCode::kNotFound) {
      return std::optional<CatalogTable>();
    }
    SP_TRY(columns.ok() ? base::Ok() : base::Status(columns.error()));
    CatalogTable described{.id = table};
    for (const NativeColumn& column : *columns) {
      described.columns.push_back({.name = column.name,
                                   .native = column.native,
                                   .type = column.natural,
                                   .refusal = column.refusal,
                                   .nullability = column.nullability,
                                   .wire = column.wire});
    }
    described.key = SP_TRY(session_->PrimaryKey(name));
    described.estimated_rows = SP_TRY(session_->EstimateRows(name));
    return std::optional(std::move(described));
  }

  base::Result<std::string> CreateStatement(const CatalogTable& table,
                                            const std::string& family) override {
    const Dialect& dialect = database_->dialect();
    std::vector<NewColumn> columns;
    for (const CatalogColumn& column : table.columns) {
      const bool key = std::ranges::find(table.key, column.name) != table.key.end();
      std::string type = column.native;
      if (family != family_ || column.native.empty()) {
        if (!column.type) {
          return base::Error(base::ErrorCode::kValidationFailed,
                             "the column '" + column.name + "' of the type " + column.native +
                                 " cannot be read: " + column.refusal)
              .WithHint("name the columns that are wanted without it");
        }
        auto found =
            dialect.TypeFor(*column.type, key ? Dialect::KeyPart::kYes : Dialect::KeyPart::kNo);
        if (!found.ok()) {
          return std::move(found).error().Annotate("column '" + column.name + "'");
        }
        type = *std::move(found);
      }
      columns.push_back({column.name, std::move(type), column.nullability});
    }
    return CreateTable(dialect, TableOf(table.id), columns, table.key);
  }

  base::Status Execute(const std::string& statement) override {
    SP_TRY(Connect());
    return session_->Execute(statement);
  }

 private:
  base::Status Connect() {
    if (!session_) {
      session_ = SP_TRY(database_->Connect());
    }
    return base::Ok();
  }

  const std::string family_;
  const DatabasePtr database_;
  std::unique_ptr<Session> session_;
};

}  // namespace

std::unique_ptr<Catalog> MakeSqlCatalog(std::string family, DatabasePtr database) {
  return std::make_unique<SqlCatalog>(std::move(family), std::move(database));
}

}  // namespace streampark::connectors::sql
