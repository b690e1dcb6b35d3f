// SPDX-License-Identifier: Apache-2.0

/**
 * Where Vue was when an error came, by its words in development and its numbers in production builds (the end of
 * `https://vuejs.org/error-reference/#runtime-N`): setup, drawing, updating. After these the page is not whole.
 */
const kBreaking = new Set(['setup function', 'render function', 'component update', '0', '1', '15'])

/** Whether an error leaves the page half drawn. One of a handler, a watcher or a hook leaves it as it was. */
export function breaksPage(info: string): boolean {
  return kBreaking.has(info.replace(/^.*#runtime-/, ''))
}
