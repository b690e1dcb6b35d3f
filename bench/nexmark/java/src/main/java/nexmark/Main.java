// SPDX-License-Identifier: Apache-2.0
package nexmark;

import com.sun.management.OperatingSystemMXBean;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.api.StatementSet;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;

/**
 * One query of Nexmark on Flink in a process of its own; prints one JSON object as streampark_nexmark does.
 *
 * <pre>Main QUERY KEY=VALUE…   input=FOLDER or generate=EVENTS, side=FILE, warmup=EVENTS, parallelism=N, checkpoints=FOLDER,
 *                         interval=MILLIS, backend=hashmap|rocksdb, api=sql|datastream</pre>
 */
public final class Main {
    private static double cpuSeconds() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime() / 1e9;
    }

    public static void main(String[] arguments) throws Exception {
        String query = arguments[0];
        Map<String, String> options = new HashMap<>();
        for (int i = 1; i < arguments.length; i++) {
            int equals = arguments[i].indexOf('=');
            options.put(arguments[i].substring(0, equals), arguments[i].substring(equals + 1));
        }
        StreamExecutionEnvironment environment = StreamExecutionEnvironment.getExecutionEnvironment(configuration(options));
        environment.setParallelism(Integer.parseInt(options.getOrDefault("parallelism", "1")));
        Runnable job =
                options.getOrDefault("api", "sql").equals("sql")
                        ? sql(environment, query, options)
                        : () -> DataStreamQueries.run(environment, query, options);
        measure(query, job, Long.parseLong(options.getOrDefault("warmup", "0")));
    }

    private static Configuration configuration(Map<String, String> options) {
        Configuration configuration = new Configuration();
        configuration.setString("pipeline.object-reuse", "true");
        configuration.setString("metrics.reporters", "counts");
        configuration.setString("metrics.reporter.counts.factory.class", SourceCounts.class.getName());
        configuration.setString("taskmanager.memory.managed.size", "1g");
        configuration.setString("taskmanager.memory.network.min", "128m");
        configuration.setString("taskmanager.memory.network.max", "128m");
        if (options.containsKey("checkpoints")) {
            configuration.setString("execution.checkpointing.interval", options.get("interval") + "ms");
            configuration.setString("execution.checkpointing.dir", "file://" + options.get("checkpoints"));
        }
        configuration.setString("state.backend.type", options.getOrDefault("backend", "hashmap"));
        configuration.setString("execution.checkpointing.incremental", "true");
        return configuration;
    }

    private static Runnable sql(StreamExecutionEnvironment environment, String query, Map<String, String> options)
            throws Exception {
        StreamTableEnvironment tables = StreamTableEnvironment.create(environment);
        tables.getConfig().set("table.exec.mini-batch.enabled", "true");
        tables.getConfig().set("table.exec.mini-batch.allow-latency", "2 s");
        tables.getConfig().set("table.exec.mini-batch.size", "50000");
        tables.getConfig().set("table.local-time-zone", "UTC");
        String source =
                options.containsKey("generate")
                        ? "'connector' = 'nexmark', 'events' = '" + options.get("generate") + "'"
                        : "'connector' = 'filesystem', 'path' = '" + options.get("input") + "', 'format' = 'avro'";
        for (String statement : resource("tables.sql").split(";")) {
            if (!statement.isBlank()) {
                tables.executeSql(
                        statement.replace("${SOURCE}", source).replace("${SIDE}", options.getOrDefault("side", "")));
            }
        }
        StatementSet insert = tables.createStatementSet();
        for (String statement : resource(query + ".sql").split(";")) {
            if (statement.stripLeading().startsWith("INSERT")) {
                insert.addInsertSql(statement);
            } else if (!statement.isBlank()) {
                tables.executeSql(statement);
            }
        }
        if (options.containsKey("explain")) {
            System.err.println(insert.explain());
        }
        return () -> {
            try {
                insert.execute().await();
            } catch (Exception failed) {
                throw new IllegalStateException(failed);
            }
        };
    }

    private static String resource(String name) throws Exception {
        try (InputStream file = Main.class.getResourceAsStream("/queries/" + name)) {
            if (file == null) {
                throw new IllegalArgumentException("there is no " + name);
            }
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private record Mark(long rows, double cpu, long nanos) {
        static Mark now() {
            return new Mark(SourceCounts.rows(), cpuSeconds(), System.nanoTime());
        }
    }

    private static void measure(String query, Runnable job, long warmup) throws Exception {
        Mark[] start = {Mark.now()};
        Thread watcher =
                new Thread(
                        () -> {
                            while (start[0].rows < warmup && !Thread.interrupted()) {
                                start[0] = Mark.now();
                                try {
                                    Thread.sleep(2);
                                } catch (InterruptedException ended) {
                                    return;
                                }
                            }
                        });
        watcher.start();
        job.run();
        Mark end = Mark.now();
        watcher.interrupt();
        watcher.join();
        long hash = 0;
        long rows = 0;
        long changes = 0;
        for (ColumnHash.Sum sum : ColumnHash.SUMS) {
            hash += sum.hash;
            rows += sum.rows;
            changes += sum.changes;
        }
        System.out.printf(
                "{\"query\":\"%s\",\"events\":%d,\"measured_events\":%d,\"cpu_s\":%f,\"wall_s\":%f,\"rows\":%d,\"changes\":%d,"
                        + "\"hash\":\"%s\"}%n",
                query, end.rows, end.rows - start[0].rows, end.cpu - start[0].cpu, (end.nanos - start[0].nanos) / 1e9, rows,
                changes, Long.toUnsignedString(hash));
        System.exit(0);
    }
}
