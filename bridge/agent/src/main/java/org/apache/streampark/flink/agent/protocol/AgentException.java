// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.protocol;

import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;
import org.apache.streampark.flink.agent.sql.Range;

/**
 * A failure that the protocol has a code for. What is not one of these is answered as {@code
 * INTERNAL}.
 */
public final class AgentException extends Exception {
  public enum Code {
    BAD_REQUEST,
    UNKNOWN_METHOD,
    CANCELLED,
    SCRIPT_INVALID,
    PLAN_INVALID,
    OPTION_INVALID,
    DUPLICATE_JOB,
    CLUSTER_UNREACHABLE,
    SUBMIT_REJECTED,
    SUBMIT_UNKNOWN,
    SNAPSHOT_NOT_FOUND,
    SNAPSHOT_CORRUPT,
    SNAPSHOT_REFUSED,
    OUT_OF_MEMORY,
    INTERNAL
  }

  private final Code code;
  private Range position;
  private int statement = -1;
  private transient JsonNode diagnostics;

  public AgentException(Code code, String message) {
    this(code, message, null);
  }

  public AgentException(Code code, String message, Throwable cause) {
    super(message, cause);
    this.code = code;
  }

  /** Names the statement at fault and its place in the script. */
  public AgentException at(int statementIndex, Range place) {
    statement = statementIndex;
    position = place;
    return this;
  }

  public AgentException with(JsonNode scriptDiagnostics) {
    diagnostics = scriptDiagnostics;
    return this;
  }

  public Code code() {
    return code;
  }

  /** Null when the failure belongs to no place. */
  public Range position() {
    return position;
  }

  /** -1 when the failure belongs to no statement. */
  public int statement() {
    return statement;
  }

  /** Null when there are none. */
  public JsonNode diagnostics() {
    return diagnostics;
  }
}
