import { Moment } from '../parts/moment.tsx'
import type { Privilege } from '../tokens/privileges.ts'
import { words } from '../words.ts'
import type { Preview } from './reseller.ts'

const text = words.resellers

type Props = { readonly preview: Preview; readonly privileges: readonly Privilege[] }

/** What saving gives and takes, and which API tokens can do less from that moment on. */
export function PreviewPanel({ preview: { added, removed, tokens }, privileges }: Props) {
  const labelOf = (acl: string): string => privileges.find((privilege) => privilege.acl === acl)?.label ?? acl
  return (
    <section className="sheet part" aria-live="polite">
      <h2>{text.preview}</h2>
      {added.length === 0 && removed.length === 0 ? (
        <p className="dim flat">{text.noChange}</p>
      ) : (
        <>
          <ul className="changes">
            {added.map((acl) => (
              <li key={acl} data-change="add">
                {text.added}: {labelOf(acl)} <code>{acl}</code>
              </li>
            ))}
            {removed.map((acl) => (
              <li key={acl} data-change="remove">
                {text.removed}: {labelOf(acl)} <code>{acl}</code>
              </li>
            ))}
          </ul>
          {tokens.length === 0 ? (
            <p className="dim flat">{text.noneNarrowed}</p>
          ) : (
            <>
              <p className="warning">{text.narrowed(tokens.length)}</p>
              <ul className="affected">
                {tokens.map((token) => (
                  <li key={token.id}>
                    <strong>{token.name}</strong> {text.loses(token.loses.map(labelOf).join(', '))}
                    {token.keeps === 0 && <>; {text.keepsNothing}</>}
                    <div className="note">
                      {token.last_used_at === null ? (
                        text.neverUsed
                      ) : (
                        <>
                          {text.lastUsed} <Moment at={token.last_used_at} />
                        </>
                      )}
                    </div>
                  </li>
                ))}
              </ul>
            </>
          )}
        </>
      )}
    </section>
  )
}
