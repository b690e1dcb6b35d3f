// SPDX-License-Identifier: Apache-2.0
import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'
import { chunkFileNames, chunks } from './vite/chunks.ts'
import { compress } from './vite/compress.ts'

const console = process.env['STREAMPARK_URL'] ?? 'http://127.0.0.1:10000'

export default defineConfig({
  plugins: [vue(), compress()],
  resolve: {
    alias: [
      { find: '@', replacement: fileURLToPath(new URL('./src', import.meta.url)) },
      // Monaco's core alone: its package entry also brings eighty languages and four language services.
      { find: /^monaco-editor$/, replacement: 'monaco-editor/esm/vs/editor/edcore.main.js' },
    ],
  },
  build: {
    target: 'es2022',
    reportCompressedSize: false,
    chunkSizeWarningLimit: 6000,
    assetsInlineLimit: 2048,
    rolldownOptions: { output: { codeSplitting: { groups: chunks }, chunkFileNames } },
  },
  server: { host: '127.0.0.1', port: 21800, proxy: { '/api': { target: console, ws: false } } },
  test: {
    environment: 'happy-dom',
    include: ['src/**/*.spec.ts'],
    reporters: ['default', 'junit'],
    outputFile: {
      junit: process.env['TEST_RESULTS'] ?? '../build/test-results/web.xml',
    },
  },
})
