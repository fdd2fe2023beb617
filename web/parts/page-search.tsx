import { Combobox, TextInput, useCombobox } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import { isShown, PAGES, type Page } from '../pages.ts'
import { useWhoami, type Whoami } from '../queries.ts'
import { navigate } from '../router.tsx'
import { words } from '../words.ts'

/** Finds pages by name and by other words; `/` and Ctrl-K lead here from everywhere. */
export function PageSearch() {
  const who = useWhoami()
  const [query, setQueryText] = useState('')
  const field = useRef<HTMLInputElement>(null)
  const combobox = useCombobox({ onDropdownClose: () => combobox.resetSelectedOption() })
  useEffect(() => focusOnKeys(field), [])
  const found = findPages(query, who)
  const go = (path: string): void => {
    setQueryText('')
    combobox.closeDropdown()
    navigate(path)
  }
  return (
    <Combobox store={combobox} onOptionSubmit={go} withinPortal={false}>
      <Combobox.Target>
        <TextInput
          ref={field}
          type="search"
          aria-label={words.shell.search}
          placeholder={words.shell.search}
          title={words.shell.searchHint}
          value={query}
          onFocus={() => combobox.openDropdown()}
          onClick={() => combobox.openDropdown()}
          onBlur={() => combobox.closeDropdown()}
          onChange={(event) => {
            setQueryText(event.currentTarget.value)
            combobox.openDropdown()
            combobox.updateSelectedOptionIndex()
          }}
          onKeyDown={(event) => {
            const [first] = found
            if (event.key === 'Enter' && combobox.getSelectedOptionIndex() === -1 && first !== undefined) go(first.path)
          }}
        />
      </Combobox.Target>
      <Combobox.Dropdown>
        <Combobox.Options aria-label={words.shell.navigation}>
          {found.map((page) => (
            <Combobox.Option key={page.path} value={page.path}>
              <span className="dim">{page.section === 'home' ? '' : `${words.sections[page.section]} » `}</span>
              {page.title}
            </Combobox.Option>
          ))}
          {found.length === 0 && <Combobox.Empty>{words.shell.searchNothing(query)}</Combobox.Empty>}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  )
}

/** Every word that was typed must be in the name, the section or the other words; pages named so come first. */
export function findPages(query: string, reader: Whoami): readonly Page[] {
  const asked = query.toLowerCase().split(/\s+/).filter(Boolean)
  const textOf = (page: Page): string =>
    `${page.title} ${words.sections[page.section]} ${page.searchWords}`.toLowerCase()
  const isNamed = (page: Page): boolean => asked.some((word) => page.title.toLowerCase().includes(word))
  return PAGES.filter((page) => page.isInner !== true && isShown(page, reader))
    .filter((page) => asked.every((word) => textOf(page).includes(word)))
    .toSorted((a, b) => Number(isNamed(b)) - Number(isNamed(a)))
}

function focusOnKeys(field: { readonly current: HTMLInputElement | null }): () => void {
  const listen = (event: KeyboardEvent): void => {
    const isTyping =
      event.target instanceof HTMLElement && event.target.closest('input, textarea, select, [contenteditable]')
    const isSlash = event.key === '/' && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey
    const isCtrlK = event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey)
    if (!isSlash && !isCtrlK) return
    event.preventDefault()
    field.current?.focus()
    field.current?.select()
  }
  window.addEventListener('keydown', listen)
  return () => window.removeEventListener('keydown', listen)
}
