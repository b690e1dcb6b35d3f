// SPDX-License-Identifier: Apache-2.0
import createClient, { type Middleware } from 'openapi-fetch'
import type { paths } from '@/gen/api'
import { Problem } from './problem'

const kCsrfHeader = 'X-Streampark-Csrf'
const kSafe = new Set(['GET', 'HEAD', 'OPTIONS'])

let csrfToken = ''
let onUnauthenticated: () => void = () => undefined

/** The token that the session gave; sent with every request that changes something. */
export function setCsrfToken(token: string) {
  csrfToken = token
}

/** Called when the API says that nobody is signed in. The request that met it fails all the same. */
export function whenUnauthenticated(act: () => void) {
  onUnauthenticated = act
}

const kSignIn = '/api/v1/session'

const middleware: Middleware = {
  onRequest({ request }) {
    if (!kSafe.has(request.method) && csrfToken !== '') request.headers.set(kCsrfHeader, csrfToken)
    request.headers.set('Accept-Language', document.documentElement.lang)
    return request
  },
  onResponse({ response, request, schemaPath }) {
    if (response.status === 401 && !(schemaPath === kSignIn && request.method === 'POST'))
      onUnauthenticated()
    return undefined
  },
  onError({ error }) {
    if (error instanceof DOMException && error.name === 'AbortError') return error
    return new Problem(0, { detail: error instanceof Error ? error.message : String(error) })
  },
}

/**
 * The API, typed by path. `fetch` is looked up at each call so that tests can put theirs in its place. Calls answer
 * `{data, error, response}`; `send` turns that into the data or a thrown `Problem`.
 */
export const api = createClient<paths>({
  baseUrl: globalThis.location?.origin ?? '',
  fetch: (request) => globalThis.fetch(request),
})
api.use(middleware)

interface Answer<T> {
  data?: T
  error?: unknown
  response: Response
}

/** The data of an answer; throws a `Problem` when it was not a success. */
export async function send<T>(answer: Promise<Answer<T>>): Promise<Exclude<T, undefined>> {
  const { data, error, response } = await answer
  if (response.ok) return data as Exclude<T, undefined>
  const retryAfter = Number.parseInt(response.headers.get('Retry-After') ?? '', 10)
  throw new Problem(response.status, error, Number.isNaN(retryAfter) ? undefined : retryAfter)
}

/** A fresh key that makes repeating a command safe. `randomUUID` is missing where the console is reached by plain HTTP. */
export function idempotencyKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
