// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.flink;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.apache.flink.table.catalog.Catalog;
import org.apache.flink.table.catalog.GenericInMemoryCatalog;
import org.apache.flink.table.catalog.ObjectPath;
import org.apache.flink.table.catalog.exceptions.DatabaseAlreadyExistException;
import org.apache.flink.table.catalog.exceptions.FunctionAlreadyExistException;
import org.apache.flink.table.catalog.exceptions.TableAlreadyExistException;

/**
 * A catalog of another system seen through a sheet of paper: it is read, and never written to. A
 * proxy, for the interface has other methods on each of Flink's lines.
 *
 * <pre>
 * call                       where it goes
 * -------------------------  -------------------------------------------------------------------------------
 * open, close                the real one and the memory
 * create…                    the memory; refused when either has the thing already
 * drop…, alter…, rename…     the memory when it has the thing; else accepted and forgotten, a drop hides it
 * reads of one thing         the memory when it has it or it is hidden, else the real one
 * lists                      both
 * anything else              the real one
 * </pre>
 */
final class CatalogOverlay implements InvocationHandler {
  private static final Pattern WRITES = Pattern.compile("(?:create|drop|alter|rename|truncate).*");

  private final String name;
  private final Catalog real;
  private final GenericInMemoryCatalog memory;
  private final Set<ObjectPath> hidden = new HashSet<>();

  private CatalogOverlay(String name, Catalog real) {
    this.name = name;
    this.real = real;
    this.memory = new GenericInMemoryCatalog(name, real.getDefaultDatabase());
  }

  static Catalog over(String name, Catalog real) {
    return (Catalog)
        Proxy.newProxyInstance(
            Catalog.class.getClassLoader(),
            new Class<?>[] {Catalog.class},
            new CatalogOverlay(name, real));
  }

  @Override
  public Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
    String call = method.getName();
    if (call.equals("open") || call.equals("close")) {
      forward(memory, method, arguments);
      return forward(real, method, arguments);
    }
    Object first = arguments == null ? null : arguments[0];
    if (WRITES.matcher(call).matches()) {
      return first instanceof ObjectPath path
          ? write(path, method, arguments)
          : writeDatabase((String) first, method, arguments);
    }
    if (call.startsWith("list")) {
      return list(first, method, arguments);
    }
    if (first instanceof ObjectPath path) {
      return forward(has(memory, path) || hidden.contains(path) ? memory : real, method, arguments);
    }
    if (call.equals("databaseExists") || call.equals("getDatabase")) {
      return forward(real.databaseExists((String) first) ? real : memory, method, arguments);
    }
    return forward(real, method, arguments);
  }

  private Object write(ObjectPath path, Method method, Object[] arguments) throws Throwable {
    String call = method.getName();
    boolean visible = has(memory, path) || (!hidden.contains(path) && has(real, path));
    if (call.equals("createTable") || call.equals("createFunction")) {
      if (visible) {
        boolean ignore = (boolean) arguments[2];
        if (!ignore) {
          throw call.equals("createTable")
              ? new TableAlreadyExistException(name, path)
              : new FunctionAlreadyExistException(name, path);
        }
        return null;
      }
      if (!memory.databaseExists(path.getDatabaseName())
          && real.databaseExists(path.getDatabaseName())) {
        memory.createDatabase(
            path.getDatabaseName(), real.getDatabase(path.getDatabaseName()), true);
      }
      return forward(memory, method, arguments);
    }
    boolean drops = call.equals("dropTable") || call.equals("dropFunction");
    if (has(memory, path) || (drops && !visible)) {
      return forward(memory, method, arguments);
    }
    if (drops) {
      hidden.add(path);
    }
    return null;
  }

  private Object writeDatabase(String database, Method method, Object[] arguments)
      throws Throwable {
    if (method.getName().equals("createDatabase")) {
      boolean visible = memory.databaseExists(database) || real.databaseExists(database);
      boolean ignore = (boolean) arguments[2];
      if (visible && !ignore) {
        throw new DatabaseAlreadyExistException(name, database);
      }
      return visible ? null : forward(memory, method, arguments);
    }
    return memory.databaseExists(database) && !real.databaseExists(database)
        ? forward(memory, method, arguments)
        : null;
  }

  /**
   * Lists of names are joined; those of other things (partitions, procedures) are the real one's.
   */
  private Object list(Object database, Method method, Object[] arguments) throws Throwable {
    boolean ofDatabase = database instanceof String;
    boolean mine = !ofDatabase || memory.databaseExists((String) database);
    boolean theirs = !ofDatabase || real.databaseExists((String) database);
    if (database instanceof ObjectPath) {
      return forward(real, method, arguments);
    }
    Set<Object> all = new TreeSet<>();
    if (mine) {
      all.addAll((List<?>) forward(memory, method, arguments));
    }
    // Of a database that nobody has, the real one complains.
    if (theirs || !mine) {
      all.addAll((List<?>) forward(real, method, arguments));
    }
    if (ofDatabase) {
      hidden.stream()
          .filter(path -> path.getDatabaseName().equals(database) && !has(memory, path))
          .forEach(path -> all.remove(path.getObjectName()));
    }
    return new ArrayList<>(all);
  }

  private static boolean has(Catalog catalog, ObjectPath path) {
    return catalog.tableExists(path)
        || (catalog.databaseExists(path.getDatabaseName()) && catalog.functionExists(path));
  }

  private static Object forward(Catalog target, Method method, Object[] arguments)
      throws Throwable {
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException failed) {
      throw failed.getCause();
    }
  }
}
