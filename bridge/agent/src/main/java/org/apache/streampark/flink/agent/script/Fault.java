// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.script;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.streampark.flink.agent.script.Diagnostic.Code;
import org.apache.streampark.flink.agent.text.Similar;

/**
 * What one of Flink's failures says, taken from its chain of causes: what is wrong in our code, in
 * a sentence without Flink's preambles and dumps, and what it is about. Flink gives most of this as
 * text only, so this class knows its sentences; one that it does not know comes out as {@code
 * SEMANTIC} with Flink's own words.
 */
record Fault(
    Code code,
    String message,
    String hint,
    PlannerPosition position,
    String table,
    Subject subject,
    String name) {
  /** What {@link #name} is. */
  enum Subject {
    NOTHING,
    OPTION_KEY,
    OPTION_VALUE,
    MISSING_OPTION,
    CONNECTOR,
    FORMAT,
    /** The table, view or other object that the statement is about. */
    TARGET,
    /** Any name in the statement. */
    NAME
  }

  private static final Pattern TABLE_AT_FAULT =
      Pattern.compile("Unable to create a (?:source|sink) for (?:reading|writing) table '([^']+)'");
  private static final Pattern UNSUPPORTED =
      Pattern.compile(
          "Unsupported options found for '([^']+)'\\.\\s+Unsupported options:\\s+(.*?)\\s+Supported"
              + " options:\\s+(.*)",
          Pattern.DOTALL);
  private static final Pattern MISSING =
      Pattern.compile("Missing required options are:\\s+(.*)", Pattern.DOTALL);
  private static final Pattern UNPARSEABLE =
      Pattern.compile("Could not parse value '(.*)' for key '([^']+)'", Pattern.DOTALL);
  private static final Pattern INVALID_VALUE =
      Pattern.compile("Invalid value for option '([^']+)'");
  private static final Pattern NO_FACTORY =
      Pattern.compile(
          "Could not find any factory for identifier '([^']*)' that implements"
              + " '([^']+)'.*?Available factory identifiers are:\\s*(.*)",
          Pattern.DOTALL);
  private static final Pattern NO_FORMAT =
      Pattern.compile("Could not find any format factory for identifier '([^']*)'");
  private static final Pattern WRONG_ROLE =
      Pattern.compile("Connector '([^']+)' can only be used as a (source|sink)");
  private static final Pattern NO_CONNECTOR_KEY =
      Pattern.compile("do not contain an option key '([^']+)' for discovering");
  private static final Pattern SINK_MISMATCH =
      Pattern.compile(
          "Column types of query result and sink for '[^']+' do not match\\.\\s*Cause: (.*)",
          Pattern.DOTALL);
  private static final Pattern NO_SINK_TABLE = Pattern.compile("Cannot find table '([^']+)'");

  /** It counts from the statement's start, and the diagnostic has the place in the script. */
  private static final Pattern PLACE_IN_TEXT = Pattern.compile(",? at line \\d+, column \\d+");

  private static final Pattern CONTEXT =
      Pattern.compile(
          "^(?:SQL validation failed\\. |SQL parse failed\\. |From line \\d+, column \\d+ to line"
              + " \\d+, column \\d+: |At line \\d+, column \\d+: )+");
  private static final Pattern QUOTED = Pattern.compile("'([^'\\s]+)'");

  static List<Fault> of(Throwable failure) {
    List<Throwable> chain = new ArrayList<>();
    for (Throwable at = failure; at != null && chain.size() < 32; at = at.getCause()) {
      chain.add(at);
    }
    String table = null;
    PlannerPosition position = null;
    for (Throwable at : chain) {
      Matcher matcher = TABLE_AT_FAULT.matcher(text(at));
      table = table == null && matcher.find() ? matcher.group(1) : table;
      position = position == null ? PlannerPosition.of(at) : position;
    }
    // From the inside out: the innermost sentence that is known says most.
    for (int i = chain.size() - 1; i >= 0; i--) {
      List<Fault> options = optionFaults(text(chain.get(i)), table);
      if (!options.isEmpty()) {
        return options;
      }
    }
    for (int i = chain.size() - 1; i >= 0; i--) {
      Fault known = sentence(chain.get(i), position, table);
      if (known != null) {
        return List.of(known);
      }
    }
    Throwable telling = chain.get(chain.size() - 1);
    String message = clean(text(telling).isBlank() ? failure.toString() : text(telling));
    Matcher quoted = QUOTED.matcher(message);
    String name = quoted.find() ? quoted.group(1) : null;
    if (table != null) {
      return List.of(
          new Fault(
              Code.OPTION_INVALID,
              message,
              null,
              position,
              table,
              name == null ? Subject.CONNECTOR : Subject.OPTION_VALUE,
              name));
    }
    return List.of(
        new Fault(
            Code.SEMANTIC,
            message,
            null,
            position,
            null,
            name == null ? Subject.NOTHING : Subject.NAME,
            name));
  }

  private static List<Fault> optionFaults(String text, String table) {
    List<Fault> out = new ArrayList<>();
    Matcher matcher = UNSUPPORTED.matcher(text);
    if (matcher.find()) {
      List<String> supported = lines(matcher.group(3));
      for (String key : lines(matcher.group(2))) {
        String hint =
            Similar.suggest(key, supported)
                .map(near -> "Did you mean '" + near + "'?")
                .orElse("Options: " + String.join(", ", supported) + ".");
        out.add(
            new Fault(
                Code.OPTION_UNKNOWN,
                "'" + matcher.group(1) + "' has no option '" + key + "'.",
                hint,
                null,
                table,
                Subject.OPTION_KEY,
                key));
      }
      return out;
    }
    matcher = MISSING.matcher(text);
    if (matcher.find()) {
      for (String key : lines(matcher.group(1))) {
        out.add(
            new Fault(
                Code.OPTION_MISSING,
                "The required option '" + key + "' is missing.",
                null,
                null,
                table,
                Subject.MISSING_OPTION,
                key));
      }
      return out;
    }
    matcher = UNPARSEABLE.matcher(text);
    if (matcher.find()) {
      String key = matcher.group(2);
      out.add(
          new Fault(
              Code.OPTION_INVALID, clean(text), null, null, table, Subject.OPTION_VALUE, key));
      return out;
    }
    matcher = INVALID_VALUE.matcher(text);
    if (matcher.find()) {
      out.add(
          new Fault(
              Code.OPTION_INVALID,
              clean(text),
              null,
              null,
              table,
              Subject.OPTION_VALUE,
              matcher.group(1)));
      return out;
    }
    matcher = NO_FACTORY.matcher(text);
    if (matcher.find()) {
      out.add(noFactory(matcher.group(1), matcher.group(2), lines(matcher.group(3)), table));
      return out;
    }
    matcher = NO_FORMAT.matcher(text);
    if (matcher.find()) {
      String hint = "Add the jar that has it to the job's dependencies.";
      out.add(
          new Fault(
              Code.FORMAT_NOT_FOUND,
              "There is no format '" + matcher.group(1) + "'.",
              hint,
              null,
              table,
              Subject.FORMAT,
              matcher.group(1)));
      return out;
    }
    matcher = WRONG_ROLE.matcher(text);
    if (matcher.find()) {
      String message = "'" + matcher.group(1) + "' can only be used as a " + matcher.group(2) + ".";
      out.add(new Fault(Code.OPTION_INVALID, message, null, null, null, Subject.TARGET, table));
      return out;
    }
    matcher = NO_CONNECTOR_KEY.matcher(text);
    if (matcher.find()) {
      String message =
          "The option '"
              + matcher.group(1)
              + "' is missing: it names what the table is connected to.";
      out.add(
          new Fault(
              Code.OPTION_MISSING,
              message,
              null,
              null,
              table,
              Subject.MISSING_OPTION,
              matcher.group(1)));
    }
    return out;
  }

  private static Fault noFactory(
      String identifier, String type, List<String> available, String table) {
    String kind =
        type.endsWith("CatalogFactory")
            ? "catalog"
            : type.endsWith("ModuleFactory")
                ? "module"
                : type.contains("Format") ? "format" : "connector";
    String hint =
        Similar.suggest(identifier, available)
            .map(near -> "Did you mean '" + near + "'?")
            .orElse(
                "Available: "
                    + String.join(", ", available)
                    + ". Another one comes with its jar in the job's dependencies.");
    boolean format = kind.equals("format");
    String message = "There is no " + kind + " '" + identifier + "'.";
    return new Fault(
        format ? Code.FORMAT_NOT_FOUND : Code.CONNECTOR_NOT_FOUND,
        message,
        hint,
        null,
        table,
        format ? Subject.FORMAT : Subject.CONNECTOR,
        identifier);
  }

  private static Fault sentence(Throwable at, PlannerPosition position, String table) {
    String type = at.getClass().getSimpleName();
    String text = text(at);
    if (type.equals("SqlParseException")
        || type.equals("SqlParserEOFException")
        || type.equals("TokenMgrError")) {
      return syntax(text, position);
    }
    if (at instanceof ClassNotFoundException || at instanceof NoClassDefFoundError) {
      String hint = "Add the jar that has it to the job's dependencies.";
      return new Fault(
          Code.CLASS_NOT_FOUND,
          "There is no class '" + text + "' on the job's class path.",
          hint,
          position,
          table,
          Subject.NAME,
          text);
    }
    Matcher matcher = SINK_MISMATCH.matcher(text);
    if (matcher.find()) {
      return new Fault(
          Code.SINK_SCHEMA,
          "The query does not fit the sink: " + matcher.group(1).trim(),
          null,
          position,
          table,
          Subject.TARGET,
          null);
    }
    matcher = NO_SINK_TABLE.matcher(text);
    if (matcher.find()) {
      String name = matcher.group(1).replace("`", "");
      return new Fault(
          Code.UNKNOWN_TABLE,
          "There is no table '" + name + "'.",
          null,
          position,
          table,
          Subject.NAME,
          name);
    }
    Code code = codeOf(type, text);
    if (code == null) {
      return null;
    }
    Matcher quoted = QUOTED.matcher(text);
    String name = quoted.find() ? quoted.group(1) : null;
    return new Fault(
        code,
        clean(text),
        null,
        position,
        table,
        code == Code.ALREADY_EXISTS
            ? Subject.TARGET
            : name == null ? Subject.NOTHING : Subject.NAME,
        name);
  }

  private static Code codeOf(String type, String text) {
    String plain = clean(text);
    if (type.endsWith("AlreadyExistException") || plain.contains("already exists")) {
      return Code.ALREADY_EXISTS;
    }
    if (plain.startsWith("Object '")
        || plain.startsWith("Table with identifier")
        || plain.startsWith("Table or view")
        || type.equals("TableNotExistException")) {
      return Code.UNKNOWN_TABLE;
    }
    if (plain.startsWith("Column '") && plain.contains("not found")
        || plain.startsWith("Table '")
        || plain.startsWith("Unknown target column")
        || plain.startsWith("Unknown identifier")
        || plain.startsWith("The rowtime attribute field")
        || plain.startsWith("Unknown field")) {
      return plain.startsWith("Table '") ? Code.UNKNOWN_TABLE : Code.UNKNOWN_COLUMN;
    }
    if (plain.startsWith("No match found for function signature")) {
      return Code.UNKNOWN_FUNCTION;
    }
    if (plain.startsWith("Cannot apply")
        || plain.startsWith("Invalid number of arguments")
        || plain.startsWith("Invalid function call")
        || plain.startsWith("Cannot cast")
        || plain.startsWith("Cast function cannot convert")
        || plain.contains("type mismatch")
        || plain.startsWith("Type mismatch")
        || plain.startsWith("Invalid input arguments")
        || plain.startsWith("Values passed to")) {
      return Code.TYPE_MISMATCH;
    }
    return type.equals("SqlValidatorException") || type.equals("SqlValidateException")
        ? Code.SEMANTIC
        : null;
  }

  private static Fault syntax(String text, PlannerPosition position) {
    int list = text.indexOf("Was expecting");
    String first = clean(list < 0 ? text : text.substring(0, list)).replace(" .", ".");
    if (first.startsWith("Encountered \"<EOF>\"")) {
      first = "The statement ends too early.";
    }
    String hint = null;
    if (list >= 0) {
      List<String> wanted = new ArrayList<>();
      text.substring(list)
          .lines()
          .skip(1)
          .map(line -> line.replace("...", "").trim())
          .filter(line -> line.startsWith("\""))
          .map(line -> line.replace("\"", ""))
          .forEach(wanted::add);
      hint =
          wanted.isEmpty() || wanted.size() > 12 ? null : "Expected: " + String.join(" ", wanted);
    }
    return new Fault(Code.SYNTAX, first, hint, position, null, Subject.NOTHING, null);
  }

  private static String text(Throwable at) {
    return at.getMessage() == null ? "" : at.getMessage();
  }

  static String clean(String text) {
    return PLACE_IN_TEXT
        .matcher(CONTEXT.matcher(text.trim()).replaceFirst(""))
        .replaceAll("")
        .trim();
  }

  private static List<String> lines(String block) {
    return block.lines().map(String::trim).filter(line -> !line.isEmpty()).toList();
  }
}
