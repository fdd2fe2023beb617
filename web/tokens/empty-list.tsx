import { Link } from '../router.tsx'
import { words } from '../words.ts'
import { TEMPLATES } from './templates.ts'

const SHOWN = ['whmcs', 'dns01', 'monitoring']

/** What a token is, in one sentence, and where to start. */
export function EmptyList() {
  const { empty } = words.tokens
  return (
    <section className="sheet empty">
      <h2>{empty.title}</h2>
      <p>{empty.about}</p>
      <ul className="cards">
        {TEMPLATES.filter(({ id }) => SHOWN.includes(id)).map(({ id }) => (
          <li key={id}>
            <Link to={`/tokens/new?template=${id}`}>
              <strong>{words.templates[id].label}</strong>
              <span>{words.templates[id].about}</span>
            </Link>
          </li>
        ))}
      </ul>
      <Link to="/tokens/new">{empty.custom}</Link>
    </section>
  )
}
