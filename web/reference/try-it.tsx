import { Button, Group } from '@mantine/core'
import { useState } from 'react'
import { type Arguments, formOf } from '../api.ts'
import { AsCommand } from '../parts/as-command.tsx'
import { Confirm } from '../parts/dialog.tsx'
import { sessionPath } from '../session.ts'
import { words } from '../words.ts'
import { ArgumentField, argumentsFrom, withoutSecrets } from './argument-field.tsx'
import type { ApiFunction } from './document.ts'

const text = words.reference
const SHOWN_MAX = 20_000

type Reply = { readonly status: number; readonly tookMs: number; readonly body: string }

/** A form of the function's arguments, and the reply as it came. What changes something is asked for once more. */
export function TryIt({ definition }: { readonly definition: ApiFunction }) {
  const [values, setValues] = useState<Readonly<Record<string, string>>>({})
  const [reply, setReply] = useState<Reply>()
  const [isAsking, setAsking] = useState(false)
  const [isBusy, setBusy] = useState(false)
  const args = argumentsFrom(definition.arguments, values)
  const call = async (): Promise<void> => {
    setBusy(true)
    setReply(await callRaw(definition.name, args))
    setBusy(false)
  }
  return (
    <section className="sheet part">
      <h2>{text.tryIt}</h2>
      <p className="dim">{text.tryAbout}</p>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (definition.changes) setAsking(true)
          else void call()
        }}
      >
        <div className="fields">
          {definition.arguments.map((argument) => (
            <ArgumentField
              key={argument.name}
              argument={argument}
              value={values[argument.name] ?? ''}
              onChange={(value) => setValues((before) => ({ ...before, [argument.name]: value }))}
            />
          ))}
          {definition.arguments.length === 0 && <p className="dim flat">{text.noArguments}</p>}
        </div>
        <Group mt="md" gap="xs">
          <Button type="submit" loading={isBusy}>
            {text.call}
          </Button>
          <AsCommand calls={[{ name: definition.name, args: withoutSecrets(definition.arguments, args) }]} />
        </Group>
      </form>
      <div role="status">{reply !== undefined && <ReplyShown reply={reply} />}</div>
      {isAsking && (
        <Confirm
          title={text.confirmTitle(definition.name)}
          confirm={text.confirm}
          isDangerous
          onConfirm={call}
          onClose={() => setAsking(false)}
        >
          <p>{text.confirmAbout}</p>
        </Confirm>
      )}
    </section>
  )
}

function ReplyShown({ reply: { status, tookMs, body } }: { readonly reply: Reply }) {
  const shown = pretty(body)
  return (
    <div className="lines">
      <h3>
        {text.reply} <span className="dim">{text.replied(status, tookMs)}</span>
      </h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways has to be reached by keyboard */}
      <pre tabIndex={0}>{shown.slice(0, SHOWN_MAX)}</pre>
      {shown.length > SHOWN_MAX && <p className="dim">{text.cut(SHOWN_MAX)}</p>}
    </div>
  )
}

function pretty(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2)
  } catch {
    return body
  }
}

/** The reply whatever it says, since whoever tries a call wants to see it as a program would. */
async function callRaw(name: string, args: Arguments): Promise<Reply> {
  const startedMs = performance.now()
  try {
    const reply = await fetch(`${sessionPath()}/json-api/${name}`, {
      method: 'POST',
      body: formOf(args),
      cache: 'no-store',
      redirect: 'error',
    })
    const body = await reply.text()
    return { status: reply.status, tookMs: Math.round(performance.now() - startedMs), body }
  } catch {
    return { status: 0, tookMs: Math.round(performance.now() - startedMs), body: words.errors.unreachable }
  }
}
