// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.factories;

import java.util.Comparator;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.node.ArrayNode;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.node.ObjectNode;
import org.apache.flink.table.factories.CatalogFactory;
import org.apache.flink.table.factories.CatalogStoreFactory;
import org.apache.flink.table.factories.DecodingFormatFactory;
import org.apache.flink.table.factories.DynamicTableSinkFactory;
import org.apache.flink.table.factories.DynamicTableSourceFactory;
import org.apache.flink.table.factories.EncodingFormatFactory;
import org.apache.flink.table.factories.Factory;
import org.apache.flink.table.factories.ModuleFactory;
import org.apache.streampark.flink.agent.options.OptionTypes;
import org.apache.streampark.flink.agent.protocol.Json;
import org.apache.streampark.flink.agent.protocol.Method;
import org.apache.streampark.flink.agent.protocol.Params;

/**
 * The method {@code connectors}: what Flink and the job's own jars can be told in a WITH clause.
 * One broken jar does not hide the others.
 */
public final class Connectors implements Method {
  private static final Map<Class<?>, String> KINDS =
      Map.of(
          DynamicTableSourceFactory.class, "SOURCE",
          DynamicTableSinkFactory.class, "SINK",
          DecodingFormatFactory.class, "DECODING_FORMAT",
          EncodingFormatFactory.class, "ENCODING_FORMAT",
          CatalogFactory.class, "CATALOG",
          ModuleFactory.class, "MODULE",
          CatalogStoreFactory.class, "CATALOG_STORE");

  @Override
  public ObjectNode call(Params params, Progress progress) {
    ObjectNode out = Json.object();
    ArrayNode factories = out.putArray("factories");
    ArrayNode broken = out.putArray("broken");
    Iterator<Factory> found = ServiceLoader.load(Factory.class).iterator();
    while (true) {
      Factory factory = null;
      try {
        factory = found.next();
        factories.add(describe(factory));
      } catch (NoSuchElementException end) {
        return out;
      } catch (ServiceConfigurationError | RuntimeException | LinkageError failure) {
        String name = factory == null ? "unknown" : factory.getClass().getName();
        broken
            .addObject()
            .put("className", name)
            .put("message", String.valueOf(failure.getMessage()));
      }
    }
  }

  private static ObjectNode describe(Factory factory) {
    ObjectNode out = Json.object().put("identifier", factory.factoryIdentifier());
    ArrayNode kinds = out.putArray("kinds");
    KINDS.entrySet().stream()
        .filter(kind -> kind.getKey().isInstance(factory))
        .map(Map.Entry::getValue)
        .sorted()
        .forEach(kinds::add);
    if (kinds.isEmpty()) {
      kinds.add("OTHER");
    }
    out.put("className", factory.getClass().getName());
    options(out.putArray("requiredOptions"), factory.requiredOptions());
    options(out.putArray("optionalOptions"), factory.optionalOptions());
    return out;
  }

  private static void options(ArrayNode out, Set<ConfigOption<?>> options) {
    options.stream()
        .sorted(Comparator.comparing(ConfigOption::key))
        .map(OptionTypes::describe)
        .forEach(out::add);
  }
}
