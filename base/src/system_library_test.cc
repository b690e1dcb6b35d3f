// SPDX-License-Identifier: Apache-2.0
#include "streampark/base/system_library.h"

#include <gtest/gtest.h>

namespace streampark::base {
namespace {

TEST(SystemLibrary, ItsFunctionsAreCalled) {
  const auto library = SystemLibrary::Open("libm.so.6", "libc6");
  ASSERT_TRUE(library.ok()) << library.error().ToString();
  double (*floor_of)(double) = nullptr;
  ASSERT_TRUE(library->Find("floor", floor_of).ok());
  EXPECT_EQ(floor_of(2.5), 2.0);
  EXPECT_EQ(library->Find("no_such_function", floor_of).error().code(),
            ErrorCode::kVersionMismatch);
}

TEST(SystemLibrary, OneThatIsNotHereNamesItsPackage) {
  const auto library = SystemLibrary::Open("libnothing.so.9", "libnothing9");
  ASSERT_FALSE(library.ok());
  EXPECT_EQ(library.error().code(), ErrorCode::kNotFound);
  EXPECT_EQ(library.error().hint(), "install it: apt-get install libnothing9");
}

}  // namespace
}  // namespace streampark::base
