// SPDX-License-Identifier: Apache-2.0
package nexmark;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.flink.api.common.functions.FlatMapFunction;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.binary.BinaryStringData;
import org.apache.flink.table.types.logical.DecimalType;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.util.Collector;

/** The sink: the arithmetic of column_hash.h. A decimal counts as its digits, a time as its milliseconds. */
public final class ColumnHash implements FlatMapFunction<RowData, Void> {
    private static final VarHandle WORDS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    static final List<Sum> SUMS = new CopyOnWriteArrayList<>();

    /** What one subtask took in; {@code columns} is the sum of a row's columns. */
    static final class Sum {
        long hash;
        long rows;
        long changes;

        static Sum ofSubtask() {
            Sum sum = new Sum();
            SUMS.add(sum);
            return sum;
        }

        void add(long columns) {
            changes++;
            rows++;
            hash += mix(columns);
        }

        void remove(long columns) {
            changes++;
            rows--;
            hash -= mix(columns);
        }
    }

    private final LogicalType[] types;
    private transient Sum sum;

    ColumnHash(RowType row) {
        types = row.getChildren().toArray(new LogicalType[0]);
    }

    @Override
    public void flatMap(RowData row, Collector<Void> out) {
        if (sum == null) {
            sum = Sum.ofSubtask();
        }
        long columns = 0;
        for (int i = 0; i < types.length; i++) {
            columns += weigh(i + 1, hashOf(row, i, types[i]));
        }
        switch (row.getRowKind()) {
            case INSERT, UPDATE_AFTER -> sum.add(columns);
            default -> sum.remove(columns);
        }
    }

    private static long weigh(int place, long hash) {
        return hash * (0x9e3779b97f4a7c15L + 2 * place);
    }

    /** One column of a row, by its place from one on. */
    static long column(int place, long value) {
        return weigh(place, mix(value));
    }

    static long column(int place, Text text) {
        return weigh(place, hashOf(text.bytes(), text.length()));
    }

    static long mix(long bits) {
        bits = (bits ^ (bits >>> 33)) * 0xff51afd7ed558ccdL;
        bits = (bits ^ (bits >>> 33)) * 0xc4ceb9fe1a85ec53L;
        return bits ^ (bits >>> 33);
    }

    private static long hashOf(RowData row, int i, LogicalType type) {
        return switch (type.getTypeRoot()) {
            case BIGINT -> mix(row.getLong(i));
            case TIMESTAMP_WITHOUT_TIME_ZONE, TIMESTAMP_WITH_LOCAL_TIME_ZONE -> mix(row.getTimestamp(i, 3).getMillisecond());
            case DECIMAL -> {
                DecimalType decimal = (DecimalType) type;
                yield mix(row.getDecimal(i, decimal.getPrecision(), decimal.getScale()).toUnscaledLong());
            }
            case VARCHAR, CHAR -> hashOf(row.getString(i));
            default -> throw new IllegalArgumentException("no hash of " + type);
        };
    }

    private static long hashOf(StringData string) {
        byte[] text = ((BinaryStringData) string).toBytes();
        return hashOf(text, text.length);
    }

    static long hashOf(byte[] text, int length) {
        long hash = length;
        int at = 0;
        for (; at + 8 <= length; at += 8) {
            hash = (hash ^ (long) WORDS.get(text, at)) * 0x9e3779b97f4a7c15L;
            hash ^= hash >>> 32;
        }
        long word = 0;
        for (int i = length - 1; i >= at; i--) {
            word = word << 8 | (text[i] & 0xff);
        }
        return mix(hash ^ word);
    }
}
