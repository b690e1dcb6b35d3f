// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "streampark/connectors/sql/session.h"

#include "lsn.h"

/// What a server's catalog says of what a log is read by.
namespace streampark::connectors::postgres {

struct LoggedTable {
  std::uint32_t oid = 0;
  sql::TableName name;          // with its schema
  char kind = 'r';              // pg_class.relkind
  char persistence = 'p';       // pg_class.relpersistence
  char replica_identity = 'd';  // pg_class.relreplident
  struct Column {
    sql::NativeColumn native;
    bool identity = false;   // whether the log has it of rows that were changed or deleted
    bool primary = false;    // of the primary key
    bool generated = false;  // the log does not have it
  };
  std::vector<Column> columns;

  bool has_identity() const;
};
/// Absent when there is none.
base::Result<std::optional<LoggedTable>> FindLoggedTable(sql::Session& session,
                                                         const sql::TableName& table);

/// Columns of which the type's number and modifier are known, as pg_attribute and the log have them: fills in the rest. A domain becomes what
/// it is over; a type that is no more becomes text.
base::Status SettleTypes(sql::Session& session, std::vector<sql::NativeColumn>& columns);

struct Publication {
  bool of_old_rows = false;  // whether it has updates or deletes
  bool through_root = false;
  struct Table {
    sql::TableName name;
    sql::Names columns;  // none: the server does not know of lists of columns, it has all
  };
  std::vector<Table> tables;

  const Table* Find(const sql::TableName& name) const;
};
base::Result<std::optional<Publication>> FindPublication(sql::Session& session,
                                                         const std::string& name);

struct Slot {
  std::string plugin;  // empty: it is a physical one
  std::string database;
  std::optional<std::string> reader;  // who reads it now: `process 17 (streampark)`
  Lsn confirmed;                      // the server has forgotten what was committed before
  bool lost = false;                  // the server has removed what it needs
};
base::Result<std::optional<Slot>> FindSlot(sql::Session& session, const std::string& name);

}  // namespace streampark::connectors::postgres
