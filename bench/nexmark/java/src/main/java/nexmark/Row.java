// SPDX-License-Identifier: Apache-2.0
package nexmark;

import java.io.IOException;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.java.typeutils.ValueTypeInfo;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.apache.flink.types.CopyableValue;

/** Writes and reads itself, between subtasks and as state: no serializer goes over its fields by reflection. */
public abstract class Row<T extends Row<T>> implements CopyableValue<T> {
    static <T extends Row<T>> TypeInformation<T> type(Class<T> row) {
        return new ValueTypeInfo<>(row);
    }

    abstract T make();

    @Override
    public final T copy() {
        T made = make();
        copyTo(made);
        return made;
    }

    @Override
    public final void copy(DataInputView in, DataOutputView out) throws IOException {
        T made = make();
        made.read(in);
        made.write(out);
    }

    @Override
    public final int getBinaryLength() {
        return -1;
    }
}
