// SPDX-License-Identifier: Apache-2.0
package nexmark;

import java.util.Map;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** The same queries as a Java author writes them with the DataStream API. */
final class DataStreamQueries {
    private DataStreamQueries() {}

    static void run(StreamExecutionEnvironment environment, String query, Map<String, String> options) {
        throw new IllegalArgumentException("there is no " + query);
    }
}
