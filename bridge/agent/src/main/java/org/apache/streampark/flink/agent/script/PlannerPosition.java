// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.script;

/** A place as the planner gives it: 1-based within the statement, its end being the last character itself. */
record PlannerPosition(int line, int column, int endLine, int endColumn) {}
