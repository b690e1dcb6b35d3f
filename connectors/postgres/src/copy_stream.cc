// SPDX-License-Identifier: Apache-2.0
#include "copy_stream.h"

#include <algorithm>

#include <poll.h>

#include "postgres_error.h"
#include "postgres_session.h"
#include "value_decoder.h"
#include "wire_bytes.h"

/// COPY in binary (https://www.postgresql.org/docs/15/sql-copy.html): eleven bytes of a signature, flags, the length of an extension and the extension; rows
/// of a count of columns and, each, a length (-1: null) and the bytes; a count of -1 at the end. Messages end where rows do.
namespace streampark::connectors::postgres {
namespace {

constexpr std::string_view kSignature("PGCOPY\n\xff\r\n\0", 11);
constexpr std::size_t kMostBytes = 8U << 20U;
/// A batch that has begun waits so long and so often for what is on its way: small ones cost their readers more than they save.
constexpr base::Millis kMoreSoon{20};
constexpr int kMostWaits = 256;

base::Error Garbled() { return {base::ErrorCode::kIoError, "the server sent a COPY that is none"}; }

/// The messages of a COPY as they come.
class CopyStream : public sql::RowStream {
 public:
  CopyStream(const Libpq& pq, PGconn* connection) : pq_(pq), connection_(connection) {}

  base::Result<Progress> Read(std::int64_t most, base::Millis patience, BatchBuilder& rows,
                              std::vector<Refused>& refused) final {
    int waits = 0;
    while (rows.length() < most && rows.bytes() < kMostBytes) {
      char* bytes = nullptr;
      const int size = pq_.PQgetCopyData(connection_, &bytes, 1);
      if (size > 0) {
        const auto taken = TakeMessage({bytes, static_cast<std::size_t>(size)}, rows, refused);
        pq_.PQfreemem(bytes);
        SP_TRY(taken);
      } else if (size == 0) {
        const bool begun = rows.length() > 0 || !refused.empty();
        if (begun && ++waits > kMostWaits) {
          break;
        }
        if (!SP_TRY(WaitFor(begun ? std::min(patience, kMoreSoon) : patience))) {
          break;
        }
      } else if (size == -1) {
        SP_TRY(End());
        return Progress::kEnded;
      } else {
        return ErrorOf(pq_, connection_, nullptr);
      }
    }
    return Progress::kMore;
  }

 protected:
  /// Takes the head of the COPY off the first message, which has a row behind it.
  base::Result<WireReader> RowsOf(std::string_view message) {
    WireReader in(message);
    if (!begun_) {
      if (in.Bytes(kSignature.size()) != kSignature) {
        return Garbled();
      }
      in.Take<std::int32_t>();
      in.Bytes(in.Take<std::uint32_t>());
      begun_ = true;
    }
    return in;
  }

 private:
  virtual base::Status TakeMessage(std::string_view message, BatchBuilder& rows,
                                   std::vector<Refused>& refused) = 0;

  /// False when nothing came in time.
  base::Result<bool> WaitFor(base::Millis patience) {
    pollfd socket{.fd = pq_.PQsocket(connection_), .events = POLLIN, .revents = 0};
    constexpr base::Millis kLongest{1'000'000};
    const int ready = ::poll(&socket, 1, static_cast<int>(std::min(patience, kLongest).count()));
    if (ready <= 0) {
      return false;
    }
    if (pq_.PQconsumeInput(connection_) == 0) {
      return ErrorOf(pq_, connection_, nullptr);
    }
    return true;
  }

  base::Status End() {
    for (;;) {
      const ResultPtr result(pq_.PQgetResult(connection_), FreeResult{&pq_});
      if (!result) {
        return base::Ok();
      }
      if (pq_.PQresultStatus(result.get()) != PGRES_COMMAND_OK) {
        return ErrorOf(pq_, connection_, result.get());
      }
    }
  }

  const Libpq& pq_;
  PGconn* const connection_;
  bool begun_ = false;
};

/// Rows by their columns.
class DecodedRows final : public CopyStream {
 public:
  DecodedRows(const Libpq& pq, PGconn* connection, std::vector<ValueDecoder> decoders,
              SchemaPtr schema)
      : CopyStream(pq, connection),
        decoders_(std::move(decoders)),
        schema_(std::move(schema)),
        shown_(schema_) {}

 private:
  base::Status TakeMessage(std::string_view message, BatchBuilder& rows,
                           std::vector<Refused>& refused) override {
    WireReader in = SP_TRY(RowsOf(message));
    while (!in.failed() && !in.rest().empty()) {
      const auto count = in.Take<std::int16_t>();
      if (count == -1) {
        return in.rest().empty() ? base::Ok() : Garbled();
      }
      if (count != static_cast<std::int16_t>(decoders_.size())) {
        return Garbled();
      }
      if (!TakeRow(in, rows, refused)) {
        return Garbled();
      }
    }
    return in.failed() ? Garbled() : base::Ok();
  }

  /// False when it is damaged.
  bool TakeRow(WireReader& in, BatchBuilder& rows, std::vector<Refused>& refused) {
    const WireReader begin = in;
    const auto& fields = schema_->fields();
    std::optional<std::string> refusal;
    for (std::size_t i = 0; i < decoders_.size(); ++i) {
      const auto size = in.Take<std::int32_t>();
      const auto value = size < 0 ? std::string_view() : in.Bytes(static_cast<std::size_t>(size));
      if (in.failed()) {
        return false;
      }
      if (refusal) {
        continue;
      }
      if (size < 0) {
        rows.column(i).AppendNull();
        if (fields[i].nullability == Nullability::kRequired) {
          refusal = "'" + fields[i].name + "': it is null, and the column is NOT NULL";
        }
      } else if (auto why = decoders_[i].Append(value, rows.column(i))) {
        refusal = "'" + fields[i].name + "': " + *why;
      }
    }
    if (!refusal) {
      rows.EndRow();
      return true;
    }
    rows.CancelRow();
    refused.push_back({std::move(*refusal), Shown(begin)});
    return true;
  }

  /// The row once more, with null for what cannot be shown.
  std::string Shown(WireReader in) {
    for (std::size_t i = 0; i < decoders_.size(); ++i) {
      const auto size = in.Take<std::int32_t>();
      if (size < 0 ||
          decoders_[i].Append(in.Bytes(static_cast<std::size_t>(size)), shown_.column(i))) {
        shown_.column(i).Truncate(0);
        shown_.column(i).AppendNull();
      }
    }
    shown_.EndRow();
    return DebugText(*shown_.Finish(), 0);
  }

  const std::vector<ValueDecoder> decoders_;
  const SchemaPtr schema_;
  BatchBuilder shown_;
};

/// Rows as they are. A message has one: https://www.postgresql.org/docs/15/protocol-flow.html#PROTOCOL-COPY.
class CopiedStream final : public CopyStream {
 public:
  using CopyStream::CopyStream;

 private:
  base::Status TakeMessage(std::string_view message, BatchBuilder& rows,
                           std::vector<Refused>& /*refused*/) override {
    const std::string_view row = SP_TRY(RowsOf(message)).rest();
    constexpr std::string_view kEnd("\xff\xff", 2);
    if (!row.empty() && row != kEnd) {
      rows.column(0).AppendText(row);
      rows.EndRow();
    }
    return base::Ok();
  }
};

}  // namespace

base::Result<std::unique_ptr<sql::RowStream>> OpenCopyStream(
    const Libpq& pq, PGconn* connection, const std::string& select,
    const std::vector<std::uint32_t>& types, const SchemaPtr& schema) {
  const bool copied = sql::AreCopiedRows(*schema);
  const auto& fields = schema->fields();
  if (!copied && types.size() != fields.size()) {
    return base::Error(base::ErrorCode::kInternal, "a select of " + std::to_string(types.size()) +
                                                       " columns is read as " +
                                                       std::to_string(fields.size()));
  }
  std::vector<ValueDecoder> decoders;
  for (std::size_t i = 0; i < types.size() && !copied; ++i) {
    auto decoder = ValueDecoder::Make(types[i], fields[i].type);
    if (!decoder) {
      return base::Error(base::ErrorCode::kInternal,
                         "the server's type " + std::to_string(types[i]) + " in '" +
                             fields[i].name + "' is not read as " + fields[i].type.ToString());
    }
    decoders.push_back(*decoder);
  }
  const auto begun = SP_TRY(Run(pq, connection, "COPY (" + select + ") TO STDOUT (FORMAT binary)"));
  if (pq.PQresultStatus(begun.get()) != PGRES_COPY_OUT) {
    return base::Error(base::ErrorCode::kIoError, "the server began no COPY");
  }
  if (copied) {
    return std::make_unique<CopiedStream>(pq, connection);
  }
  return std::make_unique<DecodedRows>(pq, connection, std::move(decoders), schema);
}

}  // namespace streampark::connectors::postgres
