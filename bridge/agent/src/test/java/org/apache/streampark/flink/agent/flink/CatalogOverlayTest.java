// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.api.Schema;
import org.apache.flink.table.catalog.Catalog;
import org.apache.flink.table.catalog.CatalogDatabaseImpl;
import org.apache.flink.table.catalog.CatalogTable;
import org.apache.flink.table.catalog.Column;
import org.apache.flink.table.catalog.GenericInMemoryCatalog;
import org.apache.flink.table.catalog.ObjectPath;
import org.apache.flink.table.catalog.ResolvedCatalogTable;
import org.apache.flink.table.catalog.ResolvedSchema;
import org.apache.flink.table.catalog.exceptions.DatabaseAlreadyExistException;
import org.apache.flink.table.catalog.exceptions.TableAlreadyExistException;
import org.apache.flink.table.catalog.exceptions.TableNotExistException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CatalogOverlayTest {
  private static final ObjectPath THEIRS = new ObjectPath("db", "theirs");
  private static final ObjectPath MINE = new ObjectPath("db", "mine");

  private final GenericInMemoryCatalog real = new GenericInMemoryCatalog("real", "main");
  private Catalog overlay;

  @BeforeEach
  void fill() throws Exception {
    real.open();
    real.createDatabase("db", new CatalogDatabaseImpl(Map.of(), ""), false);
    real.createTable(THEIRS, table("theirs"), false);
    overlay = CatalogOverlay.over("c", real);
    overlay.open();
  }

  private static ResolvedCatalogTable table(String connector) {
    Schema schema = Schema.newBuilder().column("a", DataTypes.INT()).build();
    CatalogTable table =
        CatalogTable.newBuilder().schema(schema).options(Map.of("connector", connector)).build();
    return new ResolvedCatalogTable(
        table, ResolvedSchema.of(Column.physical("a", DataTypes.INT())));
  }

  @Test
  void readsWhatIsThere() throws Exception {
    assertEquals("main", overlay.getDefaultDatabase());
    assertEquals(List.of("db", "main"), overlay.listDatabases());
    assertEquals("theirs", overlay.getTable(THEIRS).getOptions().get("connector"));
  }

  @Test
  void writesStayInMemory() throws Exception {
    overlay.createTable(MINE, table("mine"), false);
    overlay.createDatabase("new", new CatalogDatabaseImpl(Map.of(), ""), false);
    assertEquals(List.of("mine", "theirs"), overlay.listTables("db"));
    assertEquals("mine", overlay.getTable(MINE).getOptions().get("connector"));
    assertTrue(overlay.databaseExists("new"));
    assertEquals(List.of("theirs"), real.listTables("db"));
    assertFalse(real.databaseExists("new"));
    overlay.dropTable(MINE, false);
    overlay.dropDatabase("new", false, true);
    assertFalse(overlay.tableExists(MINE));
    assertFalse(overlay.databaseExists("new"));
  }

  @Test
  void whatIsThereCannotBeMadeAgain() throws Exception {
    assertThrows(
        TableAlreadyExistException.class, () -> overlay.createTable(THEIRS, table("x"), false));
    overlay.createTable(THEIRS, table("x"), true);
    assertEquals("theirs", overlay.getTable(THEIRS).getOptions().get("connector"));
    assertThrows(
        DatabaseAlreadyExistException.class,
        () -> overlay.createDatabase("db", new CatalogDatabaseImpl(Map.of(), ""), false));
  }

  @Test
  void whatIsDroppedIsHiddenAndLives() throws Exception {
    overlay.dropTable(THEIRS, false);
    assertFalse(overlay.tableExists(THEIRS));
    assertEquals(List.of(), overlay.listTables("db"));
    assertThrows(TableNotExistException.class, () -> overlay.dropTable(THEIRS, false));
    overlay.createTable(THEIRS, table("again"), false);
    assertEquals("again", overlay.getTable(THEIRS).getOptions().get("connector"));
    assertEquals("theirs", real.getTable(THEIRS).getOptions().get("connector"));
    overlay.dropDatabase("db", false, true);
    assertTrue(real.databaseExists("db"));
  }

  @Test
  void otherChangesAreForgotten() throws Exception {
    overlay.renameTable(THEIRS, "renamed", false);
    overlay.alterTable(THEIRS, table("altered"), false);
    assertEquals("theirs", real.getTable(THEIRS).getOptions().get("connector"));
  }
}
