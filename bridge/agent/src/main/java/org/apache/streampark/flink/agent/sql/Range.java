// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.sql;

/** A stretch of the script, 1-based; the end is the place after the last character. */
public record Range(int line, int column, int endLine, int endColumn) {}
