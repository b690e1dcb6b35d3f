// SPDX-License-Identifier: Apache-2.0
package nexmark;

import java.util.Set;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.connector.datagen.source.GeneratorFunction;
import org.apache.flink.table.connector.ChangelogMode;
import org.apache.flink.table.connector.source.DynamicTableSource;
import org.apache.flink.table.connector.source.ScanTableSource;
import org.apache.flink.table.connector.source.SourceProvider;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.factories.DynamicTableSourceFactory;
import org.apache.flink.table.factories.FactoryUtil;
import org.apache.flink.table.types.DataType;

/** The table connector {@code nexmark}: generated events. */
public final class GeneratorSourceFactory implements DynamicTableSourceFactory {
    private static final ConfigOption<Long> EVENTS = ConfigOptions.key("events").longType().noDefaultValue();

    @Override
    public String factoryIdentifier() {
        return "nexmark";
    }

    @Override
    public Set<ConfigOption<?>> requiredOptions() {
        return Set.of(EVENTS);
    }

    @Override
    public Set<ConfigOption<?>> optionalOptions() {
        return Set.of();
    }

    @Override
    public DynamicTableSource createDynamicTableSource(Context context) {
        long events = FactoryUtil.createTableFactoryHelper(this, context).getOptions().get(EVENTS);
        return new Events(events, context.getPhysicalRowDataType());
    }

    private static final class Make implements GeneratorFunction<Long, RowData> {
        private final Generator generator = new Generator();

        @Override
        public RowData map(Long number) {
            return generator.event(number);
        }
    }

    private record Events(long events, DataType row) implements ScanTableSource {
        @Override
        public ChangelogMode getChangelogMode() {
            return ChangelogMode.insertOnly();
        }

        @Override
        public ScanRuntimeProvider getScanRuntimeProvider(ScanContext context) {
            TypeInformation<RowData> type = context.createTypeInformation(row);
            return SourceProvider.of(new DataGeneratorSource<>(new Make(), events, type));
        }

        @Override
        public DynamicTableSource copy() {
            return new Events(events, row);
        }

        @Override
        public String asSummaryString() {
            return "nexmark";
        }
    }
}
