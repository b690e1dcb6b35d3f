// SPDX-License-Identifier: Apache-2.0
package nexmark;

import java.io.IOException;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** The rows of {@link JoinQueries}. */
final class JoinRows {
    private JoinRows() {}

    // ── q3 ──────────────────────────────────────────────────────────────────────────────────────
    public static final class Offer extends Row<Offer> {
        long auction;
        long seller;

        public Offer() {}

        Offer(long auction, long seller) {
            this.auction = auction;
            this.seller = seller;
        }

        @Override
        Offer make() {
            return new Offer();
        }

        @Override
        public void copyTo(Offer other) {
            other.auction = auction;
            other.seller = seller;
        }

        @Override
        public void write(DataOutputView out) throws IOException {
            out.writeLong(auction);
            out.writeLong(seller);
        }

        @Override
        public void read(DataInputView in) throws IOException {
            auction = in.readLong();
            seller = in.readLong();
        }
    }

    public static final class Seller extends Row<Seller> {
        long id;
        final Text name;
        final Text city;
        final Text state;

        public Seller() {
            name = new Text();
            city = new Text();
            state = new Text();
        }

        Seller(Event.Person person) {
            id = person.id;
            name = person.name;
            city = person.city;
            state = person.state;
        }

        @Override
        Seller make() {
            return new Seller();
        }

        @Override
        public void copyTo(Seller other) {
            other.id = id;
            name.copyTo(other.name);
            city.copyTo(other.city);
            state.copyTo(other.state);
        }

        @Override
        public void write(DataOutputView out) throws IOException {
            out.writeLong(id);
            name.write(out);
            city.write(out);
            state.write(out);
        }

        @Override
        public void read(DataInputView in) throws IOException {
            id = in.readLong();
            name.read(in);
            city.read(in);
            state.read(in);
        }
    }

    public static final class LocalItem extends Row<LocalItem> {
        Seller seller = new Seller();
        long auction;

        @Override
        LocalItem make() {
            return new LocalItem();
        }

        @Override
        public void copyTo(LocalItem other) {
            other.seller = seller.copy();
            other.auction = auction;
        }

        @Override
        public void write(DataOutputView out) throws IOException {
            seller.write(out);
            out.writeLong(auction);
        }

        @Override
        public void read(DataInputView in) throws IOException {
            seller.read(in);
            auction = in.readLong();
        }
    }

    // ── q4 ──────────────────────────────────────────────────────────────────────────────────────
    /** An auction, and what was bid for it. */
    public static final class Terms extends Row<Terms> {
        static final long NO_BID = Long.MIN_VALUE;

        long id;
        long category;
        long at;
        long expires;
        long highest = NO_BID;

        public Terms() {}

        Terms(Event.Auction auction, long at) {
            id = auction.id;
            category = auction.category;
            this.at = at;
            expires = auction.expires;
        }

        @Override
        Terms make() {
            return new Terms();
        }

        @Override
        public void copyTo(Terms other) {
            other.id = id;
            other.category = category;
            other.at = at;
            other.expires = expires;
            other.highest = highest;
        }

        @Override
        public void write(DataOutputView out) throws IOException {
            out.writeLong(id);
            out.writeLong(category);
            out.writeLong(at);
            out.writeLong(expires);
            out.writeLong(highest);
        }

        @Override
        public void read(DataInputView in) throws IOException {
            id = in.readLong();
            category = in.readLong();
            at = in.readLong();
            expires = in.readLong();
            highest = in.readLong();
        }
    }

    public static final class BidAt extends Row<BidAt> {
        long auction;
        long price;
        long at;

        public BidAt() {}

        BidAt(long auction, long price, long at) {
            this.auction = auction;
            this.price = price;
            this.at = at;
        }

        @Override
        BidAt make() {
            return new BidAt();
        }

        @Override
        public void copyTo(BidAt other) {
            other.auction = auction;
            other.price = price;
            other.at = at;
        }

        @Override
        public void write(DataOutputView out) throws IOException {
            out.writeLong(auction);
            out.writeLong(price);
            out.writeLong(at);
        }

        @Override
        public void read(DataInputView in) throws IOException {
            auction = in.readLong();
            price = in.readLong();
            at = in.readLong();
        }
    }

    /** Of so many auctions of a category, or what is to be added to it: one row where SQL takes one back and puts another. */
    public static final class Amount extends Row<Amount> {
        long category;
        long sum;
        long count;

        @Override
        Amount make() {
            return new Amount();
        }

        @Override
        public void copyTo(Amount other) {
            other.category = category;
            other.sum = sum;
            other.count = count;
        }

        @Override
        public void write(DataOutputView out) throws IOException {
            out.writeLong(category);
            out.writeLong(sum);
            out.writeLong(count);
        }

        @Override
        public void read(DataInputView in) throws IOException {
            category = in.readLong();
            sum = in.readLong();
            count = in.readLong();
        }
    }

    public static final class CategoryMean extends Row<CategoryMean> {
        long category;
        long mean;
        boolean retracts;

        @Override
        CategoryMean make() {
            return new CategoryMean();
        }

        @Override
        public void copyTo(CategoryMean other) {
            other.category = category;
            other.mean = mean;
            other.retracts = retracts;
        }

        @Override
        public void write(DataOutputView out) throws IOException {
            out.writeLong(category);
            out.writeLong(mean);
            out.writeBoolean(retracts);
        }

        @Override
        public void read(DataInputView in) throws IOException {
            category = in.readLong();
            mean = in.readLong();
            retracts = in.readBoolean();
        }
    }

    // ── q8 ──────────────────────────────────────────────────────────────────────────────────────
    /** That someone joined, or sold, or, within the window of {@code start}, both. */
    public static final class Arrival extends Row<Arrival> {
        long id;
        boolean joined;
        boolean sold;
        Text name = new Text();
        long start;

        static Arrival of(Event.Person person) {
            Arrival arrival = new Arrival();
            arrival.id = person.id;
            arrival.joined = true;
            arrival.name = person.name;
            return arrival;
        }

        static Arrival of(Event.Auction auction) {
            Arrival arrival = new Arrival();
            arrival.id = auction.seller;
            arrival.sold = true;
            return arrival;
        }

        @Override
        Arrival make() {
            return new Arrival();
        }

        @Override
        public void copyTo(Arrival other) {
            other.id = id;
            other.joined = joined;
            other.sold = sold;
            name.copyTo(other.name);
            other.start = start;
        }

        @Override
        public void write(DataOutputView out) throws IOException {
            out.writeLong(id);
            out.writeBoolean(joined);
            out.writeBoolean(sold);
            name.write(out);
            out.writeLong(start);
        }

        @Override
        public void read(DataInputView in) throws IOException {
            id = in.readLong();
            joined = in.readBoolean();
            sold = in.readBoolean();
            name.read(in);
            start = in.readLong();
        }
    }
}
