// SPDX-License-Identifier: Apache-2.0
package nexmark;

import static nexmark.ColumnHash.column;

import java.time.Duration;
import nexmark.DataStreamQueries.Input;
import nexmark.EventReader.Column;
import nexmark.WindowRows.AuctionBids;
import nexmark.WindowRows.BidderBids;
import nexmark.WindowRows.MostBids;
import nexmark.WindowRows.RankedBid;
import org.apache.flink.api.common.functions.AggregateFunction;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.functions.co.ProcessJoinFunction;
import org.apache.flink.streaming.api.functions.windowing.ProcessWindowFunction;
import org.apache.flink.streaming.api.windowing.assigners.EventTimeSessionWindows;
import org.apache.flink.streaming.api.windowing.assigners.SlidingEventTimeWindows;
import org.apache.flink.streaming.api.windowing.assigners.TumblingEventTimeWindows;
import org.apache.flink.streaming.api.windowing.assigners.TumblingProcessingTimeWindows;
import org.apache.flink.streaming.api.windowing.assigners.WindowAssigner;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
import org.apache.flink.types.LongValue;
import org.apache.flink.util.Collector;

/** q5, q7, q11, q12: windows. */
final class WindowQueries {
    private static final Duration WINDOW = Duration.ofSeconds(10);
    private static final Duration SLIDE = Duration.ofSeconds(2);

    private WindowQueries() {}

    private static final class Count implements AggregateFunction<Long, LongValue, LongValue> {
        @Override
        public LongValue createAccumulator() {
            return new LongValue();
        }

        @Override
        public LongValue add(Long key, LongValue count) {
            count.setValue(count.getValue() + 1);
            return count;
        }

        @Override
        public LongValue getResult(LongValue count) {
            return count;
        }

        @Override
        public LongValue merge(LongValue one, LongValue other) {
            one.setValue(one.getValue() + other.getValue());
            return one;
        }
    }

    // ── q5: which auctions had the most bids of ten seconds, every two ──────────────────────────
    static void hotItems(Input input) {
        DataStream<MostBids> most =
                input.bids()
                        .map(event -> event.bid.auction)
                        .returns(Types.LONG)
                        .keyBy(auction -> auction)
                        .window(SlidingEventTimeWindows.of(WINDOW, SLIDE))
                        .aggregate(new Count(), new OfAuction())
                        .keyBy(bids -> bids.end)
                        .window(TumblingEventTimeWindows.of(SLIDE))
                        .aggregate(new Most());
        Results.take(
                most.flatMap(WindowQueries::one).returns(Row.type(AuctionBids.class)),
                bids -> column(1, bids.auction) + column(2, bids.bids));
    }

    private static void one(MostBids most, Collector<AuctionBids> out) {
        AuctionBids bids = new AuctionBids();
        bids.bids = most.bids;
        for (int i = 0; i < most.size; i++) {
            bids.auction = most.auctions[i];
            out.collect(bids);
        }
    }

    private static final class OfAuction extends ProcessWindowFunction<LongValue, AuctionBids, Long, TimeWindow> {
        private final AuctionBids bids = new AuctionBids();

        @Override
        public void process(Long auction, Context context, Iterable<LongValue> count, Collector<AuctionBids> out) {
            bids.auction = auction;
            bids.bids = count.iterator().next().getValue();
            bids.end = context.window().getEnd();
            out.collect(bids);
        }
    }

    /** Several auctions when they tie. */
    private static final class Most implements AggregateFunction<AuctionBids, MostBids, MostBids> {
        @Override
        public MostBids createAccumulator() {
            return new MostBids();
        }

        @Override
        public MostBids add(AuctionBids bids, MostBids most) {
            most.add(bids.auction, bids.bids);
            return most;
        }

        @Override
        public MostBids getResult(MostBids most) {
            return most;
        }

        @Override
        public MostBids merge(MostBids one, MostBids other) {
            for (int i = 0; i < other.size; i++) {
                one.add(other.auctions[i], other.bids);
            }
            return one;
        }
    }

    // ── q7: the highest bids of ten seconds ─────────────────────────────────────────────────────
    static void highestBid(Input input) {
        DataStream<RankedBid> bids =
                input.bids(Column.EXTRA).map(event -> new RankedBid(event.bid, event.at)).returns(Row.type(RankedBid.class));
        DataStream<Long> highest =
                bids.map(bid -> bid.price)
                        .returns(Types.LONG)
                        .windowAll(TumblingEventTimeWindows.of(WINDOW))
                        .aggregate(new Highest());
        // A bid of the very end of the window belongs to the next one, and counts all the same: BETWEEN takes both ends. What a
        // window gives has the time of its last millisecond.
        DataStream<RankedBid> best =
                highest.keyBy(price -> price)
                        .intervalJoin(bids.keyBy(bid -> bid.price))
                        .between(WINDOW.minusMillis(1).negated(), Duration.ofMillis(1))
                        .process(new Bids());
        Results.take(
                best,
                bid ->
                        column(1, bid.auction)
                                + column(2, bid.bidder)
                                + column(3, bid.price)
                                + column(4, bid.at)
                                + column(5, bid.extra));
    }

    private static final class Highest implements AggregateFunction<Long, LongValue, Long> {
        @Override
        public LongValue createAccumulator() {
            return new LongValue(Long.MIN_VALUE);
        }

        @Override
        public LongValue add(Long price, LongValue highest) {
            highest.setValue(Math.max(price, highest.getValue()));
            return highest;
        }

        @Override
        public Long getResult(LongValue highest) {
            return highest.getValue();
        }

        @Override
        public LongValue merge(LongValue one, LongValue other) {
            return add(other.getValue(), one);
        }
    }

    private static final class Bids extends ProcessJoinFunction<Long, RankedBid, RankedBid> {
        @Override
        public void processElement(Long highest, RankedBid bid, Context context, Collector<RankedBid> out) {
            out.collect(bid);
        }
    }

    // ── q11, q12: bids of a bidder, in sessions and by the clock ────────────────────────────────
    static void userSessions(Input input) {
        countBids(input, EventTimeSessionWindows.withGap(WINDOW));
    }

    static void countsByClock(Input input) {
        countBids(input, TumblingProcessingTimeWindows.of(WINDOW));
    }

    private static void countBids(Input input, WindowAssigner<Object, TimeWindow> windows) {
        DataStream<BidderBids> counts =
                input.bids()
                        .map(event -> event.bid.bidder)
                        .returns(Types.LONG)
                        .keyBy(bidder -> bidder)
                        .window(windows)
                        .aggregate(new Count(), new OfBidder());
        Results.take(
                counts, bids -> column(1, bids.bidder) + column(2, bids.bids) + column(3, bids.start) + column(4, bids.end));
    }

    private static final class OfBidder extends ProcessWindowFunction<LongValue, BidderBids, Long, TimeWindow> {
        private final BidderBids bids = new BidderBids();

        @Override
        public void process(Long bidder, Context context, Iterable<LongValue> count, Collector<BidderBids> out) {
            bids.bidder = bidder;
            bids.bids = count.iterator().next().getValue();
            bids.start = context.window().getStart();
            bids.end = context.window().getEnd();
            out.collect(bids);
        }
    }
}
