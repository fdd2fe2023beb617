import { Button, TextInput } from '@mantine/core'
import { useRef, useState } from 'react'
import { callFunction } from '../api.ts'
import { sayDone, sayFailed } from '../parts/say.ts'
import { words } from '../words.ts'
import { argumentProblem, type ListName, type ProtectionState, refreshProtection } from './state.ts'

const text = words.protection.lists

type Props = { readonly name: ListName; readonly records: ProtectionState['lists'][ListName] }

/** One list of addresses: what is on it, and a line to add to it. */
export function AddressList({ name, records }: Props) {
  const { title, about, none } = text[name]
  const entries = Object.entries(records.ips_in_list)
  const remove = async (ip: string): Promise<void> => {
    try {
      await callFunction('delete_cphulk_record', { list_name: name, ip, skip_enabled_check: 1 })
      sayDone(text.removed(ip))
    } catch (error) {
      sayFailed(error)
    }
    await refreshProtection()
  }
  return (
    <section className="sheet part" aria-labelledby={`list-${name}`}>
      <h2 id={`list-${name}`}>{title}</h2>
      <p className="dim flat">{about}</p>
      {entries.length === 0 && <p>{none}</p>}
      <ul className="address-list">
        {entries.map(([ip, comment]) => (
          <li key={ip}>
            <div>
              <span className="address anything">{ip}</span>
              {comment !== '' && <bdi className="note">{comment}</bdi>}
            </div>
            <button
              type="button"
              className="row-button"
              aria-label={text.removeOf(ip, title)}
              onClick={() => void remove(ip)}
            >
              {text.remove}
            </button>
          </li>
        ))}
      </ul>
      <AddForm name={name} own={records.requester_ip} />
    </section>
  )
}

function AddForm({ name, own }: { readonly name: ListName; readonly own: string }) {
  const [ip, setIp] = useState('')
  const [comment, setComment] = useState('')
  const [problem, setProblem] = useState<{ readonly argument: string; readonly problem: string }>()
  const [isBusy, setBusy] = useState(false)
  const field = useRef<HTMLInputElement>(null)
  const commentField = useRef<HTMLInputElement>(null)
  const refuse = (found: { readonly argument: string; readonly problem: string }): void => {
    setProblem(found)
    const refused = found.argument === 'comment' ? commentField : field
    refused.current?.focus()
  }
  const add = async (): Promise<void> => {
    if (ip.trim() === '') return refuse({ argument: 'ip', problem: text.missing })
    setBusy(true)
    try {
      await callFunction('create_cphulk_record', { list_name: name, ip: ip.trim(), comment, skip_enabled_check: 1 })
      await refreshProtection()
      sayDone(text[name].added(ip.trim()))
      setProblem(undefined)
      setIp('')
      setComment('')
    } catch (error) {
      refuseOrSay(error, refuse)
    } finally {
      setBusy(false)
    }
  }
  return (
    <form
      className="address-add watch-form"
      noValidate
      aria-label={text[name].title}
      onSubmit={(event) => {
        event.preventDefault()
        void add()
      }}
    >
      <TextInput
        ref={field}
        label={text.address}
        description={text.hint(own)}
        value={ip}
        maxLength={120}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        error={problem?.argument === 'comment' ? undefined : problem?.problem}
        onChange={(event) => setIp(event.currentTarget.value)}
      />
      <TextInput
        ref={commentField}
        label={text.comment}
        value={comment}
        maxLength={255}
        autoComplete="off"
        error={problem?.argument === 'comment' ? problem.problem : undefined}
        onChange={(event) => setComment(event.currentTarget.value)}
      />
      <div>
        <Button type="submit" loading={isBusy}>
          {text.add}
        </Button>
      </div>
    </form>
  )
}

function refuseOrSay(error: unknown, refuse: (found: ReturnType<typeof argumentProblem>) => void): void {
  try {
    refuse(argumentProblem(error))
  } catch (other) {
    sayFailed(other)
  }
}
