// SPDX-License-Identifier: Apache-2.0
package nexmark;

import static nexmark.ColumnHash.column;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import nexmark.DataStreamQueries.Input;
import nexmark.EventReader.Column;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichFlatMapFunction;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.apache.flink.util.Collector;

/** q0, q1, q2, q13: a row at a time. The reader's own object goes through to the sink. */
final class StatelessQueries {
    private StatelessQueries() {}

    static void passThrough(Input input) {
        Results.take(
                input.bids(Column.CHANNEL, Column.URL, Column.EXTRA),
                event ->
                        column(1, event.bid.auction)
                                + column(2, event.bid.bidder)
                                + column(3, event.bid.price)
                                + column(4, event.bid.channel)
                                + column(5, event.bid.url)
                                + column(6, event.at)
                                + column(7, event.bid.extra));
    }

    static void currency(Input input) {
        Results.take(
                input.bids(Column.EXTRA).map(StatelessQueries::toEuros),
                event ->
                        column(1, event.bid.auction)
                                + column(2, event.bid.bidder)
                                + column(3, event.bid.price)
                                + column(4, event.at)
                                + column(5, event.bid.extra));
    }

    /** In thousandths: what SQL has as DECIMAL(23, 3). */
    private static Event toEuros(Event event) {
        event.bid.price *= 908;
        return event;
    }

    static void selection(Input input) {
        Results.take(
                input.bids().filter(event -> event.bid.auction % 123 == 0),
                event -> column(1, event.bid.auction) + column(2, event.bid.price));
    }

    static void sideInput(Input input) {
        Results.take(
                input.bids().flatMap(new Enrich(input.side())),
                bid ->
                        column(1, bid.auction)
                                + column(2, bid.bidder)
                                + column(3, bid.price)
                                + column(4, bid.at)
                                + column(5, bid.value));
    }

    public static final class EnrichedBid extends Row<EnrichedBid> {
        long auction;
        long bidder;
        long price;
        long at;
        Text value = new Text();

        @Override
        EnrichedBid make() {
            return new EnrichedBid();
        }

        @Override
        public void copyTo(EnrichedBid other) {
            other.auction = auction;
            other.bidder = bidder;
            other.price = price;
            other.at = at;
            other.value = value;
        }

        @Override
        public void write(DataOutputView out) throws IOException {
            out.writeLong(auction);
            out.writeLong(bidder);
            out.writeLong(price);
            out.writeLong(at);
            value.write(out);
        }

        @Override
        public void read(DataInputView in) throws IOException {
            auction = in.readLong();
            bidder = in.readLong();
            price = in.readLong();
            at = in.readLong();
            value = new Text();
            value.read(in);
        }
    }

    /** Looks up what a file says of each bid's auction. */
    private static final class Enrich extends RichFlatMapFunction<Event, EnrichedBid> {
        private final String file;
        private final EnrichedBid enriched = new EnrichedBid();
        private transient Map<Long, Text> values;

        Enrich(String file) {
            this.file = file;
        }

        @Override
        public void open(OpenContext context) throws IOException {
            values = new HashMap<>();
            for (String line : Files.readAllLines(Path.of(file))) {
                int comma = line.indexOf(',');
                values.put(Long.parseLong(line.substring(0, comma)), new Text(line.substring(comma + 1)));
            }
        }

        @Override
        public void flatMap(Event event, Collector<EnrichedBid> out) {
            Text value = values.get(event.bid.auction % 10_000);
            if (value != null) {
                enriched.auction = event.bid.auction;
                enriched.bidder = event.bid.bidder;
                enriched.price = event.bid.price;
                enriched.at = event.at;
                enriched.value = value;
                out.collect(enriched);
            }
        }
    }
}
