/** The catalogue as OpenAPI 3.1: each function by GET and by POST, its arguments as their own schemas tell them. No I/O. */
import { z } from 'zod'
import { privilegesOf, type WhmFunction } from '../functions/define.ts'
import type { UapiFunction } from '../functions/uapi/define.ts'
import type { Param, Params } from '../whm/params.ts'

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

const LINES = { type: ['array', 'null'], items: TEXT }

const FLAT = {
  description: 'The reply of UAPI.',
  type: 'object',
  required: ['status', 'data', 'errors', 'messages', 'warnings', 'metadata'],
  properties: {
    status: { description: '1: done. 0: failed, and `errors` says why.', type: 'integer', enum: [0, 1] },
    data: { description: 'What the function answers; null when it failed.' },
    errors: LINES,
    messages: LINES,
    warnings: LINES,
    metadata: { type: 'object' },
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
    accountToken: {
      type: 'apiKey',
      in: 'header',
      name: 'Authorization',
      description: '`cpanel USER:TOKEN`, where the token belongs to that account.',
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
  schemas: { Reply: ENVELOPE, UapiReply: FLAT, Denied: DENIED },
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
export function openapiOf(catalogue: readonly WhmFunction[], uapi: readonly UapiFunction[], version: string): Json {
  const groups = [...new Set([...catalogue.map(({ group }) => group), ...uapi.map(uapiTag)])].sort()
  return {
    openapi: '3.1.0',
    info: {
      title: 'Postern',
      version,
      summary: 'The functions that Postern serves, compatible with WHM API 1 and UAPI.',
      description:
        'A function that fails answers 200 with `metadata.result` 0. Lists take the output controls `api.filter.…`, `api.sort.…`, `api.chunk.…` and `api.columns.…`.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [serverAt('2087')],
    security: [{ token: [] }, { password: [] }, { session: [] }],
    tags: groups.map((name) => ({ name, description: `Functions: ${functionsIn(catalogue, uapi, name)}.` })),
    paths: Object.fromEntries([
      ...catalogue.map((definition) => [`/json-api/${definition.name}`, pathOf(definition)]),
      ...uapi.map((definition) => [`/execute/${definition.module}/${definition.function}`, uapiPathOf(definition)]),
    ]),
    components: COMPONENTS,
  }
}

function functionsIn(catalogue: readonly WhmFunction[], uapi: readonly UapiFunction[], group: string): string {
  const members = [
    ...catalogue.filter((definition) => definition.group === group),
    ...uapi.filter((definition) => uapiTag(definition) === group),
  ]
  return members.map(({ name }) => `\`${name}\``).join(', ')
}

function serverAt(port: string): Json {
  return { url: 'https://{host}:{port}', variables: { host: { default: 'localhost' }, port: { default: port } } }
}

function pathOf(definition: WhmFunction): Json {
  const about = {
    tags: [definition.group],
    summary: definition.summary,
    description: descriptionOf(privilegeSentence(definition), definition),
    'x-postern': {
      privileges: privilegesOf(definition),
      sessions: definition.openToSessions === true,
      effect: definition.effect,
      failures: definition.failures,
    },
  }
  const answers = `What ${definition.name} answers: \`metadata.result\` 1 with its data, or 0 with the reason in words.`
  const responses = responsesOf(answers, definition.v0 === 'bare' ? BARE : replies('Reply'))
  const apiVersion = { $ref: '#/components/parameters/apiVersion' }
  return operationsOf(definition.name, definition.params, [apiVersion], about, { responses })
}

/** At the cPanel service; the server is the other port. */
function uapiPathOf(definition: UapiFunction): Json {
  const { module, name, feature, summary, effect, failures } = definition
  const opened = feature === false ? 'Open to every account.' : `Needs the feature \`${feature}\`.`
  const about = {
    tags: [uapiTag(definition)],
    summary,
    description: descriptionOf(opened, definition),
    'x-postern': { feature, effect, failures },
  }
  const answers = `What ${name} answers: \`status\` 1 with its data, or 0 with the reasons in \`errors\`.`
  const responses = responsesOf(answers, replies('UapiReply'))
  const security = [{ accountToken: [] }, { password: [] }]
  const id = `${module}_${definition.function}`
  return {
    ...operationsOf(id, definition.params, [], about, { responses, security }),
    servers: [serverAt('2083')],
  }
}

const EFFECT = {
  read: 'Changes nothing.',
  write: 'A change: the audit trail gets an entry in the same transaction.',
  through: 'Calls other functions, each by its own rules.',
} as const

/** What it needs, what it changes, and how it can fail, each in a sentence. */
function descriptionOf(opened: string, { effect, failures, source }: WhmFunction | UapiFunction): string {
  const changes = EFFECT[effect]
  const fails = failures.map((code) => `\`${code}\``).join(', ')
  return [opened, changes, ...(fails === '' ? [] : [`Can fail with ${fails}.`]), `Source: ${source}.`].join(' ')
}

function uapiTag({ module }: UapiFunction): string {
  return `UAPI ${module}`
}

function operationsOf(id: string, params: Params, always: readonly Json[], about: Json, after: Json): Json {
  const declared = Object.entries(params)
  const inQuery = [...always, ...declared.map(([name, param]) => queryParameter(name, param))]
  const body = declared.length > 0 && { requestBody: bodyOf(declared) }
  return {
    get: { operationId: id, ...about, parameters: inQuery, ...after },
    post: { operationId: `${id}_post`, ...about, parameters: always, ...body, ...after },
  }
}

const BARE = { 'application/json': { schema: { type: 'object', description: 'The data without an envelope.' } } }

function responsesOf(description: string, content: Json): Json {
  return {
    200: { description, content },
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
