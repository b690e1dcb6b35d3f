// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.flink;

import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExecutionOptions;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.TableEnvironment;
import org.apache.flink.table.api.internal.TableEnvironmentImpl;
import org.apache.flink.table.catalog.CatalogManager;
import org.apache.flink.table.delegation.Executor;
import org.apache.flink.table.delegation.Planner;
import org.apache.flink.table.operations.CreateTableASOperation;
import org.apache.flink.table.operations.ModifyOperation;
import org.apache.flink.table.operations.Operation;

/**
 * One table environment, made for one request and thrown away with it (a few milliseconds in a warm
 * JVM), so that requests can't see each other's tables. Used by one thread.
 */
public final class Session {
  private final TableEnvironmentImpl environment;
  private final Executor executor;

  private Session(TableEnvironmentImpl environment, Executor executor) {
    this.environment = environment;
    this.executor = executor;
  }

  /**
   * {@code configuration} is the whole of it: where to submit to, the job's options, the runtime
   * mode.
   */
  public static Session open(Configuration configuration) {
    EnvironmentSettings.Builder settings =
        EnvironmentSettings.newInstance().withConfiguration(configuration);
    boolean batch = configuration.get(ExecutionOptions.RUNTIME_MODE) == RuntimeExecutionMode.BATCH;
    TableEnvironmentImpl environment =
        (TableEnvironmentImpl)
            TableEnvironment.create(
                batch ? settings.inBatchMode().build() : settings.inStreamingMode().build());
    return new Session(environment, FlinkLine.executor(environment));
  }

  public TableEnvironmentImpl environment() {
    return environment;
  }

  public Planner planner() {
    return environment.getPlanner();
  }

  public Executor executor() {
    return executor;
  }

  public CatalogManager catalogs() {
    return environment.getCatalogManager();
  }

  public void set(Map<String, String> options) {
    options.forEach(environment.getConfig()::set);
  }

  /** Parses and validates one statement; nothing is executed. */
  public Operation parse(String statement) {
    List<Operation> operations = environment.getParser().parse(statement);
    if (operations.size() != 1) {
      throw new IllegalStateException(
          "One statement parsed to " + operations.size() + " operations.");
    }
    return operations.get(0);
  }

  public void execute(Operation operation) {
    environment.executeInternal(operation);
  }

  /** A sink operation of an INSERT or CTAS. The table of a CTAS is created in the session. */
  public ModifyOperation toSink(Operation operation) {
    if (operation instanceof CreateTableASOperation createAs) {
      execute(createAs.getCreateTableOperation());
      return createAs.toSinkModifyOperation(catalogs());
    }
    return (ModifyOperation) operation;
  }
}
