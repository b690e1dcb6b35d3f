// SPDX-License-Identifier: Apache-2.0

/** Hands a text to the browser as a file to keep. */
export function saveFile(name: string, text: string, type: string) {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([text], { type }))
  link.download = name.replace(/[^\p{L}\p{N}._-]+/gu, '_')
  link.click()
  URL.revokeObjectURL(link.href)
}
