// SPDX-License-Identifier: Apache-2.0
package nexmark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.io.DatumReader;
import org.apache.avro.io.Decoder;

/** Avro's bytes into one {@link Event}, without generic records; texts that a query does not use are passed over. */
final class EventReader implements DatumReader<Event> {
    /** The columns that cost something. */
    enum Column {
        NAME,
        CITY,
        STATE,
        CHANNEL,
        URL,
        EXTRA
    }

    private static final List<String> FIELDS =
            List.of(
                    "person: id name email card city state at extra",
                    "auction: id item description initial_bid reserve at expires seller category extra",
                    "bid: auction bidder price channel url at extra");

    private final boolean name;
    private final boolean city;
    private final boolean state;
    private final boolean channel;
    private final boolean url;
    private final boolean extra;

    EventReader(Column... wanted) {
        EnumSet<Column> columns = EnumSet.noneOf(Column.class);
        columns.addAll(Arrays.asList(wanted));
        name = columns.contains(Column.NAME);
        city = columns.contains(Column.CITY);
        state = columns.contains(Column.STATE);
        channel = columns.contains(Column.CHANNEL);
        url = columns.contains(Column.URL);
        extra = columns.contains(Column.EXTRA);
    }

    /** The order of fields is what {@link #read} goes by. */
    @Override
    public void setSchema(Schema written) {
        List<String> fields = written.getFields().stream().map(EventReader::namesOf).toList();
        if (!fields.equals(FIELDS)) {
            throw new UncheckedIOException(new IOException("the file has events of " + fields + ", not of " + FIELDS));
        }
    }

    private static String namesOf(Schema.Field kind) {
        StringBuilder names = new StringBuilder(kind.name()).append(':');
        for (Schema.Field field : kind.schema().getTypes().get(1).getFields()) {
            names.append(' ').append(field.name());
        }
        return names.toString();
    }

    @Override
    public Event read(Event reused, Decoder in) throws IOException {
        Event event = reused == null ? new Event() : reused;
        event.kind = Event.Kind.NONE;
        if (in.readIndex() == 1) {
            event.kind = Event.Kind.PERSON;
            event.at = read(event.person, in);
        }
        if (in.readIndex() == 1) {
            event.kind = Event.Kind.AUCTION;
            event.at = read(event.auction, in);
        }
        if (in.readIndex() == 1) {
            event.kind = Event.Kind.BID;
            event.at = read(event.bid, in);
        }
        return event;
    }

    private long read(Event.Person person, Decoder in) throws IOException {
        person.id = in.readLong();
        read(name, person.name, in);
        in.skipString(); // email
        in.skipString(); // card
        read(city, person.city, in);
        read(state, person.state, in);
        long at = in.readLong();
        in.skipString(); // extra
        return at;
    }

    private static long read(Event.Auction auction, Decoder in) throws IOException {
        auction.id = in.readLong();
        in.skipString(); // item
        in.skipString(); // description
        in.readLong(); // initial_bid
        in.readLong(); // reserve
        long at = in.readLong();
        auction.expires = in.readLong();
        auction.seller = in.readLong();
        auction.category = in.readLong();
        in.skipString(); // extra
        return at;
    }

    private long read(Event.Bid bid, Decoder in) throws IOException {
        bid.auction = in.readLong();
        bid.bidder = in.readLong();
        bid.price = in.readLong();
        read(channel, bid.channel, in);
        read(url, bid.url, in);
        long at = in.readLong();
        read(extra, bid.extra, in);
        return at;
    }

    private static void read(boolean wanted, Text text, Decoder in) throws IOException {
        if (wanted) {
            text.read(in);
        } else {
            in.skipString();
        }
    }
}
