import { Button, Checkbox, Group, Tabs, TextInput } from '@mantine/core'
import { queryOptions, useMutation, useQuery } from '@tanstack/react-query'
import { useEffect, useMemo, useRef, useState } from 'react'
import { callFunction } from '../api.ts'
import { Lines } from '../parts/as-command.tsx'
import { CopyButton } from '../parts/copy-button.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { download } from '../parts/download.ts'
import { PageHead } from '../parts/page-head.tsx'
import { queryClient } from '../queries.ts'
import { guardLeaving } from '../router.tsx'
import { words } from '../words.ts'
import { linesFor } from './use-lines.ts'

export type Revealed = {
  readonly name: string
  readonly user: string
  readonly secret: string
  readonly isRotated: boolean
  /** What the server noted about what was asked for. */
  readonly warnings: readonly string[]
}

const { reveal } = words.tokens

const preferencesQuery = queryOptions({
  queryKey: ['postern_preferences_get'],
  queryFn: async () => (await callFunction<{ readonly hide_secrets: 0 | 1 }>('postern_preferences_get')).data,
})

/** The one time that a secret is shown. It stays until the reader says that it is saved; nothing here runs out. */
export function Reveal({ revealed, onDone }: { readonly revealed: Revealed; readonly onDone: () => void }) {
  const { name, secret, isRotated, warnings } = revealed
  // Never waited for: whatever becomes of the answer, the secret is here. Until it is known that it may be shown, it is covered.
  const hidesAlways = useQuery(preferencesQuery).data?.hide_secrets
  const [chosen, setCovered] = useState<boolean>()
  const isCovered = chosen ?? true
  useEffect(() => {
    if (hidesAlways !== undefined) setCovered((already) => already ?? hidesAlways === 1)
  }, [hidesAlways])
  const [leave, setLeave] = useState<() => void>()
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => guardLeaving((go) => setLeave(() => go)), [])
  return (
    <>
      <PageHead title={isRotated ? reveal.rotatedTitle(name) : reveal.title(name)}>{reveal.once}</PageHead>
      <section className="sheet reveal">
        {warnings.map((warning) => (
          <p key={warning} className="warning">
            {warning}
          </p>
        ))}
        <Group align="flex-end" gap="xs">
          <TextInput
            ref={field}
            className="secret"
            label={reveal.secret}
            type={isCovered ? 'password' : 'text'}
            value={secret}
            readOnly
            autoComplete="off"
            spellCheck={false}
            onFocus={(event) => event.currentTarget.select()}
            onClick={(event) => event.currentTarget.select()}
          />
          <CopyButton field={field} text={secret} label={reveal.copy} announce={reveal.tokenCopied} />
          <Button variant="default" aria-pressed={!isCovered} onClick={() => setCovered(!isCovered)}>
            {reveal.show}
          </Button>
        </Group>
        <HidePreference isOn={hidesAlways === 1} />
        <Group gap="xs" mt="md">
          <Button color="teal.9" onClick={onDone}>
            {reveal.saved}
          </Button>
          <span className="dim">{reveal.lost}</span>
        </Group>
      </section>
      {!isCovered && <Use revealed={revealed} />}
      <TestCall user={revealed.user} secret={secret} />
      {leave !== undefined && <LeaveDialog onStay={() => setLeave(undefined)} onLeave={leave} />}
    </>
  )
}

function HidePreference({ isOn }: { readonly isOn: boolean }) {
  // What was ticked is shown at once, and until the server's answer is there.
  const [wanted, setWanted] = useState<boolean>()
  const change = useMutation({
    mutationFn: (hides: boolean) => callFunction('postern_preferences_set', { hide_secrets: hides ? 1 : 0 }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: preferencesQuery.queryKey }),
  })
  return (
    <Checkbox
      mt="xs"
      size="xs"
      label={reveal.hideAlways}
      checked={wanted ?? isOn}
      onChange={(event) => {
        const hides = event.currentTarget.checked
        setWanted(hides)
        change.mutate(hides, { onSettled: () => setWanted(undefined) })
      }}
    />
  )
}

function Use({ revealed }: { readonly revealed: Revealed }) {
  const { user, secret, name } = revealed
  const lines = useMemo(
    () => linesFor({ origin: window.location.origin, host: window.location.host, user, secret }),
    [user, secret],
  )
  return (
    <section className="sheet reveal">
      <h2>{reveal.use}</h2>
      <Tabs defaultValue="curl" keepMounted={false}>
        <Tabs.List>
          {(['curl', 'php', 'python', 'whmcs'] as const).map((way) => (
            <Tabs.Tab key={way} value={way}>
              {reveal[way]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {(['curl', 'php', 'python', 'whmcs'] as const).map((way) => (
          <Tabs.Panel key={way} value={way}>
            <Lines heading={reveal[way]} text={lines[way]} />
          </Tabs.Panel>
        ))}
      </Tabs>
      <Button size="xs" variant="default" onClick={() => download(`${name}.env`, 'text/plain', lines.env)}>
        {reveal.env}
      </Button>
    </section>
  )
}

/** Asks with the token itself, as its program will: the session's cookie stays out of it. */
async function testCall(user: string, secret: string): Promise<string> {
  const reply = await fetch('/json-api/applist?api.version=1', {
    headers: { authorization: `whm ${user}:${secret}` },
    credentials: 'omit',
    cache: 'no-store',
  }).catch(() => undefined)
  if (reply?.status !== 200) return reply === undefined ? words.errors.unreachable : reveal.testRefused
  const { data } = (await reply.json()) as { readonly data: { readonly app: readonly string[] } }
  return reveal.testGood(data.app.length)
}

function TestCall({ user, secret }: { readonly user: string; readonly secret: string }) {
  const test = useMutation({ mutationFn: () => testCall(user, secret) })
  return (
    <section className="sheet reveal">
      <h2>{reveal.test}</h2>
      <p className="dim">{reveal.testAbout}</p>
      <Group gap="sm">
        <Button variant="default" loading={test.isPending} onClick={() => test.mutate()}>
          {reveal.test}
        </Button>
        <strong role="status">{test.isPending ? reveal.testing : test.data}</strong>
      </Group>
    </section>
  )
}

function LeaveDialog({ onStay, onLeave }: { readonly onStay: () => void; readonly onLeave: () => void }) {
  return (
    <Dialog title={reveal.leaveTitle} onClose={onStay}>
      <p>{reveal.leaveAbout}</p>
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onLeave}>
          {reveal.leave}
        </Button>
        <Button onClick={onStay} data-autofocus>
          {reveal.stay}
        </Button>
      </Group>
    </Dialog>
  )
}
