/** The catalogue as OpenAPI 3.1: each function by GET and by POST, its arguments as their own schemas tell them. No I/O. */
import { z } from 'zod'
import { privilegesOf, type WhmFunction } from '../functions/define.ts'
import type { Param } from '../whm/params.ts'

type Json = { readonly [key: string]: unknown }

const TEXT = { type: 'string' }

const ENVELOPE = {
  description: 'The reply of WHM API 1.',
  type: 'object',
  required: ['data', 'metadata'],
  properties: {
    data: { description: 'What the function answers; null when it failed.' },
    metadata: {
      type: 'object',
      required: ['version', 'command', 'result', 'reason'],
      properties: {
        version: { type: 'integer', const: 1 },
        command: TEXT,
        result: { description: '1: done. 0: failed, and `reason` says why.', type: 'integer', enum: [0, 1] },
        reason: TEXT,
        output: { description: 'Log text, warnings and messages.', type: 'object' },
        chunk: { description: 'Which part of the list this is.', type: 'object' },
        filter: { description: 'How many records there were before the filter.', type: 'object' },
      },
    },
  },
} as const

const DENIED = {
  description: 'The body of a refused credential, the same for every cause.',
  type: 'object',
  required: ['cpanelresult'],
  properties: { cpanelresult: { type: 'object', required: ['error'], properties: { error: TEXT } } },
} as const

const replies = (schema: string) => ({ 'application/json': { schema: { $ref: `#/components/schemas/${schema}` } } })

const COMPONENTS = {
  securitySchemes: {
    token: {
      type: 'apiKey',
      in: 'header',
      name: 'Authorization',
      description: '`whm USER:TOKEN`, where the token belongs to that user.',
    },
    password: { type: 'http', scheme: 'basic', description: 'User name and password.' },
    session: {
      type: 'apiKey',
      in: 'cookie',
      name: 'whostmgrsession',
      description:
        'The cookie of a browser session. The path then begins with `/cpsess##########`, which the sign-in answers as `security_token`.',
    },
  },
  parameters: {
    apiVersion: {
      name: 'api.version',
      in: 'query',
      description: '1 for the replies described here; absent or 0, older functions answer in the form of WHM API 0.',
      schema: { type: 'integer', minimum: 0, default: 0 },
      example: 1,
    },
  },
  schemas: { Reply: ENVELOPE, Denied: DENIED },
  responses: {
    malformed: { description: 'The request cannot be read.', content: replies('Reply') },
    noCredentials: { description: 'No credentials were sent.', content: replies('Denied') },
    denied: {
      description: 'The credential was refused, or the caller lacks the privilege.',
      content: {
        'text/plain': { schema: { $ref: '#/components/schemas/Denied' } },
        ...replies('Reply'),
      },
    },
    unavailable: { description: 'The server cannot do this at the moment.', content: replies('Reply') },
  },
} as const

/** The whole document; the same catalogue gives the same bytes. */
export function openapiOf(catalogue: readonly WhmFunction[], version: string): Json {
  const groups = [...new Set(catalogue.map((definition) => definition.group))].sort()
  return {
    openapi: '3.1.0',
    info: {
      title: 'Postern',
      version,
      summary: 'The functions that Postern serves, compatible with WHM API 1.',
      description:
        'A function that fails answers 200 with `metadata.result` 0. Lists take the output controls `api.filter.…`, `api.sort.…`, `api.chunk.…` and `api.columns.…`.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [
      {
        url: 'https://{host}:{port}',
        variables: { host: { default: 'localhost' }, port: { default: '2087' } },
      },
    ],
    security: [{ token: [] }, { password: [] }, { session: [] }],
    tags: groups.map((name) => ({ name, description: `Functions: ${functionsIn(catalogue, name)}.` })),
    paths: Object.fromEntries(catalogue.map((definition) => [`/json-api/${definition.name}`, pathOf(definition)])),
    components: COMPONENTS,
  }
}

function functionsIn(catalogue: readonly WhmFunction[], group: string): string {
  const members = catalogue.filter((definition) => definition.group === group)
  return members.map(({ name }) => `\`${name}\``).join(', ')
}

function pathOf(definition: WhmFunction): Json {
  const declared = Object.entries(definition.params)
  const common = {
    tags: [definition.group],
    summary: definition.summary,
    description: descriptionOf(definition),
    'x-postern': {
      privileges: privilegesOf(definition),
      sessions: definition.openToSessions === true,
      effect: definition.effect,
      failures: definition.failures,
    },
  }
  const apiVersion = { $ref: '#/components/parameters/apiVersion' }
  const responses = responsesOf(definition)
  return {
    get: {
      operationId: definition.name,
      ...common,
      parameters: [apiVersion, ...declared.map(([name, param]) => queryParameter(name, param))],
      responses,
    },
    post: {
      operationId: `${definition.name}_post`,
      ...common,
      parameters: [apiVersion],
      ...(declared.length > 0 && { requestBody: bodyOf(declared) }),
      responses,
    },
  }
}

/** What it needs, what it changes, and how it can fail, each in a sentence. */
function descriptionOf(definition: WhmFunction): string {
  const { effect, failures, source } = definition
  const changes =
    effect === 'read' ? 'Changes nothing.' : 'A change: the audit trail gets an entry in the same transaction.'
  const fails = failures.map((code) => `\`${code}\``).join(', ')
  return [
    privilegeSentence(definition),
    changes,
    ...(fails === '' ? [] : [`Can fail with ${fails}.`]),
    `Source: ${source}.`,
  ].join(' ')
}

function responsesOf({ name, v0 }: WhmFunction): Json {
  const bare = { 'application/json': { schema: { type: 'object', description: 'The data without an envelope.' } } }
  const description = `What ${name} answers: \`metadata.result\` 1 with its data, or 0 with the reason in words.`
  return {
    200: { description, content: v0 === 'bare' ? bare : replies('Reply') },
    400: { $ref: '#/components/responses/malformed' },
    401: { $ref: '#/components/responses/noCredentials' },
    403: { $ref: '#/components/responses/denied' },
    503: { $ref: '#/components/responses/unavailable' },
  }
}

function queryParameter(name: string, param: Param<unknown>): Json {
  return {
    name,
    in: 'query',
    description: describe(param) + (param.secret ? ' Send it by POST: a query string may be logged on its way.' : ''),
    required: !param.optional,
    ...(param.multiple && { style: 'form', explode: true }),
    schema: isFlags(param) ? flagsSchema(name, param) : schemaOf(param),
  }
}

function bodyOf(declared: readonly (readonly [string, Param<unknown>])[]): Json {
  const required = declared.filter(([, param]) => !param.optional).map(([name]) => name)
  const plain = declared.filter(([, param]) => !isFlags(param))
  const flags = declared.filter(([, param]) => isFlags(param))
  const schema = {
    type: 'object',
    ...(required.length > 0 && { required }),
    properties: Object.fromEntries(plain.map(([name, param]) => [name, schemaOf(param)])),
    ...(flags.length > 0 && {
      patternProperties: Object.assign({}, ...flags.map(([name, param]) => flagsPattern(name, param))),
    }),
  }
  const content = { 'application/x-www-form-urlencoded': { schema }, 'application/json': { schema } }
  return { required: required.length > 0, content }
}

/** Switches named `acl-NAME`: the one form whose arguments are not called what the parameter is called. */
function isFlags(param: Param<unknown>): boolean {
  return param.kind === 'privilege flags'
}

function flagsSchema(name: string, param: Param<unknown>): Json {
  return { type: 'object', patternProperties: flagsPattern(name, param), additionalProperties: false }
}

function flagsPattern(name: string, param: Param<unknown>): Json {
  const { additionalProperties } = schemaOf(param)
  return { [`^${name}-.+$`]: additionalProperties }
}

function schemaOf(param: Param<unknown>): Json {
  const { $schema: _, ...schema } = z.toJSONSchema(param.schema)
  return { ...schema, description: describe(param), ...(param.secret && { format: 'password', writeOnly: true }) }
}

function describe({ doc, aliases }: Param<unknown>): string {
  return aliases.length === 0 ? doc : `${doc} May also be sent as ${aliases.map((name) => `\`${name}\``).join(', ')}.`
}

function privilegeSentence(definition: WhmFunction): string {
  const opening = privilegesOf(definition)
  if (opening.length === 0) return 'Open to every caller.'
  const sessions = definition.openToSessions ? ', or a browser session' : ''
  return `Needs the privilege ${opening.map((acl) => `\`${acl}\``).join(' or ')}${sessions}.`
}
