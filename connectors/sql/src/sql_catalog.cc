// SPDX-License-Identifier: Apache-2.0
#include "sql_catalog.h"

#include <algorithm>
#include <utility>

#include "streampark/connectors/sql/structure.h"

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

bool Has(const Names& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

/// What a column of another system's is here.
Dialect::KeyPart KeyPartOf(const CatalogTable& table, const std::string& column) {
  // What refers to a key is of the key's type.
  if (Has(table.key, column) || std::ranges::any_of(table.foreign_keys, [&](const auto& key) {
        return key.refusal.empty() && Has(key.columns, column);
      })) {
    return Dialect::KeyPart::kYes;
  }
  const bool unique = std::ranges::any_of(table.indexes, [&](const CatalogIndex& index) {
    return index.kind == CatalogIndex::Kind::kUnique && index.only_here.empty() &&
           Has(index.columns, column);
  });
  return unique ? Dialect::KeyPart::kUnique : Dialect::KeyPart::kNo;
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

  base::Status DescribeStructure(CatalogTable& table) override {
    SP_TRY(Connect());
    return session_->DescribeStructure(table);
  }

  base::Result<std::string> CreateStatement(const CatalogTable& table,
                                            const CatalogOrigin& origin) override {
    const Dialect& dialect = database_->dialect();
    std::vector<NewColumn> columns;
    for (const CatalogColumn& column : table.columns) {
      std::string type = column.native;
      const bool own = origin.family == family_ && !column.native.empty() &&
                       (!column.type || dialect.keeps_its_own(*column.type));
      if (!own) {
        if (!column.type) {
          return base::Error(base::ErrorCode::kValidationFailed,
                             "the column '" + column.name + "' of the type " + column.native +
                                 " cannot be read: " + column.refusal)
              .WithHint("name the columns that are wanted without it");
        }
        auto found = dialect.TypeFor(*column.type, KeyPartOf(table, column.name));
        if (!found.ok()) {
          return std::move(found).error().Annotate("column '" + column.name + "'");
        }
        type = *std::move(found);
      }
      columns.push_back({column.name, std::move(type), column.nullability});
      for (const CatalogCounter& counter : table.counters) {
        if (counter.column == column.name) {
          columns.back().more = dialect.CounterInCreate(table, counter, origin);
        }
      }
    }
    Names more;
    for (const CatalogForeignKey& key : table.foreign_keys) {
      if (dialect.creates_with_foreign_keys() && key.refusal.empty()) {
        more.push_back(ForeignKeyWords(dialect, key, {"", key.to.table},
                                       origin.family == family_ ? Kin::kSame : Kin::kOther));
      }
    }
    return CreateTable(dialect, TableOf(table.id), columns, table.key, more);
  }

  base::Result<std::vector<CatalogStatement>> StatementsAfterLoad(
      const CatalogTable& table, const CatalogOrigin& origin) override {
    return database_->dialect().StatementsAfterLoad(table, origin);
  }

  base::Status Make(const CatalogStatement& statement) override {
    SP_TRY(Connect());
    if (!statement.done.empty() && !SP_TRY(session_->Query(statement.done)).empty()) {
      return base::Ok();
    }
    return session_->Execute(statement.text);
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
