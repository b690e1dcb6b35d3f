// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.script;

import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.dag.Transformation;
import org.apache.flink.table.operations.CreateTableASOperation;
import org.apache.flink.table.operations.ModifyOperation;
import org.apache.flink.table.operations.Operation;
import org.apache.streampark.flink.agent.flink.Session;
import org.apache.streampark.flink.agent.protocol.AgentException;
import org.apache.streampark.flink.agent.protocol.AgentException.Code;
import org.apache.streampark.flink.agent.sql.Script;
import org.apache.streampark.flink.agent.sql.Statement;
import org.apache.streampark.flink.agent.sql.StatementKind;

/** Runs a script's DDL for real and gathers its INSERTs; stops at the first error. */
public final class ScriptRun {
  private final Script script;
  private final Session session;
  private final List<ScriptCheck.Sink> sinks = new ArrayList<>();

  private ScriptRun(Script script, Session session) {
    this.script = script;
    this.session = session;
  }

  /** Everything: DDL and INSERTs. */
  public static ScriptRun whole(Script script, Session session) throws AgentException {
    ScriptRun run = checked(script, session);
    for (Statement statement : script.statements()) {
      run.guarded(statement, () -> run.statement(statement));
    }
    if (run.sinks.isEmpty()) {
      throw new AgentException(
          Code.SCRIPT_INVALID, "The script has no INSERT, so there is nothing to run.");
    }
    return run;
  }

  /** What a stored plan needs around it: all DDL, and of a CTAS its table. */
  public static ScriptRun preamble(Script script, Session session) throws AgentException {
    ScriptRun run = checked(script, session);
    for (Statement statement : script.statements()) {
      if (statement.kind() == StatementKind.CREATE_TABLE_AS) {
        run.guarded(
            statement,
            () ->
                session.execute(
                    ((CreateTableASOperation) session.parse(statement.text()))
                        .getCreateTableOperation()));
      } else if (statement.kind() != StatementKind.INSERT) {
        run.guarded(statement, () -> run.statement(statement));
      }
    }
    return run;
  }

  private static ScriptRun checked(Script script, Session session) throws AgentException {
    List<Diagnostic> found = new ArrayList<>(ScriptRules.check(script));
    script.statements().forEach(statement -> found.addAll(SettingCheck.of(script, statement)));
    for (Diagnostic diagnostic : found) {
      if (diagnostic.isError()) {
        throw new AgentException(Code.SCRIPT_INVALID, diagnostic.message())
            .at(diagnostic.statement(), diagnostic.place())
            .with(ScriptRequest.json(List.of(diagnostic)));
      }
    }
    return new ScriptRun(script, session);
  }

  /** The whole job's graph. */
  public List<Transformation<?>> translate() throws AgentException {
    List<ModifyOperation> operations = sinks.stream().map(ScriptCheck.Sink::operation).toList();
    List<List<Transformation<?>>> out = new ArrayList<>();
    guarded(sinks.get(0).statement(), () -> out.add(session.planner().translate(operations)));
    return out.get(0);
  }

  private void statement(Statement statement) {
    StatementKind kind = statement.kind();
    if (kind == StatementKind.SET || kind == StatementKind.RESET) {
      JobOptions.apply(session, statement);
    } else if (kind.isPreamble()) {
      session.execute(session.parse(statement.text()));
    } else if (kind.isSink()) {
      Operation parsed = session.parse(statement.text());
      sinks.add(new ScriptCheck.Sink(statement, session.toSink(parsed)));
    }
  }

  private void guarded(Statement statement, Runnable action) throws AgentException {
    try {
      action.run();
    } catch (RuntimeException | LinkageError failure) {
      Diagnosis diagnosis = new Diagnosis(script);
      diagnosis.failed(statement, failure);
      Diagnostic first = diagnosis.diagnostics().get(0);
      throw new AgentException(Code.SCRIPT_INVALID, first.message(), failure)
          .at(statement.index(), first.place())
          .with(ScriptRequest.json(diagnosis.diagnostics()));
    }
  }
}
