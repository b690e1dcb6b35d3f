// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include <mysql.h>

#include "streampark/base/result.h"

namespace streampark::connectors::mariadb {

#define SP_LIBMARIADB_FUNCTIONS(X) \
  X(mysql_close)                   \
  X(mysql_errno)                   \
  X(mysql_error)                   \
  X(mysql_fetch_fields)            \
  X(mysql_fetch_lengths)           \
  X(mysql_fetch_row)               \
  X(mysql_field_count)             \
  X(mysql_free_result)             \
  X(mysql_init)                    \
  X(mysql_num_fields)              \
  X(mysql_options)                 \
  X(mysql_real_connect)            \
  X(mysql_real_query)              \
  X(mysql_server_init)             \
  X(mysql_sqlstate)                \
  X(mysql_stmt_attr_set)           \
  X(mysql_stmt_bind_param)         \
  X(mysql_stmt_close)              \
  X(mysql_stmt_errno)              \
  X(mysql_stmt_error)              \
  X(mysql_stmt_execute)            \
  X(mysql_stmt_fetch)              \
  X(mysql_stmt_init)               \
  X(mysql_stmt_prepare)            \
  X(mysql_stmt_result_metadata)    \
  X(mysql_stmt_sqlstate)           \
  X(mysql_store_result)            \
  X(mysql_warning_count)

/// The functions of MariaDB Connector/C that we call; the library is loaded when they are first asked for (ADR 24).
struct Libmariadb {
#define SP_MEMBER(name) decltype(&::name) name = nullptr;
  SP_LIBMARIADB_FUNCTIONS(SP_MEMBER)
#undef SP_MEMBER

  static base::Result<const Libmariadb*> Load();
};

struct CloseConnection {
  const Libmariadb* my;
  void operator()(MYSQL* connection) const { my->mysql_close(connection); }
};
using ConnectionPtr = std::unique_ptr<MYSQL, CloseConnection>;

struct CloseStatement {
  const Libmariadb* my;
  void operator()(MYSQL_STMT* statement) const { my->mysql_stmt_close(statement); }
};
using StatementPtr = std::unique_ptr<MYSQL_STMT, CloseStatement>;

struct FreeResult {
  const Libmariadb* my;
  void operator()(MYSQL_RES* result) const { my->mysql_free_result(result); }
};
using ResultPtr = std::unique_ptr<MYSQL_RES, FreeResult>;

}  // namespace streampark::connectors::mariadb
