// SPDX-License-Identifier: Apache-2.0
#include "streampark/connectors/sql/address.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace streampark::connectors::sql {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;

TEST(Address, IsReadAsPeopleWriteIt) {
  const auto address =
      ParseAddress("postgres://ann:se%3Fsa%2fme@db.example:6432/ods?sslmode=require").value();
  EXPECT_EQ(address.kind, DatabaseKind::kPostgres);
  EXPECT_EQ(address.host, "db.example");
  EXPECT_EQ(address.port, 6432);
  EXPECT_EQ(address.database, "ods");
  EXPECT_EQ(address.user, "ann");
  EXPECT_EQ(address.password, "se?sa/me");
  EXPECT_THAT(address.parameters, ElementsAre(Pair("sslmode", "require")));
  EXPECT_EQ(address.ToString(), "postgres://ann@db.example:6432/ods");
}

TEST(Address, TheOriginalsAreReadToo) {
  const auto postgres =
      ParseAddress("jdbc:postgresql://localhost/ods?user=ann&password=x&ssl=true").value();
  EXPECT_EQ(postgres.ToString(), "postgres://ann@localhost/ods");
  EXPECT_EQ(postgres.password, "x");
  const auto mysql = ParseAddress("jdbc:mysql://db:3307/shop?useSSL=false").value();
  EXPECT_EQ(mysql.kind, DatabaseKind::kMariadb);
  EXPECT_EQ(mysql.ToString(), "mariadb://db:3307/shop");
  EXPECT_EQ(ParseAddress("jdbc:sqlite:/var/x.db").value().ToString(), "sqlite:/var/x.db");
  EXPECT_EQ(ParseAddress("sqlite:///var/x.db").value().database, "/var/x.db");
}

TEST(Address, PasswordsMayHoldWhatAddressesAreMadeOf) {
  const auto address = ParseAddress("mysql://root:a@b/c:d@host/shop").value();
  EXPECT_EQ(address.user, "root");
  EXPECT_EQ(address.password, "a@b/c:d");
  EXPECT_EQ(address.host, "host");
  EXPECT_EQ(address.database, "shop");
}

TEST(Address, UnixSocketsAndIpV6) {
  EXPECT_EQ(ParseAddress("postgres://a@/ods?host=/run/pg").value().host, "/run/pg");
  EXPECT_EQ(ParseAddress("mariadb://a@%2Frun%2Fmy.sock/ods").value().host, "/run/my.sock");
  const auto six = ParseAddress("postgres://[::1]:5433/ods").value();
  EXPECT_EQ(six.host, "::1");
  EXPECT_EQ(six.port, 5433);
}

TEST(Address, WhatIsNoneIsRefusedWithoutItsPassword) {
  for (const char* text : {"", "postgres", "oracle://a:sesame@h/x", "postgres://a:sesame@h:99999/x",
                           "postgres://a:sesame%zz@h/x", "postgres://a:sesame@[::1/x", "sqlite:",
                           "postgres://a:sesame@h/x?=1", "postgres://a:sesame@h:12x/x"}) {
    const auto address = ParseAddress(text);
    ASSERT_FALSE(address.ok()) << text;
    EXPECT_THAT(address.error().ToString(), Not(HasSubstr("sesame"))) << text;
  }
}

}  // namespace
}  // namespace streampark::connectors::sql
