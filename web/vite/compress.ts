// SPDX-License-Identifier: Apache-2.0
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import type { Plugin } from 'vite'

const kCompressible = /\.(js|css|html|svg|json|ttf)$/

/** Writes `<file>.br` and `<file>.gz` beside every text asset; the console serves them as they are. */
export function compress(): Plugin {
  let folder = ''
  return {
    name: 'streampark-compress',
    apply: 'build',
    configResolved(config) {
      folder = join(config.root, config.build.outDir)
    },
    async writeBundle() {
      const files = await readdir(folder, { recursive: true })
      for (const file of files.filter((name) => kCompressible.test(name))) {
        const path = join(folder, file)
        const bytes = await readFile(path)
        const params = { [constants.BROTLI_PARAM_QUALITY]: bytes.length > 1 << 20 ? 9 : 11 }
        const [br, gz] = await Promise.all([
          promisify(brotliCompress)(bytes, { params }),
          promisify(gzip)(bytes, { level: 9 }),
        ])
        await Promise.all([writeFile(`${path}.br`, br), writeFile(`${path}.gz`, gz)])
      }
    },
  }
}
