// SPDX-License-Identifier: Apache-2.0
package nexmark;

import java.io.IOException;
import java.util.Arrays;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** The rows of {@link WindowQueries}. */
final class WindowRows {
    private WindowRows() {}

    // ── q5 ──────────────────────────────────────────────────────────────────────────────────────
    /** Of one window. */
    public static final class AuctionBids extends Row<AuctionBids> {
        long auction;
        long bids;
        long end;

        @Override
        AuctionBids make() {
            return new AuctionBids();
        }

        @Override
        public void copyTo(AuctionBids other) {
            other.auction = auction;
            other.bids = bids;
            other.end = end;
        }

        @Override
        public void write(DataOutputView out) throws IOException {
            out.writeLong(auction);
            out.writeLong(bids);
            out.writeLong(end);
        }

        @Override
        public void read(DataInputView in) throws IOException {
            auction = in.readLong();
            bids = in.readLong();
            end = in.readLong();
        }
    }

    /** The first {@code size} of {@code auctions} have so many bids, and none has more. */
    public static final class MostBids extends Row<MostBids> {
        long bids;
        int size;
        long[] auctions = new long[4];

        void add(long auction, long count) {
            if (count < bids) {
                return;
            }
            if (count > bids) {
                bids = count;
                size = 0;
            }
            if (size == auctions.length) {
                auctions = Arrays.copyOf(auctions, size * 2);
            }
            auctions[size++] = auction;
        }

        @Override
        MostBids make() {
            return new MostBids();
        }

        @Override
        public void copyTo(MostBids other) {
            other.bids = bids;
            other.size = size;
            other.auctions = auctions.clone();
        }

        @Override
        public void write(DataOutputView out) throws IOException {
            out.writeLong(bids);
            out.writeInt(size);
            for (int i = 0; i < size; i++) {
                out.writeLong(auctions[i]);
            }
        }

        @Override
        public void read(DataInputView in) throws IOException {
            bids = in.readLong();
            size = in.readInt();
            auctions = new long[Math.max(size, 4)];
            for (int i = 0; i < size; i++) {
                auctions[i] = in.readLong();
            }
        }
    }

    // ── q7 ──────────────────────────────────────────────────────────────────────────────────────
    public static final class RankedBid extends Row<RankedBid> {
        long auction;
        long bidder;
        long price;
        long at;
        final Text extra;

        public RankedBid() {
            extra = new Text();
        }

        /** Shares the text: good until the next event is read, before which the row is written. */
        RankedBid(Event.Bid bid, long at) {
            auction = bid.auction;
            bidder = bid.bidder;
            price = bid.price;
            this.at = at;
            extra = bid.extra;
        }

        @Override
        RankedBid make() {
            return new RankedBid();
        }

        @Override
        public void copyTo(RankedBid other) {
            other.auction = auction;
            other.bidder = bidder;
            other.price = price;
            other.at = at;
            extra.copyTo(other.extra);
        }

        @Override
        public void write(DataOutputView out) throws IOException {
            out.writeLong(auction);
            out.writeLong(bidder);
            out.writeLong(price);
            out.writeLong(at);
            extra.write(out);
        }

        @Override
        public void read(DataInputView in) throws IOException {
            auction = in.readLong();
            bidder = in.readLong();
            price = in.readLong();
            at = in.readLong();
            extra.read(in);
        }
    }

    // ── q11, q12 ────────────────────────────────────────────────────────────────────────────────
    public static final class BidderBids extends Row<BidderBids> {
        long bidder;
        long bids;
        long start;
        long end;

        @Override
        BidderBids make() {
            return new BidderBids();
        }

        @Override
        public void copyTo(BidderBids other) {
            other.bidder = bidder;
            other.bids = bids;
            other.start = start;
            other.end = end;
        }

        @Override
        public void write(DataOutputView out) throws IOException {
            out.writeLong(bidder);
            out.writeLong(bids);
            out.writeLong(start);
            out.writeLong(end);
        }

        @Override
        public void read(DataInputView in) throws IOException {
            bidder = in.readLong();
            bids = in.readLong();
            start = in.readLong();
            end = in.readLong();
        }
    }
}
