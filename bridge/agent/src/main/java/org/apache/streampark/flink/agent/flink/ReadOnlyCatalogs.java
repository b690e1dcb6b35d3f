// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.flink;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Set;
import java.util.TreeSet;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.catalog.Catalog;
import org.apache.flink.table.catalog.GenericInMemoryCatalog;
import org.apache.flink.table.catalog.ObjectPath;
import org.apache.flink.table.factories.FactoryUtil;
import org.apache.flink.table.operations.ddl.CreateCatalogOperation;

/**
 * Catalogs of other systems for a check: read from the system, never written to. What the script creates goes to memory and hides what the system has; changes to
 * what only the system has are accepted and forgotten.
 */
public final class ReadOnlyCatalogs {
  private ReadOnlyCatalogs() {}

  /** Carries out a CREATE CATALOG. */
  public static void register(Session session, CreateCatalogOperation operation) {
    String name = operation.getCatalogName();
    if (session.environment().getCatalog(name).isPresent()) {
      if (operation.isIgnoreIfExists()) {
        return;
      }
      throw new ValidationException("Catalog '" + name + "' already exists.");
    }
    ClassLoader loader = Thread.currentThread().getContextClassLoader();
    Catalog real = FactoryUtil.createCatalog(name, operation.getProperties(), session.environment().getConfig(), loader);
    boolean inMemory = real instanceof GenericInMemoryCatalog;
    session.environment().registerCatalog(name, inMemory ? real : overlay(name, real));
  }

  static Catalog overlay(String name, Catalog real) {
    GenericInMemoryCatalog memory = new GenericInMemoryCatalog(name);
    return (Catalog) Proxy.newProxyInstance(Catalog.class.getClassLoader(), new Class<?>[] {Catalog.class}, new Overlay(real, memory));
  }

  private record Overlay(Catalog real, GenericInMemoryCatalog memory) implements InvocationHandler {
    private static final Set<String> LIFE = Set.of("open", "close", "getFactory", "getTableFactory", "getFunctionDefinitionFactory", "supportsManagedTable");
    private static final Set<String> WRITES = Set.of("create", "drop", "alter", "rename", "truncate");

    @Override
    public Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
      String name = method.getName();
      if (method.getDeclaringClass() == Object.class) {
        return call(real, method, arguments);
      }
      if (LIFE.contains(name)) {
        if (name.equals("open")) {
          memory.open();
        }
        return call(real, method, arguments);
      }
      if (WRITES.stream().anyMatch(name::startsWith)) {
        return write(method, arguments);
      }
      return read(method, arguments);
    }

    private Object write(Method method, Object[] arguments) throws Throwable {
      String name = method.getName();
      if (arguments != null && arguments[0] instanceof ObjectPath path && !memory.databaseExists(path.getDatabaseName())) {
        if (!real.databaseExists(path.getDatabaseName())) {
          return call(real, method, arguments);
        }
        memory.createDatabase(path.getDatabaseName(), real.getDatabase(path.getDatabaseName()), true);
      }
      if (name.equals("createTable") && !(boolean) arguments[2] && real.tableExists((ObjectPath) arguments[0])) {
        throw new org.apache.flink.table.catalog.exceptions.TableAlreadyExistException(real.getDatabase(((ObjectPath) arguments[0]).getDatabaseName()) == null ? "" : "external", (ObjectPath) arguments[0]);
      }
      boolean known = !(arguments != null && arguments[0] instanceof ObjectPath path) || name.startsWith("create") || memory.tableExists(path) || memory.functionExists(path);
      return known ? call(memory, method, arguments) : null;
    }

    private Object read(Method method, Object[] arguments) throws Throwable {
      String name = method.getName();
      if (name.startsWith("list")) {
        return lists(method, arguments);
      }
      if (arguments != null && arguments[0] instanceof ObjectPath path) {
        boolean mine = memory.databaseExists(path.getDatabaseName()) && (memory.tableExists(path) || memory.functionExists(path));
        return call(mine ? memory : real, method, arguments);
      }
      if (name.endsWith("atabaseExists") || name.equals("getDatabase")) {
        boolean mine = memory.databaseExists((String) arguments[0]) && !real.databaseExists((String) arguments[0]);
        return call(mine ? memory : real, method, arguments);
      }
      return call(real, method, arguments);
    }

    private Object lists(Method method, Object[] arguments) throws Throwable {
      Object theirs = call(real, method, arguments);
      boolean byDatabase = arguments != null && arguments[0] instanceof String;
      if (!(theirs instanceof java.util.List<?> list) || (byDatabase && !memory.databaseExists((String) arguments[0])) || list.stream().anyMatch(item -> !(item instanceof String))) {
        return theirs;
      }
      TreeSet<Object> all = new TreeSet<>(list);
      if (call(memory, method, arguments) instanceof java.util.List<?> mine && mine.stream().allMatch(item -> item instanceof String)) {
        mine.stream().filter(item -> byDatabase || !item.equals(memory.getDefaultDatabase())).forEach(all::add);
      }
      return new java.util.ArrayList<>(all);
    }

    private static Object call(Object target, Method method, Object[] arguments) throws Throwable {
      try {
        return method.invoke(target, arguments);
      } catch (InvocationTargetException failed) {
        throw failed.getCause();
      }
    }
  }
}
