// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.flink;

import java.util.List;
import java.util.Optional;

/**
 * Keys that decide where a job runs and what it restores from. They are the platform's; a script or
 * a job's options may not have them.
 */
public final class ForbiddenOptions {
  private record Rule(String prefix, String reason) {}

  private static final String TARGET = "the job's target decides where it runs";
  private static final String RESTORE = "what a start restores from is chosen when it is started";
  private static final String JARS = "dependencies belong to the job, not to its script or options";

  /**
   * A prefix that ends with a dot stands for all keys below, one without for that key and those
   * below.
   */
  private static final List<Rule> RULES =
      List.of(
          new Rule("execution.target", TARGET),
          new Rule("execution.attached", TARGET),
          new Rule("execution.shutdown-on-attached-exit", TARGET),
          new Rule("execution.shutdown-on-application-finish", TARGET),
          new Rule("rest.", TARGET),
          new Rule("client.", TARGET),
          new Rule("jobmanager.rpc.", TARGET),
          new Rule("high-availability", TARGET),
          new Rule("security.ssl.rest.", TARGET),
          new Rule("yarn.", TARGET),
          new Rule("kubernetes.", TARGET),
          new Rule("$internal.", TARGET),
          new Rule("pipeline.fixed-job-id", TARGET),
          new Rule("execution.savepoint", RESTORE),
          new Rule("execution.savepoint-restore-mode", RESTORE),
          new Rule("execution.state-recovery.", RESTORE),
          new Rule("pipeline.jars", JARS),
          new Rule("pipeline.classpaths", JARS),
          new Rule("table.resources.download-dir", "the agent keeps its own"),
          new Rule("table.dml-sync", "a job is submitted and not waited for"),
          new Rule("table.catalog-store.", "catalogs are created by the script"),
          new Rule("table.catalog-modification.", "listeners belong to the cluster"));

  private ForbiddenOptions() {}

  /** Why the key is refused; empty when it is not. */
  public static Optional<String> reason(String key) {
    for (Rule rule : RULES) {
      String prefix = rule.prefix();
      boolean below = key.startsWith(prefix.endsWith(".") ? prefix : prefix + ".");
      if (key.equals(prefix) || below) {
        return Optional.of(rule.reason());
      }
    }
    return Optional.empty();
  }
}
