// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.flink;

import java.io.Reader;
import java.io.StringReader;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.JobManagerOptions;
import org.apache.flink.runtime.OperatorIDPair;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.jobmanager.JobManagerProcessSpec;
import org.apache.flink.runtime.jobmanager.JobManagerProcessUtils;
import org.apache.flink.runtime.util.EnvironmentInformation;
import org.apache.flink.table.api.internal.TableEnvironmentImpl;
import org.apache.flink.table.delegation.Executor;
import org.apache.flink.table.delegation.Planner;
import org.apache.flink.table.operations.ModifyOperation;

/**
 * Everything that differs between Flink's lines or lies behind the planner's own class loader, and
 * so has to be reached by reflection. Nowhere else in the agent is a Flink class touched by name.
 */
public final class FlinkLine {
  private FlinkLine() {}

  /** {@code 1.20.5}, as the distribution says it. */
  public static String version() {
    return EnvironmentInformation.getVersion();
  }

  /** {@code 1.20} */
  public static String line() {
    String[] parts = version().split("[.-]");
    return parts.length < 2 ? version() : parts[0] + "." + parts[1];
  }

  /**
   * Makes the planner's logical plan of an INSERT, which creates the sink and checks its schema,
   * without optimising. The method is the planner's own step and not part of its interface.
   */
  public static void translateToRel(Planner planner, ModifyOperation operation) {
    call(planner, "translateToRel", ModifyOperation.class, operation);
  }

  /** What turns transformations into a job and submits it; the environment keeps it to itself. */
  public static Executor executor(TableEnvironmentImpl environment) {
    try {
      Field field = TableEnvironmentImpl.class.getDeclaredField("execEnv");
      field.setAccessible(true);
      return (Executor) field.get(environment);
    } catch (ReflectiveOperationException changed) {
      throw new IllegalStateException("This Flink's table environment has no executor.", changed);
    }
  }

  /** The operator's uid where the line records it (2.x). */
  public static Optional<String> uid(OperatorState state) {
    return optional(state, "getOperatorUid");
  }

  /** The operator's name where the line records it (2.x). */
  public static Optional<String> name(OperatorState state) {
    return optional(state, "getOperatorName");
  }

  public static Optional<String> uid(OperatorIDPair pair) {
    return optional(pair, "getUserDefinedOperatorUid");
  }

  public static Optional<String> name(OperatorIDPair pair) {
    return optional(pair, "getUserDefinedOperatorName");
  }

  /** 1.20 still maps the older heap option, 2.x has dropped it and with it the method. */
  public static JobManagerProcessSpec jobManagerMemory(Configuration configuration) {
    for (Method method : JobManagerProcessUtils.class.getMethods()) {
      if (method.getName().equals("processSpecFromConfig")) {
        return (JobManagerProcessSpec) invoke(method, null, configuration);
      }
      if (method.getName().equals("processSpecFromConfigWithNewOptionToInterpretLegacyHeap")) {
        return (JobManagerProcessSpec)
            invoke(method, null, configuration, JobManagerOptions.JVM_HEAP_MEMORY);
      }
    }
    throw new IllegalStateException(
        "This Flink does not say how it computes the JobManager's memory.");
  }

  /** The class of an option's value (of its elements, for a list). */
  public static Class<?> type(ConfigOption<?> option) {
    return (Class<?>) hidden(option, "getClazz");
  }

  public static boolean isList(ConfigOption<?> option) {
    return (boolean) hidden(option, "isList");
  }

  private static Object hidden(ConfigOption<?> option, String getter) {
    try {
      Method method = ConfigOption.class.getDeclaredMethod(getter);
      method.setAccessible(true);
      return method.invoke(option);
    } catch (ReflectiveOperationException changed) {
      throw new IllegalStateException("This Flink's options have no " + getter + ".", changed);
    }
  }

  /** The words of the SQL parser, which lives with the planner, and whether each is reserved. */
  public static SortedMap<String, Boolean> keywords(Planner planner) {
    try {
      ClassLoader loader = planner.getClass().getClassLoader();
      Class<?> implementation =
          loader.loadClass("org.apache.flink.sql.parser.impl.FlinkSqlParserImpl");
      Object factory = implementation.getField("FACTORY").get(null);
      Object parser =
          loader
              .loadClass("org.apache.calcite.sql.parser.SqlParserImplFactory")
              .getMethod("getParser", Reader.class)
              .invoke(factory, new StringReader(""));
      Object metadata = parser.getClass().getMethod("getMetadata").invoke(parser);
      Class<?> type =
          loader.loadClass("org.apache.calcite.sql.parser.SqlAbstractParserImpl$Metadata");
      Method isKeyword = type.getMethod("isKeyword", String.class);
      Method isReserved = type.getMethod("isReservedWord", String.class);
      SortedMap<String, Boolean> out = new TreeMap<>();
      for (Object token : (List<?>) type.getMethod("getTokens").invoke(metadata)) {
        if ((boolean) isKeyword.invoke(metadata, token)) {
          out.put((String) token, (boolean) isReserved.invoke(metadata, token));
        }
      }
      return out;
    } catch (ReflectiveOperationException changed) {
      throw new IllegalStateException("This Flink's parser does not tell its keywords.", changed);
    }
  }

  /**
   * A getter without arguments of an object whose class the agent cannot name; empty when it has
   * none.
   */
  public static Optional<Object> get(Object target, String getter) {
    try {
      return Optional.ofNullable(target.getClass().getMethod(getter).invoke(target));
    } catch (ReflectiveOperationException absent) {
      return Optional.empty();
    }
  }

  private static Optional<String> optional(Object target, String getter) {
    return get(target, getter)
        .map(value -> value instanceof Optional<?> inner ? inner.orElse(null) : value)
        .map(String::valueOf)
        .filter(text -> !text.isEmpty());
  }

  private static Object call(Object target, String name, Class<?> parameter, Object argument) {
    try {
      return invoke(target.getClass().getMethod(name, parameter), target, argument);
    } catch (NoSuchMethodException changed) {
      throw new IllegalStateException("This Flink's planner has no " + name + ".", changed);
    }
  }

  /** Failures of what is called come out as they are. */
  private static Object invoke(Method method, Object target, Object... arguments) {
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException failed) {
      if (failed.getCause() instanceof RuntimeException unchecked) {
        throw unchecked;
      }
      if (failed.getCause() instanceof Error error) {
        throw error;
      }
      throw new IllegalStateException(failed.getCause());
    } catch (IllegalAccessException closed) {
      throw new IllegalStateException(closed);
    }
  }
}
