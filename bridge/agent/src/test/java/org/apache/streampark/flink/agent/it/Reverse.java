// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.it;

import org.apache.flink.table.functions.ScalarFunction;

/** A user's function, packed into a jar of its own by the tests. */
public class Reverse extends ScalarFunction {
  private static final long serialVersionUID = 1L;

  public String eval(String text) {
    // Shows that a chatty function cannot break the protocol.
    System.out.println("reversing");
    return text == null ? null : new StringBuilder(text).reverse().toString();
  }
}
