// SPDX-License-Identifier: Apache-2.0
package nexmark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import org.apache.avro.file.DataFileReader;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.java.typeutils.ValueTypeInfo;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.file.src.FileSourceSplit;
import org.apache.flink.connector.file.src.reader.BulkFormat;
import org.apache.flink.connector.file.src.util.IteratorResultIterator;
import org.apache.flink.connector.file.src.util.Pool;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.apache.flink.formats.avro.utils.FSDataInputStreamWrapper;

/** Events of Avro files. A batch is one of Avro's blocks; the task's thread decodes it while it takes the rows. */
final class EventFormat implements BulkFormat<Event, FileSourceSplit> {
    private final EventReader.Column[] columns;

    EventFormat(EventReader.Column... columns) {
        this.columns = columns;
    }

    @Override
    public BulkFormat.Reader<Event> createReader(Configuration configuration, FileSourceSplit split) throws IOException {
        return new Blocks(split);
    }

    @Override
    public BulkFormat.Reader<Event> restoreReader(Configuration configuration, FileSourceSplit split) throws IOException {
        return new Blocks(split);
    }

    @Override
    public boolean isSplittable() {
        return true;
    }

    @Override
    public TypeInformation<Event> getProducedType() {
        return new ValueTypeInfo<>(Event.class);
    }

    private final class Blocks implements BulkFormat.Reader<Event> {
        private final DataFileReader<Event> file;
        private final long end;
        /** Holds the event while no batch is out: a block is read only when the one before it is done with. */
        private final Pool<Event> pool = new Pool<>(1);

        private long restoredBlock = -1;
        private long restoredRecords;

        Blocks(FileSourceSplit split) throws IOException {
            Path path = split.path();
            FileSystem system = path.getFileSystem();
            file =
                    new DataFileReader<>(
                            new FSDataInputStreamWrapper(system.open(path), system.getFileStatus(path).getLen()),
                            new EventReader(columns));
            end = split.offset() + split.length();
            Event event = new Event();
            if (split.getReaderPosition().isPresent()) {
                restoredBlock = split.getReaderPosition().get().getOffset();
                restoredRecords = split.getReaderPosition().get().getRecordsAfterOffset();
                file.seek(restoredBlock);
                for (long i = 0; i < restoredRecords; i++) {
                    file.next(event);
                }
            } else {
                file.sync(split.offset());
            }
            pool.add(event);
        }

        @Override
        public BulkFormat.RecordIterator<Event> readBatch() throws IOException {
            Event event;
            try {
                event = pool.pollEntry();
            } catch (InterruptedException ended) {
                Thread.currentThread().interrupt();
                throw new IOException("stopped while the block before was in use", ended);
            }
            if (!file.hasNext() || file.pastSync(end)) {
                pool.recycler().recycle(event);
                return null;
            }
            long block = file.previousSync();
            long taken = block == restoredBlock ? restoredRecords : 0;
            return new IteratorResultIterator<>(
                    new Records(file, event, file.getBlockCount() - taken), block, taken, () -> pool.recycler().recycle(event));
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }

    private static final class Records implements Iterator<Event> {
        private final DataFileReader<Event> file;
        private final Event event;
        private long left;

        Records(DataFileReader<Event> file, Event event, long left) {
            this.file = file;
            this.event = event;
            this.left = left;
        }

        @Override
        public boolean hasNext() {
            return left > 0;
        }

        @Override
        public Event next() {
            left--;
            try {
                return file.next(event);
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        }
    }
}
