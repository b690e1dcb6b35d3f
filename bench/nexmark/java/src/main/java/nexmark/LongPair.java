// SPDX-License-Identifier: Apache-2.0
package nexmark;

import java.io.IOException;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** A key of two columns without boxes. */
public final class LongPair extends Row<LongPair> {
    private long first;
    private long second;

    public LongPair() {}

    LongPair(long first, long second) {
        this.first = first;
        this.second = second;
    }

    @Override
    LongPair make() {
        return new LongPair();
    }

    @Override
    public void copyTo(LongPair other) {
        other.first = first;
        other.second = second;
    }

    @Override
    public void write(DataOutputView out) throws IOException {
        out.writeLong(first);
        out.writeLong(second);
    }

    @Override
    public void read(DataInputView in) throws IOException {
        first = in.readLong();
        second = in.readLong();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof LongPair pair && pair.first == first && pair.second == second;
    }

    @Override
    public int hashCode() {
        return Long.hashCode(first * 31 + second);
    }
}
