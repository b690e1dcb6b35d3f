// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.streampark.flink.agent.factories.Connectors;
import org.apache.streampark.flink.agent.factories.Vocabulary;
import org.apache.streampark.flink.agent.options.CheckClusterOptions;
import org.apache.streampark.flink.agent.options.CheckJobOptions;
import org.apache.streampark.flink.agent.plan.Compile;
import org.apache.streampark.flink.agent.plan.Explain;
import org.apache.streampark.flink.agent.plan.Submit;
import org.apache.streampark.flink.agent.protocol.MaskedLog;
import org.apache.streampark.flink.agent.protocol.Method;
import org.apache.streampark.flink.agent.protocol.Secrets;
import org.apache.streampark.flink.agent.protocol.Server;
import org.apache.streampark.flink.agent.script.Validate;
import org.apache.streampark.flink.agent.snapshot.DeleteSnapshot;
import org.apache.streampark.flink.agent.snapshot.Inspect;
import org.apache.streampark.flink.agent.snapshot.ListSnapshots;
import org.apache.streampark.flink.agent.snapshot.TryFolder;

/**
 * The agent's process: standard input and output are the protocol's, everything else goes to
 * standard error.
 */
public final class Main {
  private static final String LOG_CONFIGURATION = "log4j2.configurationFile";

  private Main() {}

  public static void main(String[] arguments) throws IOException {
    Secrets secrets = new Secrets();
    OutputStream out = new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), 1 << 16);
    PrintStream log =
        new PrintStream(
            new MaskedLog(new FileOutputStream(FileDescriptor.err), secrets),
            true,
            StandardCharsets.UTF_8);
    // Before any class of a library is loaded: whatever prints must not reach the protocol.
    System.setOut(log);
    System.setErr(log);
    if (System.getProperty(LOG_CONFIGURATION) == null
        && System.getProperty("log4j.configurationFile") == null) {
      System.setProperty(LOG_CONFIGURATION, "streampark-agent-log4j2.properties");
    }
    Path work = Files.createTempDirectory("streampark-agent-");
    int status = 0;
    try {
      new Server(System.in, out, methods(secrets, work), secrets).run();
    } catch (IOException broken) {
      log.println("standard input failed: " + broken.getMessage());
      status = 1;
    }
    delete(work);
    // Flink's threads would keep the process alive, and nobody is left to talk to.
    Runtime.getRuntime().halt(status);
  }

  private static Map<String, Method> methods(Secrets secrets, Path work) {
    String download = work.resolve("resources").toString();
    Map<String, Method> methods = new HashMap<>();
    Validate validate = new Validate(secrets, download);
    Submit submit = new Submit(secrets, download);
    Compile compile = new Compile(secrets, download);
    methods.put("hello", new Hello(secrets));
    methods.put("warm", new Warm(validate, compile, submit));
    methods.put("validate", validate);
    methods.put("explain", new Explain(secrets, download));
    methods.put("compile", compile);
    methods.put("submit", submit);
    methods.put("connectors", new Connectors());
    methods.put("functions", (params, progress) -> Vocabulary.functions());
    methods.put("keywords", (params, progress) -> Vocabulary.keywords());
    methods.put("checkClusterOptions", new CheckClusterOptions(secrets));
    methods.put("checkJobOptions", new CheckJobOptions(secrets));
    methods.put("snapshot.inspect", new Inspect());
    methods.put("snapshot.list", new ListSnapshots());
    methods.put("snapshot.delete", new DeleteSnapshot());
    methods.put("snapshot.tryFolder", new TryFolder());
    return methods;
  }

  private static void delete(Path folder) {
    try (Stream<Path> all = Files.walk(folder)) {
      all.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
    } catch (IOException left) {
      System.err.println("cannot delete " + folder + ": " + left.getMessage());
    }
  }
}
