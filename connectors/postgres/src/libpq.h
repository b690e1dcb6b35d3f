// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include <libpq-fe.h>

#include "streampark/base/result.h"

namespace streampark::connectors::postgres {

#define SP_LIBPQ_FUNCTIONS(X) \
  X(PQclear)                  \
  X(PQconnectdbParams)        \
  X(PQconsumeInput)           \
  X(PQdescribePrepared)       \
  X(PQerrorMessage)           \
  X(PQexec)                   \
  X(PQfinish)                 \
  X(PQflush)                  \
  X(PQfmod)                   \
  X(PQfname)                  \
  X(PQfreemem)                \
  X(PQftable)                 \
  X(PQftablecol)              \
  X(PQftype)                  \
  X(PQgetCopyData)            \
  X(PQgetResult)              \
  X(PQgetisnull)              \
  X(PQgetlength)              \
  X(PQgetvalue)               \
  X(PQnfields)                \
  X(PQntuples)                \
  X(PQparameterStatus)        \
  X(PQprepare)                \
  X(PQputCopyData)            \
  X(PQputCopyEnd)             \
  X(PQresultErrorField)       \
  X(PQresultErrorMessage)     \
  X(PQresultStatus)           \
  X(PQsocket)                 \
  X(PQstatus)                 \
  X(PQuser)

/// The functions of libpq that we call; the library is loaded when they are first asked for (ADR 24).
struct Libpq {
#define SP_MEMBER(name) decltype(&::name) name = nullptr;
  SP_LIBPQ_FUNCTIONS(SP_MEMBER)
#undef SP_MEMBER

  static base::Result<const Libpq*> Load();
};

struct FreeResult {
  const Libpq* pq;
  void operator()(PGresult* result) const { pq->PQclear(result); }
};
using ResultPtr = std::unique_ptr<PGresult, FreeResult>;

struct FreeConnection {
  const Libpq* pq;
  void operator()(PGconn* connection) const { pq->PQfinish(connection); }
};
using ConnectionPtr = std::unique_ptr<PGconn, FreeConnection>;

}  // namespace streampark::connectors::postgres
