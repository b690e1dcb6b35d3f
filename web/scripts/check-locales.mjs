// SPDX-License-Identifier: Apache-2.0
// Fails when a text is missing in a language, when its placeholders differ, when code asks for a key that does not exist,
// or when no code asks for a key. Keys put together at run time (`t(`badge.${x}`)`) are accepted by their fixed beginning;
// the sets behind them (badges, reasons, steps, error codes, permissions) are checked here against the contracts.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'

const root = fileURLToPath(new URL('../', import.meta.url))
const locales = join(root, 'src/locales')
const kReference = 'en-US'
const problems = []

function flatten(node, prefix, into) {
  for (const [key, value] of Object.entries(node)) {
    const path = prefix ? `${prefix}.${key}` : key
    if (typeof value === 'string') into.set(path, value)
    else flatten(value, path, into)
  }
  return into
}

const languages = readdirSync(locales).filter((name) => /^[a-z]{2}-[A-Z]{2}$/.test(name))
const texts = new Map(
  languages.map((language) => {
    const all = new Map()
    for (const file of readdirSync(join(locales, language)).filter((name) =>
      name.endsWith('.json'),
    )) {
      const parsed = JSON.parse(readFileSync(join(locales, language, file), 'utf8'))
      flatten(parsed, file.replace(/\.json$/, ''), all)
    }
    return [language, all]
  }),
)

const placeholders = (text) =>
  [...new Set([...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]))].sort().join(',')

const reference = texts.get(kReference)
for (const [language, all] of texts) {
  for (const [key, text] of reference) {
    if (!all.has(key)) problems.push(`${language}: ${key} is missing`)
    else if (placeholders(all.get(key)) !== placeholders(text))
      problems.push(`${language}: ${key} has other placeholders than ${kReference}`)
    else if (text.trim() !== '' && all.get(key).trim() === '')
      problems.push(`${language}: ${key} is empty`)
  }
  for (const key of all.keys())
    if (!reference.has(key)) problems.push(`${kReference}: ${key} is missing, ${language} has it`)
}

// What the code asks for.
const used = new Set()
const prefixes = new Set()
const sources = readdirSync(join(root, 'src'), { recursive: true })
  .filter(
    (name) => /\.(vue|ts)$/.test(name) && !name.startsWith('gen') && !name.endsWith('.spec.ts'),
  )
  .map((name) => [name, readFileSync(join(root, 'src', name), 'utf8')])
for (const [name, source] of sources) {
  for (const match of source.matchAll(/(?<![\w.])\$?t\(\s*(['"])([\w.-]+)\1/g)) {
    used.add(match[2])
    if (!reference.has(match[2])) problems.push(`${name}: ${match[2]} does not exist`)
  }
  for (const match of source.matchAll(/(?<![\w.])\$?t\(\s*`([\w.-]*)\$\{/g)) prefixes.add(match[1])
  for (const match of source.matchAll(/keypath=(['"])([\w.-]+)\1/g)) {
    used.add(match[2])
    if (!reference.has(match[2])) problems.push(`${name}: ${match[2]} does not exist`)
  }
  // Keys handed on as values, in menus, columns and actions.
  for (const match of source.matchAll(/(['"`])([a-z][\w-]*(?:\.[\w-]+)+)\1/g))
    if (reference.has(match[2])) used.add(match[2])
}
for (const key of reference.keys())
  if (!used.has(key) && ![...prefixes].some((prefix) => prefix !== '' && key.startsWith(prefix)))
    problems.push(`${kReference}: ${key} is used nowhere`)

// The sets that keys are put together from.
const contract = (file) => parse(readFileSync(join(root, '../api', file), 'utf8'))
const { schemas } = contract('openapi.yaml').components
const words = contract('words.yaml')
const required = [
  ...Object.keys(contract('errors.yaml').errors).map((code) => `error.${code}`),
  ...Object.keys(contract('permissions.yaml').permissions).map(
    (name) => `permission.${name.replace(':', '-')}`,
  ),
  ...schemas.Badge.enum.flatMap((badge) => [`badge.${badge}`, `badge.meaning.${badge}`]),
  ...words.badgeReasons.map((code) => `job.reason.${code}`),
  ...Object.values(words.steps)
    .flat()
    .map((step) => `job.step.${step}`),
  ...words.decisions.map((decision) => `job.decision.${decision}`),
  ...words.attentionRules.map((rule) => `job.attention.${rule}`),
  ...schemas.AutomationHold.properties.scope.enum.map((scope) => `common.automation.held.${scope}`),
  ...schemas.OperationKind.enum.map((kind) => `job.action.${kind}`),
  ...schemas.JobAction.properties.kind.enum.map((kind) => `job.action.${kind}`),
  ...schemas.JobAction.properties.code.enum.map((code) => `job.actionReason.${code}`),
  ...schemas.OperationState.enum.map((state) => `operation.state.${state}`),
  ...schemas.AttemptOutcome.enum.map((outcome) => `job.outcome.${outcome}`),
]
for (const key of required)
  if (!reference.has(key)) problems.push(`${kReference}: ${key} is missing`)

for (const problem of problems) console.error(problem)
if (problems.length > 0) {
  console.error(`${problems.length} problems with the texts`)
  process.exit(1)
}
console.log(`${reference.size} texts in ${languages.length} languages, all there`)
