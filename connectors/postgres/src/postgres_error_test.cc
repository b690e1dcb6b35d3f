// SPDX-License-Identifier: Apache-2.0
#include "postgres_error.h"

#include <gtest/gtest.h>

namespace streampark::connectors::postgres {
namespace {

using base::ErrorCode;

TEST(PostgresError, TheStateDecidesWhetherItIsTriedAgain) {
  struct Case {
    const char* state;
    ErrorCode code;
    bool retryable;
  };
  for (const Case& one : {Case{"22003", ErrorCode::kValidationFailed, false},
                          {"23505", ErrorCode::kValidationFailed, false},
                          {"42501", ErrorCode::kForbidden, false},
                          {"42P01", ErrorCode::kNotFound, false},
                          {"42703", ErrorCode::kInvalidRequest, false},
                          {"28P01", ErrorCode::kBadCredentials, false},
                          {"08006", ErrorCode::kIoError, true},
                          {"57P01", ErrorCode::kIoError, true},
                          {"40P01", ErrorCode::kIoError, true},
                          {"55P03", ErrorCode::kIoError, true},
                          {"53300", ErrorCode::kIoError, true},
                          {"53100", ErrorCode::kStorageFull, true},
                          {"", ErrorCode::kIoError, true}}) {
    const auto error = ErrorOf(one.state, "what", "", "ann");
    EXPECT_EQ(error.code(), one.code) << one.state;
    EXPECT_EQ(error.retryable(), one.retryable) << one.state;
  }
}

TEST(PostgresError, AMissingRightComesWithItsGrant) {
  EXPECT_EQ(ErrorOf("42501", "permission denied for table orders", "", "ann").hint(),
            "GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE orders TO \"ann\"");
  EXPECT_EQ(ErrorOf("42501", "permission denied for schema sales", "", "ann").hint(),
            "GRANT USAGE, CREATE ON SCHEMA sales TO \"ann\"");
}

}  // namespace
}  // namespace streampark::connectors::postgres
