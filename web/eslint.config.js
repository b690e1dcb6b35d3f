// SPDX-License-Identifier: Apache-2.0
import { readdirSync } from 'node:fs'
import globals from 'globals'
import tseslint from 'typescript-eslint'
import vue from 'eslint-plugin-vue'

const modules = readdirSync(new URL('./src/modules', import.meta.url))

const kitOnly = {
  group: ['ant-design-vue', 'ant-design-vue/*'],
  message: 'The UI kit is reached through @/shared/ui/kit alone.',
}
const noUpward = {
  group: ['@/modules/*', '@/app/*'],
  message: 'shared, api and stores know no module and not the application frame.',
}
const fetchOnly = {
  group: ['openapi-fetch'],
  message: 'Requests go through @/api/client.',
}

/** A module may use itself and `modules/job`, never another module. */
const walls = modules.map((name) => ({
  files: [`src/modules/${name}/**/*.{ts,vue}`],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          kitOnly,
          fetchOnly,
          {
            group: modules
              .filter((other) => other !== name && other !== 'job')
              .flatMap((other) => [`@/modules/${other}`, `@/modules/${other}/*`]),
            message: 'A module imports shared, api, gen, stores and modules/job alone.',
          },
          {
            group: ['@/app/*'],
            message: 'Modules are collected by the frame, not the other way round.',
          },
        ],
      },
    ],
  },
}))

export default tseslint.config(
  { ignores: ['dist', 'src/gen', 'node_modules'] },
  ...tseslint.configs.strict,
  ...tseslint.configs.stylistic,
  ...vue.configs['flat/essential'],
  {
    files: ['**/*.{ts,js,mjs,vue}'],
    languageOptions: {
      globals: { ...globals.browser, ...globals.node },
      parserOptions: { parser: tseslint.parser, extraFileExtensions: ['.vue'] },
    },
    rules: {
      'no-console': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'vue/block-lang': ['error', { script: { lang: 'ts' } }],
      'vue/component-api-style': ['error', ['script-setup']],
      'vue/define-props-declaration': ['error', 'type-based'],
      'vue/define-emits-declaration': ['error', 'type-based'],
      'vue/no-v-html': 'error',
      'vue/no-unused-refs': 'error',
      'vue/html-button-has-type': 'error',
      'vue/no-bare-strings-in-template': [
        'error',
        {
          allowlist: [
            '(',
            ')',
            ',',
            '.',
            '&',
            '+',
            '-',
            '=',
            '*',
            '/',
            '#',
            '%',
            '!',
            '?',
            ':',
            '·',
            '→',
            '–',
            '—',
            '×',
            '…',
            '⌘',
            '@',
            'StreamPark',
            'Esc',
          ],
        },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
    },
  },
  {
    files: ['src/{shared,api,stores}/**/*.{ts,vue}'],
    ignores: ['src/shared/ui/kit.ts', 'src/api/client.ts'],
    rules: { 'no-restricted-imports': ['error', { patterns: [kitOnly, fetchOnly, noUpward] }] },
  },
  ...walls,
  { files: ['scripts/**', 'vite/**'], rules: { 'no-console': 'off' } },
)
