import { dateOnly } from '../moments.ts'
import { words } from '../words.ts'
import { type Point, USAGE_DAYS } from './usage.ts'

const text = words.watch.usage
const DAY = 86_400
const [WIDTH, HEIGHT, GAP] = [600, 96, 3]

/** A bar a day, refusals in a colour and pattern of their own on top; the same as a table for whoever does not see it. */
export function CallsChart({ series }: { readonly series: readonly Point[] }) {
  const days = lastDays(series)
  const most = Math.max(1, ...days.map(({ calls, refused }) => calls + refused))
  const [calls, refused] = [sum(days.map((day) => day.calls)), sum(days.map((day) => day.refused))]
  const width = WIDTH / days.length
  const heightOf = (number: number): number => (number === 0 ? 0 : Math.max(2, (number / most) * HEIGHT))
  if (calls + refused === 0) return <p className="dim">{text.noCalls}</p>
  return (
    <>
      <svg
        className="calls-chart"
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={text.overTimeOf(calls, refused, USAGE_DAYS)}
      >
        {days.map((day, index) => {
          const [low, high] = [heightOf(day.calls), heightOf(day.refused)]
          const x = index * width
          return (
            <g key={day.time}>
              <rect className="bar-calls" x={x} y={HEIGHT - low} width={width - GAP} height={low} />
              <rect className="bar-refused" x={x} y={HEIGHT - low - high} width={width - GAP} height={high} />
            </g>
          )
        })}
      </svg>
      <p className="legend dim">
        <span className="key-calls" aria-hidden="true" /> {text.calls}: {calls}{' '}
        <span className="key-refused" aria-hidden="true" /> {text.refused}: {refused}
      </p>
      <details>
        <summary>{text.asTable}</summary>
        <table className="figures">
          <thead>
            <tr>
              <th>{text.day}</th>
              <th>{text.calls}</th>
              <th>{text.refused}</th>
            </tr>
          </thead>
          <tbody>
            {series.map((point) => (
              <tr key={point.time}>
                <th scope="row">{dateOnly(point.time, 'UTC')}</th>
                <td>{point.calls}</td>
                <td>{point.refused}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </>
  )
}

/** Days without calls are not in the series, but are part of the picture. */
function lastDays(series: readonly Point[]): readonly Point[] {
  const today = Math.floor(Date.now() / 1000 / DAY) * DAY
  return Array.from({ length: USAGE_DAYS + 1 }, (_, index) => {
    const time = today - (USAGE_DAYS - index) * DAY
    return series.find((point) => point.time === time) ?? { time, calls: 0, refused: 0 }
  })
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
