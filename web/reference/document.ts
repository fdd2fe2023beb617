/** The OpenAPI document of this server, as far as the reference reads it. */
import { queryOptions, useSuspenseQuery } from '@tanstack/react-query'
import { ApiError } from '../api.ts'
import { sessionPath } from '../session.ts'
import { words } from '../words.ts'

export type Schema = {
  readonly type?: string
  readonly format?: string
  readonly description?: string
  readonly enum?: readonly (string | number)[]
  readonly items?: Schema
  readonly patternProperties?: Readonly<Record<string, unknown>>
}

export type Argument = {
  readonly name: string
  readonly description: string
  readonly isRequired: boolean
  readonly schema: Schema
}

export type ApiFunction = {
  readonly name: string
  readonly group: string
  readonly summary: string
  readonly description: string
  readonly arguments: readonly Argument[]
  readonly privileges: readonly string[]
  readonly changes: boolean
  readonly isOpenToSessions: boolean
  readonly failures: readonly string[]
}

type Operation = {
  readonly operationId: string
  readonly tags: readonly string[]
  readonly summary: string
  readonly description: string
  readonly parameters?: readonly {
    readonly name?: string
    readonly description?: string
    readonly required?: boolean
    readonly schema?: Schema
  }[]
  readonly 'x-postern'?: {
    readonly privileges: readonly string[]
    readonly sessions: boolean
    readonly effect: 'read' | 'write'
    readonly failures: readonly string[]
  }
}

type Document = { readonly paths: Readonly<Record<string, { readonly get?: Operation }>> }

export function documentPath(): string {
  return `${sessionPath()}/openapi.json`
}

export const functionsQuery = queryOptions({
  queryKey: ['openapi.json'],
  queryFn: async () => {
    const reply = await fetch(documentPath(), { cache: 'no-store' }).catch(() => {
      throw new ApiError('unreachable', words.errors.unreachable)
    })
    if (reply.status === 401) throw new ApiError('session-ended', words.errors.sessionEnded)
    if (!reply.ok) throw new ApiError('failed', words.errors.status(reply.status))
    return functionsIn((await reply.json()) as Document)
  },
  staleTime: Number.POSITIVE_INFINITY,
})

/** Every function of `/json-api`, in order of their names. */
export function useFunctions(): readonly ApiFunction[] {
  return useSuspenseQuery(functionsQuery).data
}

function functionsIn({ paths }: Document): readonly ApiFunction[] {
  return Object.entries(paths)
    .filter(([path]) => path.startsWith('/json-api/'))
    .flatMap(([, { get }]) => (get === undefined ? [] : [functionOf(get)]))
}

function functionOf(operation: Operation): ApiFunction {
  const more = operation['x-postern']
  return {
    name: operation.operationId,
    group: operation.tags[0] ?? '',
    summary: operation.summary,
    description: operation.description,
    arguments: (operation.parameters ?? []).flatMap(({ name, description = '', required = false, schema = {} }) =>
      name === undefined ? [] : [{ name, description, isRequired: required, schema }],
    ),
    privileges: more?.privileges ?? [],
    changes: more?.effect === 'write',
    isOpenToSessions: more?.sessions === true,
    failures: more?.failures ?? [],
  }
}
