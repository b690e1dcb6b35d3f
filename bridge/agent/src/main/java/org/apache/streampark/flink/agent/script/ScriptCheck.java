// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.script;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.table.catalog.ObjectIdentifier;
import org.apache.flink.table.operations.ModifyOperation;
import org.apache.flink.table.operations.Operation;
import org.apache.flink.table.operations.ddl.CreateCatalogFunctionOperation;
import org.apache.flink.table.operations.ddl.CreateCatalogOperation;
import org.apache.flink.table.operations.ddl.CreateTableOperation;
import org.apache.flink.table.operations.ddl.CreateViewOperation;
import org.apache.streampark.flink.agent.flink.FlinkLine;
import org.apache.streampark.flink.agent.flink.ReadOnlyCatalogs;
import org.apache.streampark.flink.agent.flink.Session;
import org.apache.streampark.flink.agent.script.Diagnostic.Code;
import org.apache.streampark.flink.agent.sql.Script;
import org.apache.streampark.flink.agent.sql.Statement;
import org.apache.streampark.flink.agent.sql.StatementKind;

/**
 * Takes a script through the planner without running any of it outside: DDL goes to catalogs in
 * memory, INSERTs are translated to a logical plan, which finds what is wrong with names, types,
 * connectors and sinks, and is not optimised. Goes on after an error.
 */
public final class ScriptCheck {
  /** A statement that moves rows, as the planner understood it. */
  public record Sink(Statement statement, ModifyOperation operation) {}

  private final Script script;
  private final Session session;
  private final Diagnosis diagnosis;
  private final List<Sink> sinks = new ArrayList<>();
  private final Set<ObjectIdentifier> tables = new LinkedHashSet<>();
  private final List<String> functions = new ArrayList<>();

  private ScriptCheck(Script script, Session session) {
    this.script = script;
    this.session = session;
    this.diagnosis = new Diagnosis(script);
  }

  public static ScriptCheck run(Script script, Configuration configuration) {
    ScriptCheck check = new ScriptCheck(script, Session.open(configuration));
    ScriptRules.check(script).forEach(check.diagnosis::add);
    script.statements().forEach(check::statement);
    return check;
  }

  /** In the order of the script. */
  public List<Diagnostic> diagnostics() {
    return diagnosis.diagnostics().stream().sorted((a, b) -> order(a) - order(b)).toList();
  }

  private int order(Diagnostic diagnostic) {
    return script.lines().offset(diagnostic.place().line(), diagnostic.place().column());
  }

  public boolean isValid() {
    return !diagnosis.hasErrors();
  }

  public Script script() {
    return script;
  }

  public Session session() {
    return session;
  }

  public List<Sink> sinks() {
    return sinks;
  }

  /** Tables and views that the script makes and that still are there at its end. */
  public Set<ObjectIdentifier> tables() {
    return tables;
  }

  public List<String> functions() {
    return functions;
  }

  /**
   * Statements whose OPTIONS hint a compiled plan would silently lose: Flink keeps only the name of
   * a temporary table in a plan.
   */
  public List<Statement> hintsLostInPlans() {
    return script.statements().stream()
        .filter(statement -> OptionHints.onTemporaryTable(this, statement))
        .toList();
  }

  /** Adds what a later stage, such as the optimiser, has to say about a statement. */
  public void failed(Statement statement, Throwable failure) {
    diagnosis.failed(statement, failure);
  }

  private void statement(Statement statement) {
    if (Thread.currentThread().isInterrupted()) {
      throw new IllegalStateException("cancelled");
    }
    StatementKind kind = statement.kind();
    try {
      if (kind == StatementKind.SET || kind == StatementKind.RESET) {
        SettingCheck.of(script, statement).forEach(diagnosis::add);
        JobOptions.apply(session, statement);
      } else if (skipped(statement)) {
        diagnosis.broken(statement);
      } else if (kind.isPreamble()) {
        preamble(statement);
      } else if (kind.isSink()) {
        sink(statement);
      } else if (kind == StatementKind.OTHER) {
        session.parse(statement.text());
        diagnosis.add(
            Diagnostic.error(
                Code.NOT_ALLOWED,
                "This statement is no part of a job.",
                null,
                statement.index(),
                Places.firstLine(script, statement)));
      }
    } catch (OutOfMemoryError fatal) {
      throw fatal;
    } catch (Exception | LinkageError failure) {
      diagnosis.failed(statement, failure);
      diagnosis.broken(statement);
    }
  }

  /** The rules have said all there is to say about these. */
  private boolean skipped(Statement statement) {
    boolean openQuote =
        script.unclosed().isPresent()
            && script.unclosed().get() == Script.Unclosed.QUOTE
            && statement.end() == script.text().length();
    return openQuote
        || (statement.kind() == StatementKind.CREATE_FUNCTION && diagnosis.hasErrorIn(statement));
  }

  private void preamble(Statement statement) {
    Operation operation = session.parse(statement.text());
    if (operation instanceof CreateCatalogOperation create) {
      ReadOnlyCatalogs.register(session, create);
      return;
    }
    if (operation instanceof CreateCatalogFunctionOperation create) {
      Class<?> found = loadFunction(create.getCatalogFunction().getClassName());
      functions.add(create.getFunctionIdentifier().getObjectName());
      if (found == null) {
        diagnosis.broken(statement);
      }
    }
    session.execute(operation);
    if (operation instanceof CreateTableOperation create) {
      remember(create.getTableIdentifier(), statement);
      TableOptionsCheck.of(session, create.getTableIdentifier())
          .forEach(failure -> diagnosis.failed(statement, failure));
    } else if (operation instanceof CreateViewOperation create) {
      remember(create.getViewIdentifier(), statement);
    }
  }

  private Class<?> loadFunction(String className) {
    try {
      return Class.forName(className, false, Thread.currentThread().getContextClassLoader());
    } catch (ClassNotFoundException absent) {
      throw new IllegalArgumentException(absent);
    }
  }

  private void remember(ObjectIdentifier table, Statement statement) {
    tables.add(table);
    diagnosis.created(name(table), statement);
  }

  private static String name(ObjectIdentifier table) {
    return table.getCatalogName() + "." + table.getDatabaseName() + "." + table.getObjectName();
  }

  private void sink(Statement statement) {
    if (statement.kind() == StatementKind.REPLACE_TABLE_AS) {
      return;
    }
    Operation parsed = session.parse(statement.text());
    if (parsed instanceof org.apache.flink.table.operations.CreateTableASOperation create) {
      remember(create.getCreateTableOperation().getTableIdentifier(), statement);
    }
    ModifyOperation operation = session.toSink(parsed);
    FlinkLine.translateToRel(session.planner(), operation);
    sinks.add(new Sink(statement, operation));
  }
}
