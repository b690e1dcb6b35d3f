// SPDX-License-Identifier: Apache-2.0
package nexmark;

import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.connector.file.src.FileSource;
import org.apache.flink.core.fs.Path;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** The same queries as a Java author who cares for speed writes them with the DataStream API. */
final class DataStreamQueries {
    private static final Map<String, Consumer<Input>> QUERIES =
            Map.ofEntries(
                    Map.entry("q0", StatelessQueries::passThrough),
                    Map.entry("q1", StatelessQueries::currency),
                    Map.entry("q2", StatelessQueries::selection),
                    Map.entry("q3", JoinQueries::localItems),
                    Map.entry("q4", JoinQueries::averagePrice),
                    Map.entry("q5", WindowQueries::hotItems),
                    Map.entry("q7", WindowQueries::highestBid),
                    Map.entry("q8", JoinQueries::newUsers),
                    Map.entry("q11", WindowQueries::userSessions),
                    Map.entry("q12", WindowQueries::countsByClock),
                    Map.entry("q13", StatelessQueries::sideInput),
                    Map.entry("q17", LatestQueries::auctionStatistics),
                    Map.entry("q18", LatestQueries::lastBid));

    private DataStreamQueries() {}

    /** Where a query's events come from. */
    record Input(StreamExecutionEnvironment environment, String folder, String side) {
        /** All events, with the numbers of each and of their texts only those that are asked for. */
        DataStream<Event> events(EventReader.Column... columns) {
            FileSource<Event> source = FileSource.forBulkFileFormat(new EventFormat(columns), new Path(folder)).build();
            WatermarkStrategy<Event> watermarks =
                    WatermarkStrategy.<Event>forBoundedOutOfOrderness(Duration.ofSeconds(4))
                            .withTimestampAssigner((event, none) -> event.at);
            return environment.fromSource(source, watermarks, "events");
        }

        DataStream<Event> bids(EventReader.Column... columns) {
            return events(columns).filter(Event::isBid);
        }
    }

    static void run(StreamExecutionEnvironment environment, String query, Map<String, String> options) {
        Consumer<Input> author = QUERIES.get(query);
        if (author == null) {
            throw new IllegalArgumentException("there is no " + query + " in the DataStream API");
        }
        // A row that needs Kryo is a mistake of ours.
        environment.configure(new Configuration().set(PipelineOptions.GENERIC_TYPES, false));
        author.accept(new Input(environment, options.get("input"), options.get("side")));
        try {
            environment.execute(query);
        } catch (Exception failed) {
            throw new IllegalStateException(failed);
        }
    }
}
