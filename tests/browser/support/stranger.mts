// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { flinkHomes, type Cluster, type Console } from './console.mts'
import { waitFor } from './waiting.mts'

const run = promisify(execFile)

const kStranger = `
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.TableEnvironment;

public class Stranger {
  public static void main(String[] arguments) {
    TableEnvironment tables = TableEnvironment.create(EnvironmentSettings.inStreamingMode());
    tables.getConfig().set("pipeline.name", arguments[0]);
    tables.getConfig().set("parallelism.default", "1");
    tables.executeSql("CREATE TABLE ticks (n BIGINT) WITH ('connector' = 'datagen', 'rows-per-second' = '10')");
    tables.executeSql("CREATE TABLE sums (n BIGINT) WITH ('connector' = 'blackhole')");
    tables.executeSql("INSERT INTO sums SELECT SUM(n) FROM ticks");
  }
}
`

/** Runs an endless job by the engine's own client, as somebody who knows nothing of the console; resolves when that sees it. */
export async function runStranger(console: Console, clusterId: string, name: string) {
  const [home = ''] = flinkHomes()
  const { webUrl } = await console.get<Cluster>(`clusters/${clusterId}`)
  const folder = mkdtempSync(join(tmpdir(), 'streampark-stranger-'))
  const [source, jar] = [join(folder, 'Stranger.java'), join(folder, 'stranger.jar')]
  try {
    writeFileSync(source, kStranger)
    await run('javac', ['--release', '11', '-cp', join(home, 'lib/*'), '-d', folder, source])
    await run('jar', ['--create', '--file', jar, '-C', folder, 'Stranger.class'])
    const address = new URL(webUrl ?? '').host
    await run(join(home, 'bin/flink'), ['run', '-d', '-m', address, '-c', 'Stranger', jar, name], {
      env: { ...process.env, FLINK_LOG_DIR: folder },
      timeout: 60_000,
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  type Jobs = { items: { name: string; state: string }[] }
  await waitFor(`${name} runs`, 60_000, async () => {
    const { items } = await console.get<Jobs>(`clusters/${clusterId}/jobs`)
    return items.some((one) => one.name === name && one.state === 'RUNNING')
  })
}
