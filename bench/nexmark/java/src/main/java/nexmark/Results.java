// SPDX-License-Identifier: Apache-2.0
package nexmark;

import java.io.Serializable;
import org.apache.flink.api.common.functions.FlatMapFunction;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.util.Collector;

/** Where a query of the DataStream API ends: the same sum as {@link ColumnHash}, of columns that the query names. */
final class Results {
    private Results() {}

    /** The sum of a row's {@link ColumnHash#column columns}. */
    interface Columns<T> extends Serializable {
        long of(T row);
    }

    /** Whether a change takes back a row that stood. */
    interface Retraction<T> extends Serializable {
        boolean is(T row);
    }

    static <T> void take(DataStream<T> rows, Columns<T> columns) {
        takeChanges(rows, row -> false, columns);
    }

    static <T> void takeChanges(DataStream<T> changes, Retraction<T> retraction, Columns<T> columns) {
        changes.flatMap(new Hash<>(retraction, columns)).returns(Types.VOID).sinkTo(new DiscardingSink<>());
    }

    private static final class Hash<T> implements FlatMapFunction<T, Void> {
        private final Retraction<T> retraction;
        private final Columns<T> columns;
        private transient ColumnHash.Sum sum;

        Hash(Retraction<T> retraction, Columns<T> columns) {
            this.retraction = retraction;
            this.columns = columns;
        }

        @Override
        public void flatMap(T row, Collector<Void> out) {
            if (sum == null) {
                sum = ColumnHash.Sum.ofSubtask();
            }
            if (retraction.is(row)) {
                sum.remove(columns.of(row));
            } else {
                sum.add(columns.of(row));
            }
        }
    }
}
