import { optional, text } from '../../../whm/params.ts'
import { switchOf } from '../../accounts/forms.ts'
import { defineUapiRead } from '../define.ts'
import { type Stat, statsOf } from './stats.ts'

/** What the embedded host does not serve has no row, as with roles that a server does not have. */
export const statsBarGetStats = defineUapiRead({
  module: 'StatsBar',
  function: 'get_stats',
  summary: 'Tell how much of what it may have the account has, and facts about the server.',
  source: 'UAPI, "Return stats bar information"',
  feature: false,
  params: {
    display: text({ doc: 'The names of the rows with “|” between them.', min: 1, max: 2000 }),
    warnings: optional(switchOf({ doc: '1 leaves out rows that are not near their limit.' })),
    warninglevel: optional(
      text({
        doc: 'From how many percent on, 1 to 100, a row is near it; 75 when absent, or “high” as scripts send it.',
        only: /^(?:100|[1-9][0-9]?|high)$/,
        onlyProblem: 'is not a whole number from 1 to 100',
      }),
    ),
    warnout: optional(switchOf({ doc: '0 leaves out of such warnings the rows at 100 percent.' })),
    infinitylang: optional(text({ doc: 'The word for no limit, instead of “∞”.', max: 100 })),
    infinityimg: optional(text({ doc: 'Taken as clients send it; has no effect.', max: 200 })),
    rowcounter: optional(text({ doc: 'even or odd: the kind of the first row.', max: 10 })),
  },
  failures: ['host-failed', 'mysql-failed'],
  async run(context, { display, warnings, warninglevel = 'high', warnout = true, infinitylang, rowcounter }) {
    const level = warninglevel === 'high' ? 75 : Number(warninglevel)
    const wanted = display.split('|')
    const known = await statsOf(context, wanted)
    const names = wanted.filter((name) => Object.hasOwn(known, name))
    const rows = names.flatMap((name) =>
      known[name] === undefined ? [] : [rowOf(name, known[name], level, infinitylang)],
    )
    const shown = warnings
      ? rows.filter((row) => 'is_maxed' in row && row.percent >= level && (warnout || row.percent < 100))
      : rows
    const isOdd = rowcounter === 'odd' ? 1 : 0
    return { data: shown.map((row, index) => ({ ...row, rowtype: (index + isOdd) % 2 === 0 ? 'even' : 'odd' })) }
  },
})

function rowOf(id: string, stat: Stat, warningLevel: number, unlimited = '∞') {
  const { item, module, feature } = stat
  const common = { id, name: id, item, phrase: item, module, ...(feature !== undefined && { feature }) }
  if (!('count' in stat)) return { ...common, value: stat.value, rowtype: '' }
  const { count, max, units, text: textOf } = stat
  const isLimited = max !== undefined
  const percent = isLimited && max > 0 ? Math.min(100, Math.floor((100 * count) / max)) : 0
  const isMaxed = isLimited && count >= max ? 1 : 0
  const stepped = (step: number): number => step * Math.floor(percent / step)
  return {
    ...common,
    _count: String(count),
    count: textOf(count),
    _max: isLimited ? String(max) : 'unlimited',
    max: isLimited ? textOf(max) : unlimited,
    _maxed: isMaxed,
    is_maxed: isMaxed,
    percent,
    percent5: stepped(5),
    percent10: stepped(10),
    percent20: stepped(20),
    units,
    normalized: units === '' ? 0 : 1,
    zeroisunlimited: units === '' ? 0 : 1,
    near_limit_phrase: percent >= warningLevel ? `You use ${percent} % of: ${item}.` : '',
    maxed_phrase: `You have reached the limit of: ${item}.`,
  }
}
