// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.flink;

import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.catalog.Catalog;
import org.apache.flink.table.catalog.GenericInMemoryCatalog;
import org.apache.flink.table.factories.FactoryUtil;
import org.apache.flink.table.operations.ddl.CreateCatalogOperation;

/**
 * CREATE CATALOG for a check: the catalog is opened, and whatever the script does to it stays in
 * memory.
 */
public final class ReadOnlyCatalogs {
  private ReadOnlyCatalogs() {}

  public static void register(Session session, CreateCatalogOperation operation) {
    String name = operation.getCatalogName();
    if (session.environment().getCatalog(name).isPresent()) {
      if (operation.isIgnoreIfExists()) {
        return;
      }
      throw new ValidationException("Catalog '" + name + "' already exists.");
    }
    ClassLoader loader = Thread.currentThread().getContextClassLoader();
    Catalog real =
        FactoryUtil.createCatalog(
            name, operation.getProperties(), session.environment().getConfig(), loader);
    boolean inMemory = real.getClass() == GenericInMemoryCatalog.class;
    session.environment().registerCatalog(name, inMemory ? real : CatalogOverlay.over(name, real));
  }
}
