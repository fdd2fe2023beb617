import { Button, Group, Textarea } from '@mantine/core'
import { useState } from 'react'
import { callFunction } from '../api.ts'
import { words } from '../words.ts'
import { type Reseller, refreshResellers } from './reseller.ts'

const text = words.resellers

type Props = { readonly reseller: Reseller; readonly onSaved: (sentence: string) => void }

/** The name servers that new accounts of the reseller are given; without any, the server's own. */
export function Nameservers({ reseller: { user, nameservers }, onSaved }: Props) {
  const [typed, setTyped] = useState(nameservers.join('\n'))
  const [problem, setProblem] = useState<string>()
  const [isBusy, setBusy] = useState(false)
  const names = typed
    .split(/[\s,]+/)
    .map((name) => name.trim())
    .filter((name) => name !== '')
  const save = async (): Promise<void> => {
    if (names.length > 4) return setProblem(text.nameserversMany)
    setBusy(true)
    try {
      await callFunction('setresellernameservers', { user, nameservers: names.join(',') })
      setProblem(undefined)
      onSaved(text.nameserversSaved(user))
      await refreshResellers()
    } catch (error) {
      setProblem(error instanceof Error ? error.message : words.errors.title)
    }
    setBusy(false)
  }
  return (
    <section className="sheet part">
      <h2>{text.nameservers}</h2>
      <form
        className="fields"
        onSubmit={(event) => {
          event.preventDefault()
          void save()
        }}
      >
        <Textarea
          label={text.nameserversLabel}
          description={text.nameserversHint}
          value={typed}
          autosize
          minRows={2}
          maxRows={6}
          spellCheck={false}
          error={problem}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <Group>
          <Button type="submit" variant="default" loading={isBusy} disabled={names.join() === nameservers.join()}>
            {text.nameserversSave}
          </Button>
        </Group>
      </form>
    </section>
  )
}
