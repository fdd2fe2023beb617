import { Alert } from '@mantine/core'
import { useState } from 'react'
import { callConfirmed } from '../api.ts'
import type { Reads } from '../pages.ts'
import { PageHead } from '../parts/page-head.tsx'
import { queryClient, useWhoami } from '../queries.ts'
import { navigate, useQueryText } from '../router.tsx'
import { refreshTokens } from '../tokens/act.ts'
import { createArguments, type Draft, EMPTY_DRAFT } from '../tokens/draft.ts'
import { inDays } from '../tokens/expiry-field.tsx'
import { type Checked, TokenForm } from '../tokens/form.tsx'
import { type Privilege, privilegesQuery, usePrivileges } from '../tokens/privileges.ts'
import { Reveal, type Revealed } from '../tokens/reveal.tsx'
import { Review, Summary, stepToReview, useReviewStep } from '../tokens/review.tsx'
import { type Prefill, prefillOf, TEMPLATES, type Template } from '../tokens/templates.ts'
import { tokensQuery, useTokens } from '../tokens/token.ts'
import { words } from '../words.ts'

const { form, reviewPage } = words.tokens

export const reads: Reads = () => [
  queryClient.ensureQueryData(tokensQuery),
  queryClient.ensureQueryData(privilegesQuery),
]

/** Generate Token: form, review, and the one time that the secret is shown. */
export function TokenNewPage() {
  const who = useWhoami()
  const privileges = usePrivileges()
  const tokens = useTokens()
  const [prefill] = useState(usePrefill())
  const [draft, setDraft] = useState<Draft>(() => filled(EMPTY_DRAFT, prefill, privileges, who.server))
  const [checked, setChecked] = useState<Checked>()
  const [revealed, setRevealed] = useState<Revealed>()
  const isReviewed = useReviewStep()
  const change = (next: Draft): void => {
    setDraft(next)
    setChecked(undefined)
  }
  if (revealed !== undefined) {
    const leave = (): void => {
      setRevealed(undefined)
      // Once the guard of the panel is gone.
      setTimeout(() => navigate('/tokens', { replaces: true }))
    }
    return <Reveal revealed={revealed} onDone={leave} />
  }
  if (checked !== undefined && isReviewed) {
    const args = createArguments(checked.draft, checked.expiresAt)
    const make = async (): Promise<void> => {
      const { data, warnings } = await callConfirmed<{ readonly token: string }>('api_token_create', args)
      setRevealed({ name: checked.draft.name, user: who.user, secret: data.token, isRotated: false, warnings })
      await refreshTokens()
    }
    return (
      <Review
        title={reviewPage.title}
        submit={reviewPage.generate}
        call={{ name: 'api_token_create', args }}
        onSubmit={make}
      >
        <Summary checked={checked} privileges={privileges} />
      </Review>
    )
  }
  return (
    <>
      <PageHead title={form.newTitle}>{words.tokens.about}</PageHead>
      <TokenForm
        draft={draft}
        onChange={change}
        privileges={privileges}
        taken={tokens.filter(({ owner }) => owner === who.user).map(({ name }) => name)}
        lastUsedFrom=""
        onChecked={(found) => {
          setChecked(found)
          stepToReview()
        }}
      >
        {prefill !== undefined && <PrefillNotice prefill={prefill} />}
        <Templates
          draft={draft}
          privileges={privileges}
          onChoose={(template) => change(withTemplate(draft, template, privileges, who.server))}
          onCustom={() => change({ ...draft, privileges: new Set(), isEverything: false })}
        />
      </TokenForm>
    </>
  )
}

function usePrefill(): Prefill | undefined {
  return prefillOf(useQueryText())
}

type Server = { readonly now: number; readonly timezone: string }

/** What a link asked for, before the form checks it. */
function filled(draft: Draft, prefill: Prefill | undefined, privileges: readonly Privilege[], server: Server): Draft {
  if (prefill === undefined) return draft
  const base = prefill.template === undefined ? draft : withTemplate(draft, prefill.template, privileges, server)
  return {
    ...base,
    name: prefill.name ?? base.name,
    note: prefill.note ?? base.note,
    ips: prefill.ips ?? base.ips,
    expiry:
      prefill.days === undefined ? base.expiry : { kind: 'date', date: inDays(prefill.days, server), time: undefined },
  }
}

function withTemplate(draft: Draft, template: Template, privileges: readonly Privilege[], server: Server): Draft {
  const fromTemplate = TEMPLATES.some(({ name }) => name === draft.name)
  return {
    ...draft,
    name: draft.name === '' || fromTemplate ? template.name : draft.name,
    privileges: new Set(givable(template, privileges)),
    isEverything: false,
    expiry:
      template.days === undefined
        ? draft.expiry
        : { kind: 'date', date: inDays(template.days, server), time: undefined },
  }
}

function givable({ privileges: wanted }: Template, privileges: readonly Privilege[]): readonly string[] {
  return wanted.filter((acl) => privileges.some((privilege) => privilege.acl === acl && privilege.may_give === 1))
}

/** Says where the values came from, when they are not the reader's own. */
function PrefillNotice({ prefill }: { readonly prefill: Prefill }) {
  const host = foreignReferrer()
  return (
    <Alert mb="md" variant="light" color="yellow" className="prefill">
      {host === undefined ? form.byLink : form.byLinkFrom(host)}
      {prefill.unknownTemplate !== undefined && <div>{form.unknownTemplate(prefill.unknownTemplate)}</div>}
    </Alert>
  )
}

function foreignReferrer(): string | undefined {
  if (!URL.canParse(document.referrer)) return undefined
  const { host } = new URL(document.referrer)
  return host === window.location.host ? undefined : host
}

type TemplatesProps = {
  readonly draft: Draft
  readonly privileges: readonly Privilege[]
  readonly onChoose: (template: Template) => void
  readonly onCustom: () => void
}

function Templates({ draft, privileges, onChoose, onCustom }: TemplatesProps) {
  const chosen = TEMPLATES.find((template) => {
    const wanted = givable(template, privileges)
    return (
      wanted.length > 0 && wanted.length === draft.privileges.size && wanted.every((acl) => draft.privileges.has(acl))
    )
  })
  const named = TEMPLATES.find((template) => template.name === draft.name && template === sameAs(template, chosen))
  const shown = named ?? chosen
  const left = shown === undefined ? 0 : shown.privileges.length - givable(shown, privileges).length
  return (
    <section className="sheet part" aria-labelledby="templates">
      <h2 id="templates">{form.startFrom}</h2>
      <div className="templates">
        {TEMPLATES.map((template) => (
          <button key={template.id} type="button" aria-pressed={template === shown} onClick={() => onChoose(template)}>
            <strong>{words.templates[template.id].label}</strong>
            <span>{words.templates[template.id].about}</span>
          </button>
        ))}
        <button type="button" aria-pressed={shown === undefined && draft.privileges.size > 0} onClick={onCustom}>
          <strong>{form.custom}</strong>
          <span>{form.customAbout}</span>
        </button>
      </div>
      {left > 0 && <p className="warning">{form.templateParts(left)}</p>}
    </section>
  )
}

/** Two templates can hold the same privileges; the name tells which of them was meant. */
function sameAs(template: Template, chosen: Template | undefined): Template | undefined {
  return chosen?.privileges.join() === template.privileges.join() ? template : chosen
}
