// SPDX-License-Identifier: Apache-2.0
#include "streampark/base/secret_keys.h"

#include <gtest/gtest.h>

namespace streampark::base {
namespace {

TEST(SecretKeys, AreKnownByTheirWordsInAnyCase) {
  for (const auto* key : {"s3.Secret-Key", "x.password", "kafka.source.orders.sasl.jaas.config",
                          "s3.accesskey", "ssl.key.PASSPHRASE", "http-headers", "ssl.key.pem"}) {
    EXPECT_TRUE(IsSecretKey(key)) << key;
  }
  for (const auto* key : {"parallelism.default", "security.delegation.token.provider.x",
                          "x.token.expiration", "key-groups"}) {
    EXPECT_FALSE(IsSecretKey(key)) << key;
  }
}

}  // namespace
}  // namespace streampark::base
