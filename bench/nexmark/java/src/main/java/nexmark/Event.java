// SPDX-License-Identifier: Apache-2.0
package nexmark;

import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.apache.flink.types.Value;

/**
 * What a source gives: one object for all events of a subtask, of whose parts the one of its kind holds. It has the columns that
 * some query uses, and is chained to what makes a row of it; it is never written.
 */
public final class Event implements Value {
    enum Kind {
        NONE,
        PERSON,
        AUCTION,
        BID
    }

    static final class Person {
        long id;
        final Text name = new Text();
        final Text city = new Text();
        final Text state = new Text();
    }

    static final class Auction {
        long id;
        long expires;
        long seller;
        long category;
    }

    static final class Bid {
        long auction;
        long bidder;
        long price;
        final Text channel = new Text();
        final Text url = new Text();
        final Text extra = new Text();
    }

    Kind kind = Kind.NONE;
    long at = Long.MIN_VALUE;
    final Person person = new Person();
    final Auction auction = new Auction();
    final Bid bid = new Bid();

    boolean isPerson() {
        return kind == Kind.PERSON;
    }

    boolean isAuction() {
        return kind == Kind.AUCTION;
    }

    boolean isBid() {
        return kind == Kind.BID;
    }

    @Override
    public void write(DataOutputView out) {
        throw new UnsupportedOperationException("an event goes to no other task");
    }

    @Override
    public void read(DataInputView in) {
        throw new UnsupportedOperationException("an event comes from no other task");
    }
}
