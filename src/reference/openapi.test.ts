import assert from 'node:assert/strict'
import { test } from 'node:test'
import parser from '@apidevtools/swagger-parser'
import { CATALOGUE } from '../functions/catalogue.ts'
import { UAPI_CATALOGUE } from '../functions/uapi/catalogue.ts'
import { openapiOf } from './openapi.ts'

/** A copy as a client reads it; the validator writes into what it is given. */
const documentRead = () => JSON.parse(JSON.stringify(openapiOf(CATALOGUE, UAPI_CATALOGUE, '1.2.3')))

test('the OpenAPI document is valid, judged by a validator that is not ours', async () => {
  const valid = await parser.validate(documentRead())
  assert.equal(Object.keys(valid.paths ?? {}).length, CATALOGUE.length + UAPI_CATALOGUE.length)
  const broken = documentRead()
  broken.paths['/json-api/version'].get.responses = 'none'
  await assert.rejects(parser.validate(broken))
})
