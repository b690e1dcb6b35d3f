// SPDX-License-Identifier: Apache-2.0

/**
 * Entries whose text has the typed characters in their order, best first: the text begins with them, a word does, they
 * stand together, they are spread. With nothing typed all stay as they are.
 */
export function rank<T>(entries: readonly T[], typed: string, textOf: (entry: T) => string): T[] {
  const wanted = typed.trim().toLowerCase()
  if (wanted === '') return [...entries]
  return entries
    .map((entry) => ({ entry, score: score(textOf(entry).toLowerCase(), wanted) }))
    .filter(({ score: value }) => value > 0)
    .sort((a, b) => b.score - a.score)
    .map(({ entry }) => entry)
}

function score(text: string, wanted: string): number {
  if (text.startsWith(wanted)) return 4
  if (text.includes(` ${wanted}`)) return 3
  if (text.includes(wanted)) return 2
  let from = 0
  for (const character of wanted) {
    const found = text.indexOf(character, from)
    if (found < 0) return 0
    from = found + 1
  }
  return 1
}
