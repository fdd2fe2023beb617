import { Button } from '@mantine/core'
import { useState } from 'react'
import type { Arguments } from '../api.ts'
import { curlLines, whmapi1Line } from '../command-lines.ts'
import { useWhoami } from '../queries.ts'
import { words } from '../words.ts'
import { CopyButton } from './copy-button.tsx'
import { Dialog } from './dialog.tsx'

export type Command = { readonly name: string; readonly args?: Arguments }

/** The button that shows what a page does as calls; never with a secret. */
export function AsCommand({ calls }: { readonly calls: readonly Command[] }) {
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <Button variant="default" onClick={() => setOpen(true)}>
        {words.command.open}
      </Button>
      {isOpen && <CommandDialog calls={calls} onClose={() => setOpen(false)} />}
    </>
  )
}

function CommandDialog({ calls, onClose }: { readonly calls: readonly Command[]; readonly onClose: () => void }) {
  const { user } = useWhoami()
  const { command } = words
  const curl = calls.map(({ name, args = {} }) => curlLines(window.location.origin, user, name, args)).join('\n')
  const local = calls.map(({ name, args = {} }) => whmapi1Line(name, args)).join('\n')
  return (
    <Dialog title={command.title} onClose={onClose} size="lg">
      <p>{command.about}</p>
      <Lines heading={command.curl} text={curl} />
      <Lines heading={command.whmapi1} text={local} />
    </Dialog>
  )
}

/** Lines to paste, with their button. */
export function Lines({ heading, text }: { readonly heading: string; readonly text: string }) {
  return (
    <section className="lines">
      <div className="lines-head">
        <h3>{heading}</h3>
        <CopyButton isSmall text={text} label={words.command.copy} announce={words.command.copied} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways has to be reached by keyboard */}
      <pre tabIndex={0}>{text}</pre>
    </section>
  )
}
