import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PRIVILEGES } from '../acl/catalogue.ts'
import { FAILURES } from '../failures.ts'
import { CATALOGUE } from '../functions/catalogue.ts'
import { UAPI_CATALOGUE } from '../functions/uapi/catalogue.ts'
import { failuresPage, functionsPage, privilegesPage, uapiPage } from './markdown.ts'
import { openapiOf } from './openapi.ts'

type Operation = {
  readonly operationId: string
  readonly tags: readonly string[]
  readonly parameters: readonly { readonly name?: string; readonly $ref?: string; readonly schema?: object }[]
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: BodySchema }>> }
}
type BodySchema = {
  readonly properties: object
  readonly patternProperties?: object
  readonly required?: readonly string[]
}

// Read back as a program would.
const document = JSON.parse(JSON.stringify(openapiOf(CATALOGUE, UAPI_CATALOGUE, '1.2.3'))) as {
  readonly openapi: string
  readonly info: { readonly version: string }
  readonly tags: readonly { readonly name: string }[]
  readonly paths: Readonly<Record<string, { readonly get: Operation; readonly post: Operation }>>
}
const operations = Object.values(document.paths).flatMap(({ get, post }) => [get, post])

function operation(name: string) {
  const found = document.paths[`/json-api/${name}`]
  assert.ok(found, name)
  return found
}

/** Every `$ref` in the document. */
function refsIn(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) =>
    key === '$ref' && typeof inner === 'string' ? [inner] : refsIn(inner),
  )
}

test('OpenAPI has each function once by GET and once by POST, under names of their own', () => {
  assert.equal(document.openapi, '3.1.0')
  assert.equal(document.info.version, '1.2.3')
  const uapi = UAPI_CATALOGUE.map(({ name }) => `/execute/${name.replace('::', '/')}`)
  assert.deepEqual(Object.keys(document.paths), [...CATALOGUE.map(({ name }) => `/json-api/${name}`), ...uapi])
  const count = (CATALOGUE.length + UAPI_CATALOGUE.length) * 2
  assert.equal(new Set(operations.map(({ operationId }) => operationId)).size, count)
  const tags = document.tags.map(({ name }) => name)
  for (const { tags: used } of operations) assert.ok(used.every((tag) => tags.includes(tag)))
})

test('every reference in OpenAPI leads to a part of the document', () => {
  const refs = refsIn(document)
  assert.ok(refs.length > 0)
  for (const ref of refs) {
    const found = ref
      .replace('#/', '')
      .split('/')
      .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], document)
    assert.ok(found, ref)
  }
})

test('every argument is in the query of GET and in the body of POST', () => {
  for (const { name, params } of CATALOGUE) {
    const { get, post } = operation(name)
    const inQuery = get.parameters.flatMap((parameter) => parameter.name ?? [])
    assert.deepEqual(inQuery, Object.keys(params), name)
    const schema = post.requestBody?.content['application/json']?.schema
    const plain = Object.keys(params).filter((argument) => params[argument]?.kind !== 'privilege flags')
    assert.deepEqual(Object.keys(schema?.properties ?? {}), plain, name)
  }
})

test('switches for privileges are described by the names they are sent under', () => {
  const { get, post } = operation('setacls')
  const pattern = { '^acl-.+$': { type: 'number', enum: [0, 1] } }
  assert.deepEqual(post.requestBody?.content['application/json']?.schema.patternProperties, pattern)
  const schema = get.parameters.find((parameter) => parameter.name === 'acl')?.schema
  assert.deepEqual((schema as { patternProperties?: object } | undefined)?.patternProperties, pattern)
})

test('an argument that must be sent is required, and one that may be absent is not', () => {
  const required = operation('api_token_create').post.requestBody?.content['application/json']?.schema.required
  assert.deepEqual(required, ['token_name'])
})

test('the page of functions has a section for each, and each section its arguments', () => {
  const page = functionsPage(CATALOGUE)
  for (const { name, params } of CATALOGUE) {
    assert.equal(page.split(`\n### ${name}\n`).length, 2, name)
    for (const argument of Object.keys(params)) assert.ok(page.includes(`| \`${argument}\``), `${name} ${argument}`)
  }
})

test('the page of UAPI has a section for each function, with its feature and its arguments', () => {
  const page = uapiPage(UAPI_CATALOGUE)
  for (const { name, params, feature } of UAPI_CATALOGUE) {
    const [, section = '', ...more] = page.split(`\n### ${name}\n`)
    assert.deepEqual(more, [], name)
    assert.ok(section.includes(feature === false ? '- Feature: none' : `- Feature: \`${feature}\``), name)
    for (const argument of Object.keys(params)) assert.ok(section.includes(`| \`${argument}\``), `${name} ${argument}`)
  }
})

test('the page of failures has each code with its status and its whole wording', () => {
  const page = failuresPage()
  for (const code of Object.keys(FAILURES)) assert.ok(page.includes(`| \`${code}\` |`), code)
  assert.ok(page.includes('| `token-name-taken` | 200 | You already have an API token named “{name}”. |'))
  assert.ok(page.includes('{requestId}'))
  assert.ok(!page.includes('undefined'))
})

test('the page of privileges has each privilege, and links to the functions that it opens', () => {
  const page = privilegesPage(CATALOGUE)
  for (const { acl } of PRIVILEGES) assert.equal(page.split(`\n### ${acl}\n`).length, 2, acl)
  assert.ok(page.includes('[`api_token_create`](functions.md#api_token_create)'))
})
