// SPDX-License-Identifier: Apache-2.0

/** Joins the files of one language: `jobs.json` becomes the key `jobs`. */
export function collect<T>(files: Record<string, T>): Record<string, T> {
  return Object.fromEntries(
    Object.entries(files).map(([path, texts]) => [path.replace(/^.*\/(.+)\.json$/, '$1'), texts]),
  )
}
