// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.script;

import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.node.ArrayNode;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.node.ObjectNode;
import org.apache.flink.table.catalog.CatalogBaseTable;
import org.apache.flink.table.catalog.Column;
import org.apache.flink.table.catalog.ContextResolvedTable;
import org.apache.flink.table.catalog.ObjectIdentifier;
import org.apache.flink.table.catalog.ResolvedSchema;
import org.apache.streampark.flink.agent.protocol.Json;
import org.apache.streampark.flink.agent.protocol.Method;
import org.apache.streampark.flink.agent.protocol.Params;
import org.apache.streampark.flink.agent.protocol.Secrets;
import org.apache.streampark.flink.agent.sql.Range;
import org.apache.streampark.flink.agent.sql.Statement;

/** The method {@code validate}. */
public final class Validate implements Method {
  private final Secrets secrets;
  private final String downloadFolder;

  public Validate(Secrets secrets, String downloadFolder) {
    this.secrets = secrets;
    this.downloadFolder = downloadFolder;
  }

  @Override
  public ObjectNode call(Params params, Progress progress) throws Exception {
    long begin = System.nanoTime();
    ScriptRequest request = ScriptRequest.read(params, secrets, downloadFolder);
    ScriptCheck check = request.check();
    ObjectNode out =
        Json.object().put("valid", check.isValid()).put("runtimeMode", request.runtimeMode());
    out.set("diagnostics", ScriptRequest.json(check.diagnostics()));
    ArrayNode statements = out.putArray("statements");
    request
        .script()
        .statements()
        .forEach(statement -> statements.add(statement(request, statement)));
    ArrayNode tables = out.putArray("tables");
    check.tables().forEach(table -> table(check, table, tables));
    out.set("functions", Json.strings(check.functions()));
    return out.put("millis", (System.nanoTime() - begin) / 1_000_000);
  }

  private static ObjectNode statement(ScriptRequest request, Statement statement) {
    Range range = request.script().range(statement);
    return Json.object()
        .put("index", statement.index())
        .put("kind", statement.kind().name())
        .put("startLine", range.line())
        .put("startColumn", range.column())
        .put("endLine", range.endLine())
        .put("endColumn", range.endColumn())
        .put("summary", statement.summary());
  }

  private static void table(ScriptCheck check, ObjectIdentifier identifier, ArrayNode out) {
    ContextResolvedTable table = check.session().catalogs().getTable(identifier).orElse(null);
    if (table == null) {
      return;
    }
    ObjectNode entry =
        out.addObject()
            .put("catalog", identifier.getCatalogName())
            .put("database", identifier.getDatabaseName())
            .put("name", identifier.getObjectName())
            .put(
                "kind",
                table.getResolvedTable().getTableKind() == CatalogBaseTable.TableKind.VIEW
                    ? "VIEW"
                    : "TABLE")
            .put("temporary", table.isTemporary());
    String comment = table.getResolvedTable().getComment();
    if (comment != null && !comment.isEmpty()) {
      entry.put("comment", comment);
    }
    ResolvedSchema schema = table.getResolvedSchema();
    ArrayNode columns = entry.putArray("columns");
    schema.getColumns().forEach(column -> column(column, columns));
    schema
        .getPrimaryKey()
        .ifPresent(key -> entry.set("primaryKey", Json.strings(key.getColumns())));
    schema.getWatermarkSpecs().stream()
        .findFirst()
        .ifPresent(
            watermark ->
                entry.put(
                    "watermark",
                    watermark.getRowtimeAttribute()
                        + " AS "
                        + watermark.getWatermarkExpression().asSummaryString()));
    if (table.getResolvedTable().getTableKind() != CatalogBaseTable.TableKind.VIEW) {
      ObjectNode options = entry.putObject("options");
      table
          .getResolvedTable()
          .getOptions()
          .forEach((key, value) -> options.put(key, Secrets.shown(key, value)));
    }
  }

  private static void column(Column column, ArrayNode out) {
    var type = column.getDataType().getLogicalType();
    ObjectNode entry =
        out.addObject()
            .put("name", column.getName())
            .put("type", type.copy(true).asSummaryString())
            .put("nullable", type.isNullable())
            .put(
                "kind",
                column instanceof Column.ComputedColumn
                    ? "COMPUTED"
                    : column instanceof Column.MetadataColumn ? "METADATA" : "PHYSICAL");
    if (column instanceof Column.ComputedColumn computed) {
      entry.put("expression", computed.getExpression().asSummaryString());
    }
    column.getComment().ifPresent(comment -> entry.put("comment", comment));
  }
}
