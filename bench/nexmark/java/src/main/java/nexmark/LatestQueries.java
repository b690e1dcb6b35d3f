// SPDX-License-Identifier: Apache-2.0
package nexmark;

import static nexmark.ColumnHash.column;

import java.io.Serializable;
import java.time.LocalDate;
import nexmark.DataStreamQueries.Input;
import nexmark.EventReader.Column;
import nexmark.LatestRows.DayPrice;
import nexmark.LatestRows.DayStatistics;
import nexmark.LatestRows.LatestBid;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/** q17, q18: what is true now of each key, as changes. */
final class LatestQueries {
    private static final long DAY_MILLIS = 86_400_000;

    private LatestQueries() {}

    // ── q17: the bids of each auction and day ───────────────────────────────────────────────────
    static void auctionStatistics(Input input) {
        DataStream<DayStatistics> statistics =
                input.bids()
                        .map(event -> new DayPrice(event.bid.auction, Math.floorDiv(event.at, DAY_MILLIS), event.bid.price))
                        .returns(Row.type(DayPrice.class))
                        .keyBy(bid -> new LongPair(bid.auction, bid.day), Row.type(LongPair.class))
                        .process(new Statistics());
        DayText days = new DayText();
        Results.takeChanges(
                statistics,
                day -> day.retracts,
                day ->
                        column(1, day.auction)
                                + column(2, days.of(day.day))
                                + column(3, day.bids)
                                + column(4, day.cheap)
                                + column(5, day.middling)
                                + column(6, day.dear)
                                + column(7, day.least)
                                + column(8, day.greatest)
                                + column(9, day.sum / day.bids)
                                + column(10, day.sum));
    }

    /** A day as yyyy-MM-dd. Rows of one day follow each other. */
    private static final class DayText implements Serializable {
        private long day = -1;
        private Text text;

        Text of(long asked) {
            if (asked != day) {
                day = asked;
                text = new Text(LocalDate.ofEpochDay(day).toString());
            }
            return text;
        }
    }

    private static final class Statistics extends KeyedProcessFunction<LongPair, DayPrice, DayStatistics> {
        private transient ValueState<DayStatistics> statistics;

        @Override
        public void open(OpenContext context) {
            statistics = getRuntimeContext().getState(new ValueStateDescriptor<>("statistics", Row.type(DayStatistics.class)));
        }

        @Override
        public void processElement(DayPrice bid, Context context, Collector<DayStatistics> out) throws Exception {
            DayStatistics day = statistics.value();
            if (day == null) {
                day = new DayStatistics(bid.auction, bid.day);
            } else {
                day.retracts = true;
                out.collect(day);
                day.retracts = false;
            }
            day.add(bid.price);
            statistics.update(day);
            out.collect(day);
        }
    }

    // ── q18: the last bid of each bidder and auction ────────────────────────────────────────────
    static void lastBid(Input input) {
        DataStream<LatestBid> last =
                input.bids(Column.CHANNEL, Column.URL, Column.EXTRA)
                        .map(event -> new LatestBid(event.bid, event.at))
                        .returns(Row.type(LatestBid.class))
                        .keyBy(bid -> new LongPair(bid.bidder, bid.auction), Row.type(LongPair.class))
                        .process(new Last());
        Results.takeChanges(
                last,
                bid -> bid.retracts,
                bid ->
                        column(1, bid.auction)
                                + column(2, bid.bidder)
                                + column(3, bid.price)
                                + column(4, bid.channel)
                                + column(5, bid.url)
                                + column(6, bid.at)
                                + column(7, bid.extra));
    }

    private static final class Last extends KeyedProcessFunction<LongPair, LatestBid, LatestBid> {
        private transient ValueState<LatestBid> last;

        @Override
        public void open(OpenContext context) {
            last = getRuntimeContext().getState(new ValueStateDescriptor<>("last", Row.type(LatestBid.class)));
        }

        @Override
        public void processElement(LatestBid bid, Context context, Collector<LatestBid> out) throws Exception {
            LatestBid before = last.value();
            if (before != null) {
                if (bid.at < before.at) {
                    return;
                }
                before.retracts = true;
                out.collect(before);
            }
            last.update(bid);
            out.collect(bid);
        }
    }
}
