// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest'
import { rank } from './palette-rank'

const kTexts = ['Jobs', 'New job', 'Clusters', 'Engine versions', 'Audit']
const ranked = (typed: string) => rank(kTexts, typed, (text) => text)

it('keeps all in order when nothing is typed', () => {
  expect(ranked('  ')).toEqual(kTexts)
})

it('puts a beginning before a word before a middle', () => {
  expect(ranked('job')).toEqual(['Jobs', 'New job'])
  expect(ranked('ers')).toEqual(['Clusters', 'Engine versions'])
})

it('finds spread characters and drops what lacks one', () => {
  expect(ranked('egv')).toEqual(['Engine versions'])
  expect(ranked('zz')).toEqual([])
})
