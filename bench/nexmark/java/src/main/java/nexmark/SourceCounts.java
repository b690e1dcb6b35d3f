// SPDX-License-Identifier: Apache-2.0
package nexmark;

import java.util.List;
import java.util.Properties;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Metric;
import org.apache.flink.metrics.MetricConfig;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.reporter.MetricReporter;
import org.apache.flink.metrics.reporter.MetricReporterFactory;

/** Hears of the counters of sources, so that a run can be measured from a number of events on. */
public final class SourceCounts implements MetricReporter, MetricReporterFactory {
    private static final List<Counter> COUNTERS = new CopyOnWriteArrayList<>();

    static long rows() {
        long rows = 0;
        for (Counter counter : COUNTERS) {
            rows += counter.getCount();
        }
        return rows;
    }

    @Override
    public void notifyOfAddedMetric(Metric metric, String name, MetricGroup group) {
        if (metric instanceof Counter counter && name.equals("numRecordsOut")) {
            String operator = group.getAllVariables().get("<operator_name>");
            if (operator != null && operator.startsWith("Source:")) {
                COUNTERS.add(counter);
            }
        }
    }

    @Override
    public void notifyOfRemovedMetric(Metric metric, String name, MetricGroup group) {}

    @Override
    public void open(MetricConfig config) {}

    @Override
    public void close() {}

    @Override
    public MetricReporter createMetricReporter(Properties properties) {
        return new SourceCounts();
    }
}
