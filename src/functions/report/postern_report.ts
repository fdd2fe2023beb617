import { optional, text } from '../../whm/params.ts'
import { defineRead } from '../define.ts'
import { seconds, statusOf } from '../tokens/forms.ts'
import { FINDINGS, type Finding, type FindingName } from './findings.ts'
import { makeReport } from './report.ts'

/** What to do about it is a call of its own: pause or revoke by id, each of which can be taken back. */
export const posternReport = defineRead({
  name: 'postern_report',
  group: 'API tokens',
  summary:
    'Report tokens that nobody uses, that can do more than they need, or that nothing limits: all for root, your own otherwise.',
  source: 'Postern',
  acl: 'manage-api-tokens',
  params: { owner: optional(text({ doc: 'Tokens of this user. Absent: all that you may see.', min: 1, max: 100 })) },
  failures: [],
  v0: 'none',
  async run({ caller, now, stores, services, catalogue }, { owner }) {
    const { expiresSoonSeconds } = services.facts
    await services.flushUsage()
    const report = await makeReport(stores, caller, owner, catalogue, { now, expiresSoonSeconds })
    // The keys are the type's.
    const names = Object.keys(FINDINGS) as FindingName[]
    const findings = names.map((finding) => {
      const found = report.findings.filter((one) => one.finding === finding)
      return { finding, ...FINDINGS[finding], count: found.length, tokens: found.map((one) => facts(one, now)) }
    })
    return { data: { tokens: report.tokens.length, time: seconds(now), findings } }

    function facts({ watched: { token, owner: whose, usage }, privileges }: Finding, at: Date) {
      return {
        postern_id: token.id,
        name: token.name,
        owner: whose.user,
        postern_status: statusOf(token, at, expiresSoonSeconds),
        create_time: seconds(token.createdAt),
        postern_last_used: usage === undefined ? null : seconds(usage.lastUsedAt),
        postern_last_used_from: usage?.lastUsedAddress ?? null,
        privileges,
      }
    }
  },
})
