import { Button, Radio, Textarea, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { callFunction } from '../api.ts'
import { AsCommand } from '../parts/as-command.tsx'
import { Trouble } from '../parts/broken.tsx'
import { Confirm } from '../parts/dialog.tsx'
import { Moment } from '../parts/moment.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { sayDone, sayFailed } from '../parts/say.ts'
import { type Done, refreshTokens } from '../tokens/act.ts'
import { UndoBar } from '../watch/undo-bar.tsx'
import { words } from '../words.ts'

const text = words.watch.incident

/** For an incident: freeze and thaw, and the end of everything made since a moment. */
export function IncidentPage() {
  const freezes = useQuery({
    queryKey: ['postern_freeze_list'],
    queryFn: async () =>
      (await callFunction<{ readonly freezes: readonly Freeze[] }>('postern_freeze_list')).data.freezes,
    staleTime: 0,
  })
  const again = async (): Promise<void> => {
    await freezes.refetch()
    await refreshTokens()
  }
  return (
    <>
      <PageHead
        title={text.title}
        actions={
          <AsCommand
            calls={[
              { name: 'postern_freeze', args: { reason: '…' } },
              { name: 'postern_thaw' },
              { name: 'postern_token_revoke_since', args: { since: '…', dry_run: 1 } },
            ]}
          />
        }
      >
        {text.about}
      </PageHead>
      <section className="sheet part">
        <h2>{text.inForce}</h2>
        {freezes.error !== null && <Trouble error={freezes.error} again={() => void freezes.refetch()} />}
        {freezes.data !== undefined && <InForce freezes={freezes.data} onThawed={again} />}
      </section>
      <FreezeForm onFrozen={again} />
      <SinceForm />
    </>
  )
}

type Freeze = {
  readonly freeze_id: string
  readonly user: string | null
  readonly except: readonly string[]
  readonly reason: string
  readonly by: string
  readonly time: number
}

function InForce({
  freezes,
  onThawed,
}: {
  readonly freezes: readonly Freeze[]
  readonly onThawed: () => Promise<void>
}) {
  const thaw = async (id: string): Promise<void> => {
    try {
      await callFunction('postern_thaw', { freeze_id: id })
      sayDone(text.thawed)
      await onThawed()
    } catch (error) {
      sayFailed(error)
    }
  }
  if (freezes.length === 0) return <p className="dim">{text.noneInForce}</p>
  return (
    <ul className="affected">
      {freezes.map((freeze) => (
        <li key={freeze.freeze_id} className="in-force">
          <div>
            <strong>{freeze.user ?? text.everybody}</strong>{' '}
            {freeze.except.length > 0 && <span className="dim">{text.exceptCount(freeze.except.length)}</span>}
            <div className="note">
              {freeze.reason} · {text.by(freeze.by)} · <Moment at={freeze.time} withTime />
            </div>
          </div>
          <Button size="compact-sm" onClick={() => void thaw(freeze.freeze_id)}>
            {text.thaw}
          </Button>
        </li>
      ))}
    </ul>
  )
}

type Effects = { readonly tokens: number; readonly token_names: readonly string[] }

function FreezeForm({ onFrozen }: { readonly onFrozen: () => Promise<void> }) {
  const [who, setWho] = useState<'everybody' | 'user'>('everybody')
  const [user, setUser] = useState('')
  const [except, setExcept] = useState('')
  const [reason, setReason] = useState('')
  const [problem, setProblem] = useState<{ readonly reason?: string; readonly user?: string }>({})
  const [effects, setEffects] = useState<Effects>()
  const args = {
    reason,
    user: who === 'user' ? user.trim() : undefined,
    except: except.split(/\s+/).filter((id) => id !== ''),
  }
  const look = async (): Promise<void> => {
    const missing = {
      ...(reason.trim() === '' && { reason: text.reasonMissing }),
      ...(who === 'user' && user.trim() === '' && { user: text.userMissing }),
    }
    setProblem(missing)
    if (Object.keys(missing).length > 0) return
    try {
      setEffects((await callFunction<Effects>('postern_freeze', { ...args, dry_run: 1 })).data)
    } catch (error) {
      sayFailed(error)
    }
  }
  const carryOut = async (): Promise<void> => {
    const { data } = await callFunction<Effects>('postern_freeze', args)
    sayDone(text.frozen(data.tokens))
    await onFrozen()
  }
  return (
    <Form title={text.freeze} about={text.freezeAbout} onSubmit={look}>
      <Radio.Group label={text.who} value={who} onChange={(value) => setWho(value as typeof who)}>
        <Radio value="everybody" label={text.everybody} mt="xs" />
        <Radio value="user" label={text.oneUser} mt="xs" />
      </Radio.Group>
      {who === 'user' && (
        <TextInput
          label={text.user}
          value={user}
          error={problem.user}
          autoComplete="off"
          onChange={(event) => setUser(event.currentTarget.value)}
        />
      )}
      <Textarea
        label={text.except}
        description={text.exceptHint}
        value={except}
        autosize
        minRows={2}
        spellCheck={false}
        onChange={(event) => setExcept(event.currentTarget.value)}
      />
      <TextInput
        label={text.reason}
        description={text.reasonHint}
        value={reason}
        maxLength={200}
        error={problem.reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      <div>
        <Button type="submit" color="red.8">
          {text.freezeNow}
        </Button>
      </div>
      {effects !== undefined && (
        <Confirm
          title={text.freezeTitle(effects.tokens)}
          confirm={text.freezeNow}
          isDangerous
          onConfirm={carryOut}
          onClose={() => setEffects(undefined)}
        >
          <p>{text.freezeEffects}</p>
          <Names names={effects.token_names} all={effects.tokens} />
        </Confirm>
      )}
    </Form>
  )
}

type Since = {
  readonly count: number
  readonly tokens: readonly { readonly postern_id: string; readonly name: string; readonly owner: string }[]
}

function SinceForm() {
  const [moment, setMoment] = useState('')
  const [reason, setReason] = useState('')
  const [problem, setProblem] = useState<string>()
  const [found, setFound] = useState<Since>()
  const [done, setDone] = useState<Done>()
  const since = Math.floor(new Date(moment).getTime() / 1000)
  const args = { since, reason: reason.trim() === '' ? undefined : reason }
  const look = async (): Promise<void> => {
    setProblem(Number.isNaN(since) ? text.momentMissing : undefined)
    if (Number.isNaN(since)) return
    try {
      const { data } = await callFunction<Since>('postern_token_revoke_since', { ...args, dry_run: 1 })
      if (data.count === 0) sayDone(text.nothingSince)
      else setFound(data)
    } catch (error) {
      sayFailed(error)
    }
  }
  const carryOut = async (): Promise<void> => {
    const { data } = await callFunction<Since>('postern_token_revoke_since', args)
    await refreshTokens()
    setDone({ act: 'revoke', ids: data.tokens.map(({ postern_id }) => postern_id) })
  }
  return (
    <Form title={text.since} about={text.sinceAbout} onSubmit={look}>
      {done !== undefined && (
        <UndoBar
          done={done}
          said={text.revoked(done.ids.length)}
          undone={text.undone(done.ids.length)}
          onUndone={async () => setDone(undefined)}
        />
      )}
      <TextInput
        type="datetime-local"
        step={1}
        label={text.moment}
        description={text.momentHint}
        value={moment}
        error={problem}
        onChange={(event) => setMoment(event.currentTarget.value)}
      />
      <TextInput
        label={text.reason}
        description={text.reasonHint}
        value={reason}
        maxLength={200}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      <div>
        <Button type="submit" variant="default">
          {text.look}
        </Button>
      </div>
      {found !== undefined && (
        <Confirm
          title={text.wouldEnd(found.count)}
          confirm={text.revoke}
          isDangerous
          onConfirm={carryOut}
          onClose={() => setFound(undefined)}
        >
          <Names names={found.tokens.map(({ owner, name }) => `${owner}: ${name}`)} all={found.count} />
        </Confirm>
      )}
    </Form>
  )
}

type FormProps = {
  readonly title: string
  readonly about: string
  readonly onSubmit: () => Promise<void>
  readonly children: ReactNode
}

function Form({ title, about, onSubmit, children }: FormProps) {
  return (
    <form
      className="sheet part fields watch-form"
      noValidate
      aria-label={title}
      onSubmit={(event) => {
        event.preventDefault()
        // A dialog inside has a form of its own, whose events come up here.
        if (event.target === event.currentTarget) void onSubmit()
      }}
    >
      <h2>{title}</h2>
      <p className="dim">{about}</p>
      {children}
    </form>
  )
}

const LISTED = 50

function Names({ names, all }: { readonly names: readonly string[]; readonly all: number }) {
  const shown = names.slice(0, LISTED)
  return (
    <ul className="affected">
      {shown.map((name) => (
        <li key={name}>{name}</li>
      ))}
      {all > shown.length && <li className="dim">{text.more(all - shown.length)}</li>}
    </ul>
  )
}
