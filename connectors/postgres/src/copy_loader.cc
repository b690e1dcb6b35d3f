// SPDX-License-Identifier: Apache-2.0
#include "copy_loader.h"

#include <string>
#include <vector>

#include "postgres_dialect.h"
#include "postgres_error.h"
#include "postgres_session.h"
#include "value_encoder.h"
#include "wire_bytes.h"

namespace streampark::connectors::postgres {
namespace {

constexpr std::string_view kHead("PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0", 19);
constexpr std::string_view kTail("\xff\xff", 2);
constexpr std::size_t kPiece = 1U << 20U;

/// Rows that wait for their COPY, one behind another.
class CopyLoader : public sql::Loader {
 public:
  CopyLoader(const Libpq& pq, PGconn* connection, std::string copy)
      : pq_(pq), connection_(connection), copy_(std::move(copy)) {
    rows_.reserve(kPiece);
  }

  std::size_t rows() const final { return ends_.size() - 1; }

  base::Status Send(std::size_t first, std::size_t last) final {
    const auto begun = SP_TRY(Run(pq_, connection_, copy_));
    if (pq_.PQresultStatus(begun.get()) != PGRES_COPY_IN) {
      return base::Error(base::ErrorCode::kIoError, "the server began no COPY");
    }
    SP_TRY(Put(kHead));
    std::string_view bytes =
        std::string_view(rows_).substr(ends_[first], ends_[last] - ends_[first]);
    while (!bytes.empty()) {
      const auto piece = bytes.substr(0, kPiece);
      SP_TRY(Put(piece));
      bytes.remove_prefix(piece.size());
    }
    SP_TRY(Put(kTail));
    if (pq_.PQputCopyEnd(connection_, nullptr) != 1) {
      return ErrorOf(pq_, connection_, nullptr);
    }
    base::Status status;
    for (;;) {
      const ResultPtr result(pq_.PQgetResult(connection_), FreeResult{&pq_});
      if (!result) {
        return status;
      }
      if (pq_.PQresultStatus(result.get()) != PGRES_COMMAND_OK && status.ok()) {
        status = ErrorOf(pq_, connection_, result.get());
      }
    }
  }

  void Clear() final {
    rows_.clear();
    ends_.assign(1, 0);
  }

 protected:
  std::string rows_;                  // as COPY has them
  std::vector<std::size_t> ends_{0};  // where each ends, after a 0

 private:
  base::Status Put(std::string_view bytes) {
    if (pq_.PQputCopyData(connection_, bytes.data(), static_cast<int>(bytes.size())) != 1) {
      return ErrorOf(pq_, connection_, nullptr);
    }
    return base::Ok();
  }

  const Libpq& pq_;
  PGconn* const connection_;
  const std::string copy_;
};

/// Rows by their columns.
class EncodedRows final : public CopyLoader {
 public:
  EncodedRows(const Libpq& pq, PGconn* connection, std::string copy, const sql::LoadTarget& target,
              std::vector<ValueEncoder> encoders)
      : CopyLoader(pq, connection, std::move(copy)),
        columns_(target.columns),
        kind_(target.kind),
        encoders_(std::move(encoders)) {}

  std::optional<std::string> Append(const Batch& batch, std::int64_t row,
                                    std::int64_t number) override {
    const std::size_t begin = rows_.size();
    const bool staged = kind_ == sql::LoadTarget::Kind::kStage;
    AppendToWire(static_cast<std::int16_t>(encoders_.size() + (staged ? 2 : 0)), rows_);
    if (staged) {
      AppendToWire<std::int32_t>(8, rows_);
      AppendToWire(number, rows_);
      AppendToWire<std::int32_t>(2, rows_);
      AppendToWire(static_cast<std::int16_t>(batch.kind(row)), rows_);
    }
    for (std::size_t i = 0; i < encoders_.size(); ++i) {
      if (auto refusal = encoders_[i].AppendField(batch.columns[i], row, rows_)) {
        rows_.resize(begin);
        return "'" + columns_[i].name + "' of the type " + columns_[i].native + ": " + *refusal;
      }
    }
    ends_.push_back(rows_.size());
    return std::nullopt;
  }

 private:
  const std::vector<sql::NativeColumn> columns_;
  const sql::LoadTarget::Kind kind_;
  const std::vector<ValueEncoder> encoders_;
};

/// Rows as another server's COPY gave them.
class CopiedRows final : public CopyLoader {
 public:
  using CopyLoader::CopyLoader;

  std::optional<std::string> Append(const Batch& batch, std::int64_t row,
                                    std::int64_t /*number*/) override {
    rows_.append(batch.columns[0].text(row));
    ends_.push_back(rows_.size());
    return std::nullopt;
  }
};

std::string CopyInto(const sql::LoadTarget& target) {
  const PostgresDialect dialect;
  sql::Names names;
  if (target.kind == sql::LoadTarget::Kind::kStage) {
    names = {"streampark_row", "streampark_kind"};
  }
  for (const auto& column : target.columns) {
    names.push_back(column.name);
  }
  return "COPY " + target.table + " (" + dialect.QuoteAll(names) + ") FROM STDIN (FORMAT binary)";
}

}  // namespace

base::Result<std::unique_ptr<sql::Loader>> MakeCopyLoader(const Libpq& pq, PGconn* connection,
                                                          const sql::LoadTarget& target,
                                                          const SchemaPtr& schema) {
  if (sql::AreCopiedRows(*schema)) {
    return std::make_unique<CopiedRows>(pq, connection, CopyInto(target));
  }
  std::vector<ValueEncoder> encoders;
  for (std::size_t i = 0; i < target.columns.size(); ++i) {
    const sql::NativeColumn& column = target.columns[i];
    const Type& type = schema->fields()[i].type;
    auto encoder = ValueEncoder::Make(column.code, column.modifier, type);
    if (!encoder) {
      return base::Error(base::ErrorCode::kValidationFailed,
                         "the column '" + column.name + "' of the type " + column.native +
                             " does not take " + type.ToString())
          .WithHint("change the column, or the rows before the sink");
    }
    encoders.push_back(*encoder);
  }
  return std::make_unique<EncodedRows>(pq, connection, CopyInto(target), target,
                                       std::move(encoders));
}

}  // namespace streampark::connectors::postgres
