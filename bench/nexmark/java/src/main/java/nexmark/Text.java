// SPDX-License-Identifier: Apache-2.0
package nexmark;

import java.io.IOException;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.avro.io.Decoder;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** UTF-8 in bytes that are used again: no query looks at a character, so that none is decoded. */
public final class Text implements Serializable {
    private static final byte[] EMPTY = {};

    private byte[] bytes = EMPTY;
    private int length;

    public Text() {}

    Text(String text) {
        bytes = text.getBytes(StandardCharsets.UTF_8);
        length = bytes.length;
    }

    /** What is beyond {@link #length()} is no part of it. */
    byte[] bytes() {
        return bytes;
    }

    int length() {
        return length;
    }

    private void resize(int size) {
        if (bytes.length < size) {
            bytes = new byte[size];
        }
        length = size;
    }

    void read(Decoder in) throws IOException {
        resize((int) in.readLong());
        in.readFixed(bytes, 0, length);
    }

    void read(DataInputView in) throws IOException {
        resize(in.readInt());
        in.readFully(bytes, 0, length);
    }

    void write(DataOutputView out) throws IOException {
        out.writeInt(length);
        out.write(bytes, 0, length);
    }

    void copyTo(Text other) {
        other.resize(length);
        System.arraycopy(bytes, 0, other.bytes, 0, length);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Text text && Arrays.equals(bytes, 0, length, text.bytes, 0, text.length);
    }

    @Override
    public int hashCode() {
        return Long.hashCode(ColumnHash.hashOf(bytes, length));
    }
}
