// SPDX-License-Identifier: Apache-2.0
// The only door to Monaco. It is imported by the editor's components alone, which pages load when they need them, so that its
// megabytes are no part of any other page.
import * as monaco from 'monaco-editor'
import EditorWorker from 'monaco-editor/esm/vs/editor/editor.worker.js?worker'
import { conf, language } from 'monaco-sql-languages/esm/languages/flink/flink.js'
import { onMounted, watch } from 'vue'
import { usePreferences } from '@/stores/preferences'
import { sixDigits } from './colour'
import { editorSettings } from './editor-settings'
import FlinkSqlWorker from './flink-sql.worker?worker'
import { SyntaxCheck } from './syntax-check'

export { monaco }
export const kLanguage = 'flinksql'

self.MonacoEnvironment = { getWorker: () => new EditorWorker() }

monaco.languages.register({ id: kLanguage, extensions: ['.sql'], aliases: ['Flink SQL'] })
monaco.languages.setMonarchTokensProvider(kLanguage, language)
monaco.languages.setLanguageConfiguration(kLanguage, conf)

monaco.languages.register({ id: 'yaml', extensions: ['.yaml', '.yml'] })
monaco.languages.setMonarchTokensProvider('yaml', {
  tokenizer: {
    root: [
      [/^\s*#.*$/, 'comment'],
      [/\s#.*$/, 'comment'],
      [/^(\s*(?:- )?)([\w."'/-]+)(\s*:)(?=\s|$)/, ['white', 'keyword', 'delimiter']],
      [/[|>][+-]?$/, 'operator'],
      [/"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'/, 'string'],
      [/\b(?:true|false|null)\b/, 'keyword'],
      [/\b\d+(?:\.\d+)?\b/, 'number'],
    ],
  },
})
monaco.languages.setLanguageConfiguration('yaml', { comments: { lineComment: '#' } })

const kThemes = { light: 'vs', dark: 'vs-dark' } as const
const kTokens = {
  light: {
    keyword: '7a3ea8',
    string: '1f7a45',
    number: '9a5b00',
    comment: '6a7280',
    variable: '0b68b8',
    operator: '4d5563',
  },
  dark: {
    keyword: 'b79df5',
    string: '7fd1a0',
    number: 'f0b661',
    comment: '8e96a4',
    variable: '7cc0fa',
    operator: 'b0b7c3',
  },
} as const

/** Monaco computes with literal colours, so the theme's are read from the page's own custom properties. */
function defineTheme(name: keyof typeof kThemes) {
  const style = getComputedStyle(document.documentElement)
  const colour = (property: string) => sixDigits(style.getPropertyValue(property))
  const tokens = kTokens[name]
  monaco.editor.defineTheme(`streampark-${name}`, {
    base: kThemes[name],
    inherit: true,
    rules: [
      { token: 'keyword', foreground: tokens.keyword },
      { token: 'keyword.scope', foreground: tokens.keyword },
      { token: 'operator.keyword', foreground: tokens.keyword },
      { token: 'type', foreground: tokens.number },
      { token: 'string', foreground: tokens.string },
      { token: 'string.sql', foreground: tokens.string },
      { token: 'number', foreground: tokens.number },
      { token: 'comment', foreground: tokens.comment, fontStyle: 'italic' },
      { token: 'predefined', foreground: tokens.variable },
      { token: 'predefined.sql', foreground: tokens.variable },
      { token: 'variable', foreground: tokens.variable },
      { token: 'operator', foreground: tokens.operator },
      { token: 'operator.sql', foreground: tokens.operator },
      { token: 'delimiter', foreground: tokens.operator },
    ],
    colors: {
      'editor.background': colour('--surface'),
      'editor.foreground': colour('--text'),
      'editorLineNumber.foreground': colour('--text-3'),
      'editorLineNumber.activeForeground': colour('--text'),
      'editorGutter.background': colour('--surface'),
      'editorWidget.background': colour('--raised'),
      'editorWidget.border': colour('--border'),
      'editorSuggestWidget.background': colour('--raised'),
      'editorSuggestWidget.border': colour('--border'),
      'editorSuggestWidget.selectedBackground': colour('--selected'),
      'editorSuggestWidget.selectedForeground': colour('--text'),
      'editorSuggestWidget.selectedIconForeground': colour('--text'),
      'editorSuggestWidget.highlightForeground': colour('--accent'),
      'editorSuggestWidget.focusHighlightForeground': colour('--accent'),
      'editorHoverWidget.background': colour('--raised'),
      focusBorder: colour('--accent'),
    },
  })
}

/** For the setup of an editor's component: Monaco has the page's theme as long as that is there. */
export function useTheme() {
  const preferences = usePreferences()
  const apply = (name: 'light' | 'dark') => {
    defineTheme(name)
    monaco.editor.setTheme(`streampark-${name}`)
  }
  onMounted(() => apply(preferences.appliedTheme))
  watch(() => preferences.appliedTheme, apply, { flush: 'post' })
}

/** What all editors have in common. */
export function commonOptions() {
  return {
    automaticLayout: true,
    minimap: { enabled: false },
    scrollBeyondLastLine: false,
    fixedOverflowWidgets: true,
    fontFamily: getComputedStyle(document.documentElement).getPropertyValue('--mono'),
    fontSize: editorSettings.fontSize,
  } satisfies monaco.editor.IEditorOptions
}

let syntax: SyntaxCheck | null = null

/** One grammar worker for the page; it costs megabytes and is made at the first question. */
export function syntaxCheck(): SyntaxCheck {
  syntax ??= new SyntaxCheck(new FlinkSqlWorker())
  return syntax
}
