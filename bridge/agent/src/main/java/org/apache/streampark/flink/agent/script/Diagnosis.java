// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.script;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.streampark.flink.agent.sql.Range;
import org.apache.streampark.flink.agent.sql.Script;
import org.apache.streampark.flink.agent.sql.Statement;

/**
 * Collects what is wrong with a script. Turns Flink's failures into diagnostics at their place,
 * says each thing once, and keeps silent about statements that fail only because an earlier one
 * did.
 */
final class Diagnosis {
  private final Script script;
  private final List<Diagnostic> diagnostics = new ArrayList<>();
  private final Set<String> said = new HashSet<>();
  private final Set<String> brokenNames = new HashSet<>();
  private final Map<String, Statement> creators = new HashMap<>();
  private boolean contextBroken;

  Diagnosis(Script script) {
    this.script = script;
  }

  List<Diagnostic> diagnostics() {
    return diagnostics;
  }

  boolean hasErrors() {
    return diagnostics.stream().anyMatch(Diagnostic::isError);
  }

  boolean hasErrorIn(Statement statement) {
    return diagnostics.stream()
        .anyMatch(each -> each.isError() && each.statement() == statement.index());
  }

  void add(Diagnostic diagnostic) {
    if (said.add(diagnostic.code() + " " + diagnostic.place() + " " + diagnostic.message())) {
      diagnostics.add(diagnostic);
    }
  }

  /**
   * The statement that made a table, so that an option at fault is shown there. The name is the
   * full one, dots between its parts.
   */
  void created(String table, Statement by) {
    creators.put(table, by);
    by.targetName().ifPresent(brokenNames::remove);
  }

  /**
   * What this statement was to make does not exist; statements that miss it are not reported again.
   */
  void broken(Statement statement) {
    statement.targetName().ifPresent(brokenNames::add);
    contextBroken |=
        switch (statement.kind()) {
          case USE, USE_MODULES, CREATE_CATALOG, CREATE_DATABASE, LOAD_MODULE -> true;
          default -> false;
        };
  }

  void failed(Statement statement, Throwable failure) {
    for (Fault fault : Fault.of(failure)) {
      if (!followsFromEarlier(fault)) {
        add(locate(statement, fault));
      }
    }
  }

  private boolean followsFromEarlier(Fault fault) {
    boolean missing =
        fault.code() == Diagnostic.Code.UNKNOWN_TABLE
            || fault.code() == Diagnostic.Code.UNKNOWN_FUNCTION
            || fault.code() == Diagnostic.Code.CLASS_NOT_FOUND;
    if (!missing) {
      return false;
    }
    return contextBroken || brokenNames.stream().anyMatch(name -> mentions(fault, name));
  }

  private static boolean mentions(Fault fault, String name) {
    return fault.name() != null && (fault.name().equals(name) || fault.name().endsWith("." + name))
        || fault.message().contains("signature " + name + "(");
  }

  private Diagnostic locate(Statement statement, Fault fault) {
    Statement owner = statement;
    Optional<Range> place = Optional.empty();
    if (fault.position() != null) {
      place = Optional.of(Places.planner(script, statement, fault.position()));
    } else {
      Optional<Range> hint = inClause(statement, fault, false);
      Statement creator = fault.table() == null ? null : creators.get(fault.table());
      if (hint.isPresent()) {
        place = hint;
      } else if (creator != null) {
        place = inClause(creator, fault, true);
        owner = place.isPresent() ? creator : statement;
      } else {
        place = inClause(statement, fault, true);
      }
      if (place.isEmpty()
          && (fault.subject() == Fault.Subject.NAME || fault.subject() == Fault.Subject.TARGET)
          && fault.name() != null) {
        place = Places.name(script, statement, fault.name());
      }
      if (place.isEmpty() && (fault.table() != null || fault.subject() == Fault.Subject.TARGET)) {
        place = Places.target(script, owner);
      }
    }
    Range where = place.orElse(Places.firstLine(script, owner));
    return Diagnostic.error(fault.code(), fault.message(), fault.hint(), owner.index(), where);
  }

  /** Rule 2. Without {@code fallback} only an option that stands in the clause itself counts. */
  private Optional<Range> inClause(Statement statement, Fault fault, boolean fallback) {
    List<OptionClause> clause = OptionClause.of(statement);
    switch (fault.subject()) {
      case OPTION_KEY:
        return Places.optionKey(script, statement, fault.name());
      case OPTION_VALUE:
        {
          Optional<Range> value = Places.optionValue(script, statement, fault.name());
          if (value.isPresent() || !fallback) {
            return value;
          }
          return mentioned(clause, fault.message()).or(() -> connector(statement, clause));
        }
      case CONNECTOR, FORMAT:
        {
          Optional<Range> value =
              clause.stream()
                  .filter(option -> option.value().value().equals(fault.name()))
                  .findFirst()
                  .map(option -> script.range(option.value()));
          return value.isPresent() || !fallback ? value : connector(statement, clause);
        }
      case MISSING_OPTION:
        {
          if (!fallback) {
            return Optional.empty();
          }
          int dot = fault.name().indexOf('.');
          String prefix = dot < 0 ? "" : fault.name().substring(0, dot);
          Optional<Range> format =
              clause.stream()
                  .filter(
                      option ->
                          option.key().value().endsWith("format")
                              && option.value().value().equals(prefix))
                  .findFirst()
                  .map(option -> script.range(option.value()));
          return format.isPresent() ? format : connector(statement, clause);
        }
      default:
        return Optional.empty();
    }
  }

  /**
   * The option that a sentence speaks of without saying so: its key, with or without the format's
   * prefix, or its value in quotes.
   */
  private Optional<Range> mentioned(List<OptionClause> clause, String message) {
    for (OptionClause option : clause) {
      String key = option.key().value();
      String inFormat = key.substring(key.indexOf('.') + 1);
      boolean byKey = inFormat.length() > 4 && message.contains(inFormat);
      if (!key.equals("connector")
          && (byKey || message.contains("'" + option.value().value() + "'"))) {
        return Optional.of(script.range(option.value()));
      }
    }
    return Optional.empty();
  }

  private Optional<Range> connector(Statement statement, List<OptionClause> clause) {
    Optional<Range> connector =
        clause.stream()
            .filter(
                option ->
                    option.key().value().equals("connector") || option.key().value().equals("type"))
            .findFirst()
            .map(option -> script.range(option.value()));
    return connector.isPresent()
        ? connector
        : Places.withWord(script, statement).or(() -> Places.target(script, statement));
  }
}
