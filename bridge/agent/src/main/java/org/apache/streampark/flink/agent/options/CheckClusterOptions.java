// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.options;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.runtime.clusterframework.TaskExecutorProcessSpec;
import org.apache.flink.runtime.clusterframework.TaskExecutorProcessUtils;
import org.apache.flink.runtime.jobmanager.JobManagerProcessSpec;
import org.apache.flink.runtime.jobmanager.JobManagerProcessUtils;
import org.apache.flink.runtime.util.config.memory.ProcessMemoryUtils;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.node.ArrayNode;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.node.ObjectNode;
import org.apache.streampark.flink.agent.flink.FlinkLine;
import org.apache.streampark.flink.agent.protocol.Json;
import org.apache.streampark.flink.agent.protocol.Method;
import org.apache.streampark.flink.agent.protocol.Params;
import org.apache.streampark.flink.agent.protocol.Secrets;

/**
 * The method {@code checkClusterOptions}: keys, values, and the memory that Flink's own scripts
 * would compute from them.
 */
public final class CheckClusterOptions implements Method {
  private static final Pattern MEMORY_KEY =
      Pattern.compile("(?:jobmanager|taskmanager)\\.(?:memory|heap)\\.[a-z.-]*[a-z]");

  private final Secrets secrets;

  public CheckClusterOptions(Secrets secrets) {
    this.secrets = secrets;
  }

  @Override
  public ObjectNode call(Params params, Progress progress) throws Exception {
    Map<String, String> options = params.strings("options");
    secrets.learn(options);
    OptionCheck check = new OptionCheck();
    check.keysAndValues(options);
    ObjectNode sizes = Json.object();
    Configuration configuration = Configuration.fromMap(options);
    boolean readable = check.toJson().get("errors").isEmpty();
    memory(check, options, "jobmanager.memory", readable, () -> jobManager(configuration, sizes));
    memory(check, options, "taskmanager.memory", readable, () -> taskManager(configuration, sizes));
    ObjectNode out = check.toJson();
    out.setAll(sizes);
    return out;
  }

  /** When an option is unreadable already, Flink's complaint about the same is not repeated. */
  private static void memory(
      OptionCheck check,
      Map<String, String> options,
      String fallbackKey,
      boolean readable,
      Runnable compute) {
    try {
      compute.run();
    } catch (RuntimeException refused) {
      if (readable) {
        check.error(
            keyAtFault(refused.getMessage(), options, fallbackKey), refused.getMessage(), null);
      }
    }
  }

  private static String keyAtFault(
      String message, Map<String, String> options, String fallbackKey) {
    Matcher matcher = MEMORY_KEY.matcher(String.valueOf(message));
    while (matcher.find()) {
      if (options.containsKey(matcher.group())) {
        return matcher.group();
      }
    }
    String process = fallbackKey + ".process.size";
    return options.containsKey(process) ? process : fallbackKey;
  }

  private static void jobManager(Configuration configuration, ObjectNode out) {
    JobManagerProcessSpec spec = FlinkLine.jobManagerMemory(configuration);
    ObjectNode sizes = out.putObject("jobManagerMemory");
    put(sizes, "processBytes", spec.getTotalProcessMemorySize());
    put(sizes, "flinkBytes", spec.getTotalFlinkMemorySize());
    put(sizes, "heapBytes", spec.getJvmHeapMemorySize());
    put(sizes, "offHeapBytes", spec.getJvmDirectMemorySize());
    put(sizes, "metaspaceBytes", spec.getJvmMetaspaceSize());
    put(sizes, "overheadBytes", spec.getJvmOverheadSize());
    arguments(
        out,
        "jobManagerJvmArgs",
        JobManagerProcessUtils.generateJvmParametersStr(spec, configuration));
  }

  private static void taskManager(Configuration configuration, ObjectNode out) {
    TaskExecutorProcessSpec spec = TaskExecutorProcessUtils.processSpecFromConfig(configuration);
    ObjectNode sizes = out.putObject("taskManagerMemory");
    put(sizes, "processBytes", spec.getTotalProcessMemorySize());
    put(sizes, "flinkBytes", spec.getTotalFlinkMemorySize());
    put(sizes, "frameworkHeapBytes", spec.getFlinkMemory().getFrameworkHeap());
    put(sizes, "taskHeapBytes", spec.getTaskHeapSize());
    put(sizes, "frameworkOffHeapBytes", spec.getFlinkMemory().getFrameworkOffHeap());
    put(sizes, "taskOffHeapBytes", spec.getTaskOffHeapSize());
    put(sizes, "networkBytes", spec.getNetworkMemSize());
    put(sizes, "managedBytes", spec.getManagedMemorySize());
    put(sizes, "metaspaceBytes", spec.getJvmMetaspaceSize());
    put(sizes, "overheadBytes", spec.getJvmOverheadSize());
    out.put("taskManagerCpu", spec.getCpuCores().getValue().doubleValue())
        .put("numberOfSlots", spec.getNumSlots());
    arguments(out, "taskManagerJvmArgs", ProcessMemoryUtils.generateJvmParametersStr(spec));
    ObjectNode dynamic = out.putObject("taskManagerDynamicOptions");
    for (String part : TaskExecutorProcessUtils.generateDynamicConfigsStr(spec).split("-D\\s+")) {
      int equals = part.indexOf('=');
      if (equals > 0) {
        dynamic.put(
            part.substring(0, equals).trim(), part.substring(equals + 1).trim().replace("\"", ""));
      }
    }
  }

  private static void put(ObjectNode out, String name, MemorySize size) {
    out.put(name, size.getBytes());
  }

  private static void arguments(ObjectNode out, String name, String text) {
    ArrayNode array = out.putArray(name);
    for (String argument : text.trim().split("\\s+")) {
      array.add(argument);
    }
  }
}
