// SPDX-License-Identifier: Apache-2.0
// What goes into which file. Left alone, the bundler makes a file of each icon and of each part of the kit that two pages
// share, and the first page then waits for eighty small answers.
//
//   frame   all that the app needs before it knows which page is wanted
//   common  what pages and dialogs share, by who shares it; small leftovers join their nearest neighbour
//
// A page or dialog with what it alone needs stays a file of its own, and so does the editor, which is as large as the rest.

const kEditor =
  /[\\/](src[\\/]shared[\\/]editor|node_modules[\\/](monaco-editor|monaco-sql-languages|dt-sql-parser|antlr4ng))[\\/]/
const kSmall = 3 * 1024

export const chunks = [
  { name: 'frame', tags: ['$initial' as const], priority: 20 },
  {
    name: 'common',
    test: (id: string) =>
      !kEditor.test(id) && !/[\\/]modules[\\/]job[\\/](tabs|edit|components)[\\/]/.test(id),
    minShareCount: 2,
    entriesAware: true,
    entriesAwareMergeThreshold: kSmall,
    priority: 10,
  },
]

/** The names of all who share a file would make a name of a hundred letters. */
export const chunkFileNames = ({ name }: { name: string }) =>
  `assets/${name.split('~')[0] ?? name}-[hash].js`
