// SPDX-License-Identifier: Apache-2.0
package nexmark;

import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.data.binary.BinaryStringData;

/** Events by their number: the arithmetic of generator.cc. Rows are (person, auction, bid), two of them null. */
final class Generator implements Serializable {
    private static final long FIRST_MILLIS = 1_436_918_400_000L;
    private static final long FIRST_ID = 1_000;
    private static final long AUCTIONS_AN_EPOCH = 3;
    private static final long EPOCH = 50;
    private static final long ACTIVE_PEOPLE = 1_000;
    private static final long AUCTIONS_IN_FLIGHT = 100;
    private static final long LEAD = 10;
    private static final long HOT = 100;
    private static final byte[][] STATES = words("AZ", "CA", "ID", "OR", "WA", "WY");
    private static final byte[][] CITIES =
            words("Phoenix", "Los Angeles", "San Francisco", "Boise", "Portland", "Bend", "Redmond", "Seattle", "Kent",
                    "Cheyenne");
    private static final byte[][] FIRST_NAMES =
            words("Peter", "Paul", "Luke", "John", "Saul", "Vicky", "Kate", "Julie", "Sarah", "Deiter", "Walter");
    private static final byte[][] LAST_NAMES =
            words("Shultz", "Abrams", "Spencer", "White", "Bartels", "Walton", "Smith", "Jones", "Noris");
    private static final byte[][] CHANNELS = words("Google", "Facebook", "Baidu", "Apple");
    private static final byte[] URL = "https://www.nexmark.com/".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] QUERY = "item.htm?query=1&channel_id=".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] CHANNEL = "channel-".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] EXAMPLE = "@example.com".getBytes(StandardCharsets.US_ASCII);
    private static final int LETTERS = 4_096;
    private static final byte[] LETTERS_TEXT = letters();

    /** SplitMix64. */
    private long state;

    private static byte[][] words(String... words) {
        byte[][] bytes = new byte[words.length][];
        for (int i = 0; i < words.length; i++) {
            bytes[i] = words[i].getBytes(StandardCharsets.US_ASCII);
        }
        return bytes;
    }

    private static byte[] letters() {
        byte[] made = new byte[LETTERS + 256];
        Generator dice = new Generator();
        dice.seed(-1);
        for (int i = 0; i < made.length; i++) {
            made[i] = (byte) ('a' + dice.below(26));
        }
        return made;
    }

    private void seed(long seed) {
        state = seed * 0x9e3779b97f4a7c15L;
    }

    private long below(long limit) {
        state += 0x9e3779b97f4a7c15L;
        long bits = state;
        bits = (bits ^ (bits >>> 30)) * 0xbf58476d1ce4e5b9L;
        bits = (bits ^ (bits >>> 27)) * 0x94d049bb133111ebL;
        bits ^= bits >>> 31;
        return (bits >>> 32) * limit >>> 32;
    }

    RowData event(long number) {
        long place = number % EPOCH;
        seed(number);
        if (place == 0) {
            return GenericRowData.of(person(number), null, null);
        }
        if (place <= AUCTIONS_AN_EPOCH) {
            return GenericRowData.of(null, auction(number), null);
        }
        return GenericRowData.of(null, null, bid(number));
    }

    private BinaryStringData text(int most) {
        int length = (int) (most / 2 + below(most / 2 + 1));
        return BinaryStringData.fromBytes(LETTERS_TEXT, (int) below(LETTERS), length);
    }

    private byte[] oneOf(byte[][] words) {
        return words[(int) below(words.length)];
    }

    private static BinaryStringData string(byte[]... parts) {
        int length = 0;
        for (byte[] part : parts) {
            length += part.length;
        }
        byte[] whole = new byte[length];
        int at = 0;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, whole, at, part.length);
            at += part.length;
        }
        return BinaryStringData.fromBytes(whole);
    }

    private static byte[] number(long number) {
        int digits = 1;
        for (long left = number / 10; left > 0; left /= 10) {
            digits++;
        }
        byte[] text = new byte[digits];
        for (int at = digits - 1; at >= 0; at--) {
            text[at] = (byte) ('0' + number % 10);
            number /= 10;
        }
        return text;
    }

    private long price() {
        long power = 100;
        for (long left = below(6); left > 0; left--) {
            power *= 10;
        }
        return power * (1_000 + below(9_000)) / 1_000;
    }

    private static long millis(long number) {
        return FIRST_MILLIS + number / 10;
    }

    private static TimestampData time(long millis) {
        return TimestampData.fromEpochMillis(millis);
    }

    private static long lastPerson(long number) {
        return number / EPOCH;
    }

    private static long lastAuction(long number) {
        long place = number % EPOCH;
        long epoch = number / EPOCH;
        return place < 1 ? epoch * AUCTIONS_AN_EPOCH - 1 : epoch * AUCTIONS_AN_EPOCH + Math.min(place - 1, AUCTIONS_AN_EPOCH - 1);
    }

    private long anyPerson(long number) {
        long people = lastPerson(number) + 1;
        long active = Math.min(people, ACTIVE_PEOPLE);
        return people - active + below(active + LEAD);
    }

    private long anyAuction(long number) {
        long last = Math.max(lastAuction(number), 0);
        long first = Math.max(last - AUCTIONS_IN_FLIGHT, 0);
        return first + below(last - first + 1 + LEAD);
    }

    private RowData person(long number) {
        GenericRowData row = new GenericRowData(8);
        row.setField(0, FIRST_ID + lastPerson(number));
        byte[] first = oneOf(FIRST_NAMES);
        row.setField(1, string(first, new byte[] {' '}, oneOf(LAST_NAMES)));
        row.setField(2, string(text(14).toBytes(), EXAMPLE));
        byte[] blank = {' '};
        byte[] one = number(1_000 + below(9_000));
        byte[] two = number(1_000 + below(9_000));
        byte[] three = number(1_000 + below(9_000));
        byte[] four = number(1_000 + below(9_000));
        row.setField(3, string(one, blank, two, blank, three, blank, four));
        row.setField(4, string(oneOf(CITIES)));
        row.setField(5, string(oneOf(STATES)));
        row.setField(6, time(millis(number)));
        row.setField(7, text(100));
        return row;
    }

    private RowData auction(long number) {
        GenericRowData row = new GenericRowData(10);
        row.setField(0, FIRST_ID + lastAuction(number));
        row.setField(1, text(20));
        row.setField(2, text(100));
        long initial = price();
        row.setField(3, initial);
        row.setField(4, initial + price());
        long now = millis(number);
        long horizon = millis(number + AUCTIONS_IN_FLIGHT * EPOCH / AUCTIONS_AN_EPOCH) - now;
        row.setField(5, time(now));
        row.setField(6, time(now + 1 + below(Math.max(horizon * 2, 1))));
        row.setField(7, FIRST_ID + (below(4) > 0 ? lastPerson(number) / HOT * HOT : anyPerson(number)));
        row.setField(8, 10 + below(5));
        row.setField(9, text(200));
        return row;
    }

    private RowData bid(long number) {
        GenericRowData row = new GenericRowData(7);
        row.setField(0, FIRST_ID + (below(2) > 0 ? lastAuction(number) / HOT * HOT : anyAuction(number)));
        row.setField(1, FIRST_ID + (below(4) > 0 ? lastPerson(number) / HOT * HOT + 1 : anyPerson(number)));
        row.setField(2, price());
        if (below(2) > 0) {
            byte[] channel = oneOf(CHANNELS);
            row.setField(3, BinaryStringData.fromBytes(channel));
            row.setField(4, string(URL, channel));
        } else {
            byte[] channel = number(below(10_000));
            row.setField(3, string(CHANNEL, channel));
            row.setField(4, string(URL, QUERY, channel));
        }
        row.setField(5, time(millis(number)));
        row.setField(6, text(32));
        return row;
    }
}
