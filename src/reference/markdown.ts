/** The reference for people, as Markdown: functions, failures and privileges from the tables that the server itself uses. No I/O. */
import { PRIVILEGES } from '../acl/catalogue.ts'
import type { Privilege } from '../acl/privilege.ts'
import { FAILURES } from '../failures.ts'
import { type DescribedFunction, privilegesOf, type WhmFunction } from '../functions/define.ts'
import type { UapiFunction } from '../functions/uapi/define.ts'
import type { Param, Params } from '../whm/params.ts'
import type { V0Style } from '../whm/reply.ts'

const MADE = 'Made by `npm run generate` from what the server itself uses: do not edit.'

const OLD_FORM: Readonly<Record<V0Style, string>> = {
  list: 'status and data side by side, `{"status":1,"statusmsg":"Ok",…}`',
  plain: 'the data alone',
  result: '`{"result":[{"status":1,"statusmsg":"…"}]}`',
  passwd: '`{"passwd":[{"status":1,"statusmsg":"…"}]}`',
  bare: 'the data alone, in version 1 too',
  none: 'as in version 1',
}

/** Every function, by group. */
export function functionsPage(catalogue: readonly WhmFunction[]): string {
  return page(
    'Functions',
    `Call a function by \`https://HOST:2087/json-api/NAME?api.version=1\`, GET or POST. Besides the failures named here, every
function can answer those about credentials, privileges, arguments, the request itself and the state of the server; see
[failures](failures.md). \`openapi.json\` beside this page says the same for programs.`,
    groupsOf(catalogue, (definition) => definition.group).flatMap(([group, members]) => [
      `## ${group}`,
      ...members.map(functionSection),
    ]),
  )
}

function functionSection(definition: WhmFunction): string {
  const opening = codes(privilegesOf(definition)).join(' or ')
  const sessions = definition.openToSessions ? ', or any browser session' : ''
  const facts = [
    `- Privilege: ${opening === '' ? 'none, open to every caller' : opening}${sessions}`,
    effectOf(definition),
    ...(definition.failures.length > 0 ? [`- Failures: ${codes(definition.failures).join(', ')}`] : []),
    `- Without \`api.version\`: ${OLD_FORM[definition.v0]}`,
    `- Source: ${definition.source}`,
  ]
  return [`### ${definition.name}`, definition.summary, ...argumentTable(definition), facts.join('\n')].join('\n\n')
}

const EFFECT = {
  read: 'reads',
  write: 'changes, with an entry in the audit trail',
  through: 'calls other functions, each by its own rules',
} as const

function effectOf({ effect }: Pick<WhmFunction | UapiFunction, 'effect'>): string {
  return `- Effect: ${EFFECT[effect]}`
}

/** Every function of UAPI, by module. */
export function uapiPage(catalogue: readonly UapiFunction[]): string {
  return page(
    'UAPI functions',
    `Call a function on an account at \`https://HOST:2083/execute/MODULE/FUNCTION\`, GET or POST, with
\`Authorization: cpanel USER:TOKEN\`, the account's password or a session; or from WHM at \`https://HOST:2087/execute/MODULE/FUNCTION\` with
the privilege \`cpanel-api\`, the account named by \`cpanel.user\` or by a \`domain\` of it. The case of names counts. The reply is flat:
\`{"status":1,"data":…,"errors":null,"messages":null,"warnings":null,"metadata":{}}\`. Lists take the output controls \`api.filter_…\`,
\`api.sort_…\`, \`api.paginate_…\` and \`api.columns_…\`. Besides the failures named here, every function can answer those about
credentials, features, arguments and the state of the server; see [failures](failures.md).`,
    groupsOf(catalogue, (definition) => definition.module).flatMap(([module, members]) => [
      `## ${module}`,
      ...members.map(uapiSection),
    ]),
  )
}

/** Every function of API 2, by module. */
export function api2Page(catalogue: readonly UapiFunction[]): string {
  return page(
    'API 2 functions',
    `API 2 is old; these functions are served because DNS and mail scripts in use call them. Call one on an account at
\`https://HOST:2083/json-api/cpanel?cpanel_jsonapi_apiversion=2&cpanel_jsonapi_module=MODULE&cpanel_jsonapi_func=FUNCTION\` (2 is also what is
meant without a version), or from WHM on port 2087 with the privilege \`cpanel-api\` and the account named by \`cpanel_jsonapi_user\`. The case
of names counts. The reply is \`{"cpanelresult":{"apiversion":2,"module":…,"func":…,"event":{"result":1},"data":[…]}}\`; a failure has
\`error\` and \`event.result\` 0. Besides the failures named here, every function can answer those about credentials, features, arguments and
the state of the server; see [failures](failures.md).`,
    groupsOf(catalogue, (definition) => definition.module).flatMap(([module, members]) => [
      `## ${module}`,
      ...members.map(uapiSection),
    ]),
  )
}

function uapiSection(definition: UapiFunction): string {
  const { feature, failures } = definition
  const facts = [
    `- Feature: ${feature === false ? 'none, open to every account' : `\`${feature}\``}`,
    effectOf(definition),
    ...(failures.length > 0 ? [`- Failures: ${codes(failures).join(', ')}`] : []),
    `- Source: ${definition.source}`,
  ]
  return [`### ${definition.name}`, definition.summary, ...argumentTable(definition), facts.join('\n')].join('\n\n')
}

function argumentTable({ params }: Pick<DescribedFunction<Params>, 'params'>): readonly string[] {
  const declared = Object.entries(params)
  if (declared.length === 0) return []
  const rows = declared.map(([name, param]) =>
    row([nameCell(name, param), param.kind, param.optional ? '' : 'yes', param.doc]),
  )
  return [[row(['Argument', 'Form', 'Required', 'Meaning']), row(['---', '---', '---', '---']), ...rows].join('\n')]
}

function nameCell(name: string, param: Param<unknown>): string {
  return codes([name, ...param.aliases]).join(', ')
}

/** Every failure with its wording, `{name}` standing for what a reply fills in. */
export function failuresPage(): string {
  const rows = Object.entries(FAILURES).map(([code, { http, reason }]) =>
    row([`\`${code}\``, String(http), wordingOf(reason as (details: unknown) => string)]),
  )
  return page(
    'Failures',
    `A function that failed answers HTTP 200 with \`metadata.result\` 0, as WHM does, unless another status stands here. The code is
what the audit trail shows; clients see the wording. \`{…}\` is filled in by the reply, and cut when it is long.`,
    [[row(['Code', 'HTTP', 'Wording']), row(['---', '---', '---']), ...rows].join('\n')],
  )
}

/** Gives the wording details whose every member is its own name in braces. */
function wordingOf(reason: (details: unknown) => string): string {
  return reason(new Proxy({}, { get: (_target, name) => `{${String(name)}}` }))
}

/** Every privilege, by group, with what it opens here. */
export function privilegesPage(catalogue: readonly WhmFunction[]): string {
  return page(
    'Privileges',
    `The privileges of WHM with their names and labels, and what each opens here. A token holds a choice of its owner's privileges
and never more than the owner holds at the moment of the call. \`all\` is root's alone.`,
    groupsOf(PRIVILEGES, (privilege) => privilege.group).flatMap(([group, members]) => [
      `## ${group.replace('/', ': ')}`,
      ...members.map((privilege) => privilegeSection(privilege, catalogue)),
    ]),
  )
}

function privilegeSection(privilege: Privilege, catalogue: readonly WhmFunction[]): string {
  const { acl, label, description, warning, note, danger } = privilege
  const opened = catalogue.filter((definition) => privilegesOf(definition).includes(acl)).map(({ name }) => name)
  const opens =
    acl === 'all' ? 'every function' : opened.map((name) => `[\`${name}\`](functions.md#${name})`).join(', ')
  return [
    `### ${acl}`,
    `**${label}.** ${description}`,
    ...(warning === undefined ? [] : [`${danger === 'escalates' ? '**Warning.**' : '**Mind.**'} ${warning}`]),
    ...(note === undefined ? [] : [note]),
    `Opens: ${opens === '' ? 'nothing that is served here yet' : opens}.`,
  ].join('\n\n')
}

function page(title: string, lead: string, sections: readonly string[]): string {
  return `${[`# ${title}`, `<!-- ${MADE} -->`, lead, ...sections].join('\n\n')}\n`
}

function groupsOf<T>(items: readonly T[], groupOf: (item: T) => string): readonly (readonly [string, readonly T[]])[] {
  return [...Map.groupBy(items, groupOf)]
}

function codes(names: readonly string[]): readonly string[] {
  return names.map((name) => `\`${name}\``)
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`
}
