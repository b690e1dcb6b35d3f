// SPDX-License-Identifier: Apache-2.0
package nexmark;

import static nexmark.ColumnHash.column;

import java.time.Duration;
import java.util.Set;
import nexmark.DataStreamQueries.Input;
import nexmark.EventReader.Column;
import nexmark.JoinRows.Amount;
import nexmark.JoinRows.Arrival;
import nexmark.JoinRows.BidAt;
import nexmark.JoinRows.CategoryMean;
import nexmark.JoinRows.LocalItem;
import nexmark.JoinRows.Offer;
import nexmark.JoinRows.Seller;
import nexmark.JoinRows.Terms;
import org.apache.flink.api.common.functions.AggregateFunction;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.streaming.api.functions.co.KeyedCoProcessFunction;
import org.apache.flink.streaming.api.functions.windowing.ProcessWindowFunction;
import org.apache.flink.streaming.api.windowing.assigners.TumblingEventTimeWindows;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
import org.apache.flink.util.Collector;

/**
 * q3, q4, q8: people, auctions and bids meet. A row for the network shares the texts of its event, as it is written before the
 * next event is read.
 */
final class JoinQueries {
    private JoinQueries() {}

    // ── q3: who sells in which states, for ever ─────────────────────────────────────────────────
    static void localItems(Input input) {
        DataStream<Event> events = input.events(Column.NAME, Column.CITY, Column.STATE);
        DataStream<Offer> offers =
                events.filter(event -> event.isAuction() && event.auction.category == 10)
                        .map(event -> new Offer(event.auction.id, event.auction.seller))
                        .returns(Row.type(Offer.class));
        Set<Text> states = Set.of(new Text("OR"), new Text("ID"), new Text("CA"));
        DataStream<Seller> sellers =
                events.filter(event -> event.isPerson() && states.contains(event.person.state))
                        .map(event -> new Seller(event.person))
                        .returns(Row.type(Seller.class));
        Results.take(
                offers.keyBy(offer -> offer.seller).connect(sellers.keyBy(seller -> seller.id)).process(new SellersOffers()),
                item ->
                        column(1, item.seller.name)
                                + column(2, item.seller.city)
                                + column(3, item.seller.state)
                                + column(4, item.auction));
    }

    /** A person comes once: offers are kept only until then. */
    private static final class SellersOffers extends KeyedCoProcessFunction<Long, Offer, Seller, LocalItem> {
        private final LocalItem item = new LocalItem();
        private transient ValueState<Seller> seller;
        private transient ListState<Long> early;

        @Override
        public void open(OpenContext context) {
            seller = getRuntimeContext().getState(new ValueStateDescriptor<>("seller", Row.type(Seller.class)));
            early = getRuntimeContext().getListState(new ListStateDescriptor<>("early", Types.LONG));
        }

        @Override
        public void processElement1(Offer offer, Context context, Collector<LocalItem> out) throws Exception {
            Seller known = seller.value();
            if (known == null) {
                early.add(offer.auction);
            } else {
                emit(known, offer.auction, out);
            }
        }

        @Override
        public void processElement2(Seller known, Context context, Collector<LocalItem> out) throws Exception {
            seller.update(known);
            for (Long auction : early.get()) {
                emit(known, auction, out);
            }
            early.clear();
        }

        private void emit(Seller known, long auction, Collector<LocalItem> out) {
            item.seller = known;
            item.auction = auction;
            out.collect(item);
        }
    }

    // ── q4: the mean of what auctions of a category were won for ────────────────────────────────
    static void averagePrice(Input input) {
        DataStream<Event> events = input.events();
        DataStream<Terms> auctions =
                events.filter(Event::isAuction).map(event -> new Terms(event.auction, event.at)).returns(Row.type(Terms.class));
        DataStream<BidAt> bids =
                events.filter(Event::isBid)
                        .map(event -> new BidAt(event.bid.auction, event.bid.price, event.at))
                        .returns(Row.type(BidAt.class));
        DataStream<CategoryMean> means =
                auctions.keyBy(terms -> terms.id)
                        .connect(bids.keyBy(bid -> bid.auction))
                        .process(new WinningBids())
                        .keyBy(amount -> amount.category)
                        .process(new Means());
        Results.takeChanges(means, mean -> mean.retracts, mean -> column(1, mean.category) + column(2, mean.mean));
    }

    /** How each auction's highest bid within its terms raises what its category sums up to. */
    private static final class WinningBids extends KeyedCoProcessFunction<Long, Terms, BidAt, Amount> {
        private final Amount amount = new Amount();
        private transient ValueState<Terms> auction;
        private transient ListState<BidAt> early;

        @Override
        public void open(OpenContext context) {
            auction = getRuntimeContext().getState(new ValueStateDescriptor<>("auction", Row.type(Terms.class)));
            early = getRuntimeContext().getListState(new ListStateDescriptor<>("early", Row.type(BidAt.class)));
        }

        @Override
        public void processElement1(Terms terms, Context context, Collector<Amount> out) throws Exception {
            for (BidAt bid : early.get()) {
                take(terms, bid, out);
            }
            early.clear();
            auction.update(terms);
        }

        @Override
        public void processElement2(BidAt bid, Context context, Collector<Amount> out) throws Exception {
            Terms terms = auction.value();
            if (terms == null) {
                early.add(bid);
            } else if (take(terms, bid, out)) {
                auction.update(terms);
            }
        }

        private boolean take(Terms terms, BidAt bid, Collector<Amount> out) {
            if (bid.at < terms.at || bid.at > terms.expires || bid.price <= terms.highest) {
                return false;
            }
            boolean first = terms.highest == Terms.NO_BID;
            amount.category = terms.category;
            amount.sum = first ? bid.price : bid.price - terms.highest;
            amount.count = first ? 1 : 0;
            terms.highest = bid.price;
            out.collect(amount);
            return true;
        }
    }

    private static final class Means extends KeyedProcessFunction<Long, Amount, CategoryMean> {
        private final CategoryMean mean = new CategoryMean();
        private transient ValueState<Amount> total;

        @Override
        public void open(OpenContext context) {
            total = getRuntimeContext().getState(new ValueStateDescriptor<>("total", Row.type(Amount.class)));
        }

        @Override
        public void processElement(Amount amount, Context context, Collector<CategoryMean> out) throws Exception {
            Amount now = total.value();
            if (now == null) {
                now = amount;
            } else {
                emit(now, true, out);
                now.sum += amount.sum;
                now.count += amount.count;
            }
            total.update(now);
            emit(now, false, out);
        }

        private void emit(Amount of, boolean retracts, Collector<CategoryMean> out) {
            mean.category = of.category;
            mean.mean = of.sum / of.count;
            mean.retracts = retracts;
            out.collect(mean);
        }
    }

    // ── q8: who joined and began to sell within the same ten seconds ────────────────────────────
    static void newUsers(Input input) {
        DataStream<Arrival> arrivals =
                input.events(Column.NAME)
                        .filter(event -> !event.isBid())
                        .map(event -> event.isPerson() ? Arrival.of(event.person) : Arrival.of(event.auction))
                        .returns(Row.type(Arrival.class));
        Results.take(
                arrivals.keyBy(arrival -> arrival.id)
                        .window(TumblingEventTimeWindows.of(Duration.ofSeconds(10)))
                        .aggregate(new Together(), new JoinedAndSold()),
                arrival -> column(1, arrival.id) + column(2, arrival.name) + column(3, arrival.start));
    }

    private static final class Together implements AggregateFunction<Arrival, Arrival, Arrival> {
        @Override
        public Arrival createAccumulator() {
            return new Arrival();
        }

        @Override
        public Arrival add(Arrival arrival, Arrival together) {
            if (arrival.joined) {
                together.joined = true;
                together.name = arrival.name;
            }
            together.id = arrival.id;
            together.sold |= arrival.sold;
            return together;
        }

        @Override
        public Arrival getResult(Arrival together) {
            return together;
        }

        @Override
        public Arrival merge(Arrival one, Arrival other) {
            return add(other, one);
        }
    }

    private static final class JoinedAndSold extends ProcessWindowFunction<Arrival, Arrival, Long, TimeWindow> {
        @Override
        public void process(Long id, Context context, Iterable<Arrival> together, Collector<Arrival> out) {
            Arrival arrival = together.iterator().next();
            if (arrival.joined && arrival.sold) {
                arrival.start = context.window().getStart();
                out.collect(arrival);
            }
        }
    }
}
