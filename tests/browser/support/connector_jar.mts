// SPDX-License-Identifier: Apache-2.0
// A connector of our own as a jar, so that what the editor offers can only come from an upload.
import { execFile } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

const kFactory = `
package example;

import java.util.Set;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;
import org.apache.flink.table.connector.sink.DynamicTableSink;
import org.apache.flink.table.factories.DynamicTableSinkFactory;

public final class ShelfFactory implements DynamicTableSinkFactory {
  private static final ConfigOption<String> PLACE =
      ConfigOptions.key("shelf-place").stringType().noDefaultValue().withDescription("Which shelf.");
  private static final ConfigOption<Integer> HEIGHT =
      ConfigOptions.key("shelf-height").intType().defaultValue(3);

  @Override
  public String factoryIdentifier() {
    return "shelf";
  }

  @Override
  public Set<ConfigOption<?>> requiredOptions() {
    return Set.of(PLACE);
  }

  @Override
  public Set<ConfigOption<?>> optionalOptions() {
    return Set.of(HEIGHT);
  }

  @Override
  public DynamicTableSink createDynamicTableSink(Context context) {
    throw new UnsupportedOperationException("nothing is ever put there");
  }
}
`

/** Builds `shelf-connector.jar` below a folder against a Flink installation: the sink `shelf` with its option `shelf-place`. */
export async function connectorJar(folder: string, flinkHome: string): Promise<string> {
  const sources = join(folder, 'src/example')
  const classes = join(folder, 'classes')
  const services = join(classes, 'META-INF/services')
  mkdirSync(sources, { recursive: true })
  mkdirSync(services, { recursive: true })
  const source = join(sources, 'ShelfFactory.java')
  writeFileSync(source, kFactory)
  writeFileSync(
    join(services, 'org.apache.flink.table.factories.Factory'),
    'example.ShelfFactory\n',
  )
  await run('javac', ['--release', '11', '-cp', join(flinkHome, 'lib/*'), '-d', classes, source])
  const jar = join(folder, 'shelf-connector.jar')
  await run('jar', ['--create', '--file', jar, '-C', classes, '.'])
  return jar
}
