// SPDX-License-Identifier: Apache-2.0
package nexmark;

import java.io.IOException;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** The rows of {@link LatestQueries}. */
final class LatestRows {
    private LatestRows() {}

    // ── q17 ─────────────────────────────────────────────────────────────────────────────────────
    public static final class DayPrice extends Row<DayPrice> {
        long auction;
        long day;
        long price;

        public DayPrice() {}

        DayPrice(long auction, long day, long price) {
            this.auction = auction;
            this.day = day;
            this.price = price;
        }

        @Override
        DayPrice make() {
            return new DayPrice();
        }

        @Override
        public void copyTo(DayPrice other) {
            other.auction = auction;
            other.day = day;
            other.price = price;
        }

        @Override
        public void write(DataOutputView out) throws IOException {
            out.writeLong(auction);
            out.writeLong(day);
            out.writeLong(price);
        }

        @Override
        public void read(DataInputView in) throws IOException {
            auction = in.readLong();
            day = in.readLong();
            price = in.readLong();
        }
    }

    public static final class DayStatistics extends Row<DayStatistics> {
        long auction;
        long day;
        long bids;
        long cheap;
        long middling;
        long dear;
        long least = Long.MAX_VALUE;
        long greatest = Long.MIN_VALUE;
        long sum;
        boolean retracts;

        public DayStatistics() {}

        DayStatistics(long auction, long day) {
            this.auction = auction;
            this.day = day;
        }

        void add(long price) {
            bids++;
            if (price < 10_000) {
                cheap++;
            } else if (price < 1_000_000) {
                middling++;
            } else {
                dear++;
            }
            least = Math.min(least, price);
            greatest = Math.max(greatest, price);
            sum += price;
        }

        @Override
        DayStatistics make() {
            return new DayStatistics();
        }

        @Override
        public void copyTo(DayStatistics other) {
            other.auction = auction;
            other.day = day;
            other.bids = bids;
            other.cheap = cheap;
            other.middling = middling;
            other.dear = dear;
            other.least = least;
            other.greatest = greatest;
            other.sum = sum;
            other.retracts = retracts;
        }

        @Override
        public void write(DataOutputView out) throws IOException {
            out.writeLong(auction);
            out.writeLong(day);
            out.writeLong(bids);
            out.writeLong(cheap);
            out.writeLong(middling);
            out.writeLong(dear);
            out.writeLong(least);
            out.writeLong(greatest);
            out.writeLong(sum);
            out.writeBoolean(retracts);
        }

        @Override
        public void read(DataInputView in) throws IOException {
            auction = in.readLong();
            day = in.readLong();
            bids = in.readLong();
            cheap = in.readLong();
            middling = in.readLong();
            dear = in.readLong();
            least = in.readLong();
            greatest = in.readLong();
            sum = in.readLong();
            retracts = in.readBoolean();
        }
    }

    // ── q18 ─────────────────────────────────────────────────────────────────────────────────────
    public static final class LatestBid extends Row<LatestBid> {
        long auction;
        long bidder;
        long price;
        long at;
        final Text channel;
        final Text url;
        final Text extra;
        boolean retracts;

        public LatestBid() {
            channel = new Text();
            url = new Text();
            extra = new Text();
        }

        /** Shares the texts: good until the next event is read, before which the row is written. */
        LatestBid(Event.Bid bid, long at) {
            auction = bid.auction;
            bidder = bid.bidder;
            price = bid.price;
            this.at = at;
            channel = bid.channel;
            url = bid.url;
            extra = bid.extra;
        }

        @Override
        LatestBid make() {
            return new LatestBid();
        }

        @Override
        public void copyTo(LatestBid other) {
            other.auction = auction;
            other.bidder = bidder;
            other.price = price;
            other.at = at;
            channel.copyTo(other.channel);
            url.copyTo(other.url);
            extra.copyTo(other.extra);
            other.retracts = retracts;
        }

        @Override
        public void write(DataOutputView out) throws IOException {
            out.writeLong(auction);
            out.writeLong(bidder);
            out.writeLong(price);
            out.writeLong(at);
            channel.write(out);
            url.write(out);
            extra.write(out);
            out.writeBoolean(retracts);
        }

        @Override
        public void read(DataInputView in) throws IOException {
            auction = in.readLong();
            bidder = in.readLong();
            price = in.readLong();
            at = in.readLong();
            channel.read(in);
            url.read(in);
            extra.read(in);
            retracts = in.readBoolean();
        }
    }
}
