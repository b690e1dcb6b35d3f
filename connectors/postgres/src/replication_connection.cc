// SPDX-License-Identifier: Apache-2.0
#include "replication_connection.h"

#include <algorithm>
#include <array>
#include <utility>

#include <poll.h>

#include "postgres_dialect.h"
#include "postgres_error.h"
#include "postgres_session.h"

namespace streampark::connectors::postgres {
namespace {

base::Error Ended() {
  return {base::ErrorCode::kIoError, "the server has ended the stream of its log"};
}

}  // namespace

base::Result<std::unique_ptr<ReplicationConnection>> ReplicationConnection::Connect(
    const sql::Address& address) {
  const Libpq* pq = SP_TRY(Libpq::Load());
  auto connection = SP_TRY(ConnectTo(*pq, address, Use::kReplication));
  return std::unique_ptr<ReplicationConnection>(
      new ReplicationConnection(*pq, std::move(connection)));
}

base::Result<ReplicationConnection::Server> ReplicationConnection::Identify() {
  const auto answer = SP_TRY(Run(pq_, connection_.get(), "IDENTIFY_SYSTEM"));
  if (pq_.PQntuples(answer.get()) != 1 || pq_.PQnfields(answer.get()) < 3) {
    return base::Error(base::ErrorCode::kIoError, "the server did not say which one it is");
  }
  const auto end = Lsn::Parse(pq_.PQgetvalue(answer.get(), 0, 2));
  if (!end) {
    return base::Error(base::ErrorCode::kIoError, "the server did not say where its log ends");
  }
  return Server{.system = pq_.PQgetvalue(answer.get(), 0, 0), .end = *end};
}

base::Status ReplicationConnection::Start(const std::string& slot, const std::string& publication,
                                          Lsn from) {
  const PostgresDialect dialect;
  const auto begun = SP_TRY(Run(pq_, connection_.get(),
                                "START_REPLICATION SLOT " + dialect.Quote(slot) + " LOGICAL " +
                                    from.ToString() + " (proto_version '1', publication_names " +
                                    sql::Dialect::QuoteText(dialect.Quote(publication)) + ")"));
  if (pq_.PQresultStatus(begun.get()) != PGRES_COPY_BOTH) {
    return base::Error(base::ErrorCode::kIoError, "the server began no stream of its log");
  }
  return base::Ok();
}

base::Result<std::optional<std::string_view>> ReplicationConnection::Next() {
  frame_.reset();
  char* bytes = nullptr;
  int size = pq_.PQgetCopyData(connection_.get(), &bytes, 1);
  if (size == 0) {  // what lies in the socket was not looked at
    if (pq_.PQconsumeInput(connection_.get()) == 0) {
      return ErrorOf(pq_, connection_.get(), nullptr);
    }
    size = pq_.PQgetCopyData(connection_.get(), &bytes, 1);
  }
  if (size > 0) {
    frame_.reset(bytes);
    return std::optional(std::string_view(bytes, static_cast<std::size_t>(size)));
  }
  if (size == 0) {
    return std::optional<std::string_view>();
  }
  if (size == -1) {
    const ResultPtr result(pq_.PQgetResult(connection_.get()), FreeResult{&pq_});
    if (result && pq_.PQresultStatus(result.get()) == PGRES_FATAL_ERROR) {
      return ErrorOf(pq_, connection_.get(), result.get());
    }
    return Ended();
  }
  return ErrorOf(pq_, connection_.get(), nullptr);
}

base::Result<ReplicationConnection::Woken> ReplicationConnection::WaitFor(base::Millis patience,
                                                                          int wake) {
  std::array<pollfd, 2> waited = {
      {{.fd = pq_.PQsocket(connection_.get()), .events = POLLIN, .revents = 0},
       {.fd = wake, .events = POLLIN, .revents = 0}}};
  if (waited[0].fd < 0) {
    return Ended();
  }
  constexpr base::Millis kLongest{1'000'000};
  const int ready =
      ::poll(waited.data(), waited.size(), static_cast<int>(std::min(patience, kLongest).count()));
  return ready > 0 ? Woken::kBySomething : Woken::kByNobody;
}

base::Status ReplicationConnection::Send(const std::string& frame) {
  if (pq_.PQputCopyData(connection_.get(), frame.data(), static_cast<int>(frame.size())) != 1 ||
      pq_.PQflush(connection_.get()) != 0) {
    return ErrorOf(pq_, connection_.get(), nullptr);
  }
  return base::Ok();
}

}  // namespace streampark::connectors::postgres
