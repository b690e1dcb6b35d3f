// SPDX-License-Identifier: Apache-2.0
import type { ScriptProblem } from './diagnostics'
import { kLanguage, monaco } from './monaco'
import { optionsFor, complete, type Sources, type SuggestionKind } from './sql-completion'
import { contextAt } from './sql-context'
import { mergeTables, scriptTables } from './script-tables'

const { CompletionItemKind, CompletionItemInsertTextRule } = monaco.languages

const kKinds: Record<SuggestionKind, monaco.languages.CompletionItemKind> = {
  table: CompletionItemKind.Struct,
  column: CompletionItemKind.Field,
  option: CompletionItemKind.Property,
  value: CompletionItemKind.EnumMember,
  function: CompletionItemKind.Function,
  keyword: CompletionItemKind.Keyword,
  snippet: CompletionItemKind.Snippet,
}

/** What an open editor knows, by its model. */
const sources = new Map<string, () => Sources>()

/** Lets completion and hovers of a model use these sources until the function returned is called. */
export function provideSources(model: monaco.editor.ITextModel, give: () => Sources): () => void {
  const key = model.uri.toString()
  sources.set(key, give)
  return () => sources.delete(key)
}

function sourcesOf(model: monaco.editor.ITextModel): Sources {
  const given = sources.get(model.uri.toString())?.() ?? { vocabulary: null, tables: [] }
  return { ...given, tables: mergeTables(scriptTables(model.getValue()), given.tables) }
}

monaco.languages.registerCompletionItemProvider(kLanguage, {
  triggerCharacters: ['.', "'", ' ', '('],
  provideCompletionItems(model, position, context) {
    const offset = model.getOffsetAt(position)
    const word = model.getWordUntilPosition(position)
    const { lineNumber } = position
    const wordRange = new monaco.Range(lineNumber, word.startColumn, lineNumber, position.column)
    const typedSpace = context.triggerCharacter === ' ' || context.triggerCharacter === '('
    const suggestions = complete(model.getValue(), offset, sourcesOf(model))
      // A space asks for names; keywords after every word would be noise.
      .filter(
        ({ kind }) =>
          !typedSpace || (kind !== 'keyword' && kind !== 'snippet' && kind !== 'function'),
      )
      .map((one) => ({
        label: one.detail === undefined ? one.label : { label: one.label, description: one.detail },
        kind: kKinds[one.kind],
        insertText: one.insert,
        ...(one.snippet ? { insertTextRules: CompletionItemInsertTextRule.InsertAsSnippet } : {}),
        ...(one.docs ? { documentation: { value: one.docs } } : {}),
        sortText: `${one.rank} ${one.label}`,
        range:
          one.from === undefined
            ? wordRange
            : monaco.Range.fromPositions(
                model.getPositionAt(one.from),
                model.getPositionAt(one.to ?? offset),
              ),
      }))
    return { suggestions: typedSpace && suggestions.length > 200 ? [] : suggestions }
  },
})

monaco.languages.registerHoverProvider(kLanguage, {
  provideHover(model, position) {
    const known = sourcesOf(model)
    const context = contextAt(model.getValue(), model.getOffsetAt(position))
    const inOption = context.kind === 'option-key' || context.kind === 'option-value'
    if (inOption && known.vocabulary !== null && context.inString) {
      const text = model.getValue().slice(context.from, context.to)
      const key = context.kind === 'option-key' ? text : context.key
      const option = optionsFor(known.vocabulary, context.options, context.statement).find(
        (one) => one.key === key,
      )
      if (option === undefined) return null
      const fallback = option.defaultValue == null ? '' : ` = \`${option.defaultValue}\``
      return {
        contents: [
          { value: `**${option.key}** ${option.type}${fallback}` },
          { value: option.description },
        ],
      }
    }
    const word = model.getWordAtPosition(position)?.word
    const table = known.tables.find(({ name }) => name === word)
    if (table === undefined) return null
    const columns = table.columns.map(({ name, type }) => `${name}  ${type}`).join('\n')
    return {
      contents: [
        { value: `**${table.name}** ${table.connector ?? ''}` },
        { value: `\`\`\`\n${columns}\n\`\`\`` },
      ],
    }
  },
})

const kSeverities: Record<ScriptProblem['severity'], monaco.MarkerSeverity> = {
  ERROR: monaco.MarkerSeverity.Error,
  WARNING: monaco.MarkerSeverity.Warning,
  INFO: monaco.MarkerSeverity.Info,
}

export function markProblems(model: monaco.editor.ITextModel, problems: readonly ScriptProblem[]) {
  monaco.editor.setModelMarkers(
    model,
    'streampark',
    problems.map((problem) => ({
      severity: kSeverities[problem.severity],
      code: problem.code,
      message: problem.hint ? `${problem.message}\n${problem.hint}` : problem.message,
      startLineNumber: problem.line,
      startColumn: problem.column,
      endLineNumber: problem.endLine,
      endColumn: problem.endColumn,
    })),
  )
}
