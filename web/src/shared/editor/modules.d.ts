// SPDX-License-Identifier: Apache-2.0
declare module 'monaco-sql-languages/esm/languages/flink/flink.js' {
  import type { languages } from 'monaco-editor'
  export const conf: languages.LanguageConfiguration
  export const language: languages.IMonarchLanguage
}
