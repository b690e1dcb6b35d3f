// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.script;

import java.util.List;
import java.util.Map;
import org.apache.flink.table.catalog.ContextResolvedTable;
import org.apache.flink.table.catalog.ObjectIdentifier;
import org.apache.flink.table.catalog.ResolvedCatalogTable;
import org.apache.flink.table.factories.DynamicTableFactory;
import org.apache.flink.table.factories.DynamicTableSinkFactory;
import org.apache.flink.table.factories.DynamicTableSourceFactory;
import org.apache.flink.table.factories.FactoryUtil;
import org.apache.streampark.flink.agent.flink.Session;

/**
 * Makes a new table's source and sink as the planner would, so that wrong options show although no
 * INSERT uses the table yet. A table that works in one of its connector's roles is right: the other
 * one is judged when it is used.
 */
final class TableOptionsCheck {
  private TableOptionsCheck() {}

  /** At most one failure. */
  static List<RuntimeException> of(Session session, ObjectIdentifier identifier) {
    ContextResolvedTable found = session.catalogs().getTableOrError(identifier);
    boolean ownFactory = found.getCatalog().flatMap(catalog -> catalog.getFactory()).isPresent();
    if (ownFactory || !(found.getResolvedTable() instanceof ResolvedCatalogTable table)) {
      return List.of();
    }
    ClassLoader loader = Thread.currentThread().getContextClassLoader();
    String connector = table.getOptions().get(FactoryUtil.CONNECTOR.key());
    if (connector == null) {
      return List.of(
          new IllegalArgumentException(
              "Table options do not contain an option key 'connector' for discovering a"
                  + " connector."));
    }
    DynamicTableFactory factory;
    try {
      factory = FactoryUtil.discoverFactory(loader, DynamicTableFactory.class, connector);
    } catch (RuntimeException unknown) {
      return List.of(unknown);
    }
    RuntimeException failure = null;
    var config = session.environment().getConfig();
    if (factory instanceof DynamicTableSourceFactory source) {
      try {
        FactoryUtil.createDynamicTableSource(
            source, identifier, table, Map.of(), config, loader, found.isTemporary());
        return List.of();
      } catch (RuntimeException wrong) {
        failure = wrong;
      }
    }
    if (factory instanceof DynamicTableSinkFactory sink) {
      try {
        FactoryUtil.createDynamicTableSink(
            sink, identifier, table, Map.of(), config, loader, found.isTemporary());
        return List.of();
      } catch (RuntimeException wrong) {
        failure = failure == null ? wrong : failure;
      }
    }
    return failure == null ? List.of() : List.of(failure);
  }
}
