import { NativeSelect, PasswordInput, Textarea, TextInput } from '@mantine/core'
import type { Arguments } from '../api.ts'
import { words } from '../words.ts'
import type { Argument } from './document.ts'

const text = words.reference

type Props = { readonly argument: Argument; readonly value: string; readonly onChange: (value: string) => void }

/** A field of the kind that the argument's schema asks for. */
export function ArgumentField({ argument, value, onChange }: Props) {
  const { name, description, isRequired, schema } = argument
  const common = {
    label: (
      <>
        <code>{name}</code> {isRequired && <span className="dim">{text.required}</span>}
      </>
    ),
    description,
    value,
    onChange: (event: { readonly currentTarget: { readonly value: string } }) => onChange(event.currentTarget.value),
  }
  if (isFlags(argument) || schema.type === 'array') {
    const hint = isFlags(argument) ? text.flagsHint : text.listHint
    return (
      <Textarea
        {...common}
        description={`${description} ${hint}`}
        autosize
        minRows={2}
        maxRows={8}
        spellCheck={false}
      />
    )
  }
  if (schema.format === 'password') return <PasswordInput {...common} autoComplete="off" />
  if (schema.enum !== undefined) {
    return <NativeSelect {...common} data={[{ value: '', label: text.notSent }, ...schema.enum.map(String)]} />
  }
  return <TextInput {...common} autoComplete="off" autoCapitalize="none" spellCheck={false} />
}

function isFlags({ schema }: Argument): boolean {
  return schema.patternProperties !== undefined
}

/** What the fields say, as the call sends it; empty ones are not sent. */
export function argumentsFrom(args: readonly Argument[], values: Readonly<Record<string, string>>): Arguments {
  return Object.fromEntries(
    args.flatMap((argument): readonly (readonly [string, string | number | readonly string[]])[] => {
      const value = values[argument.name] ?? ''
      if (value === '') return []
      const lines = value
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== '')
      if (isFlags(argument)) return lines.map((acl) => [`${argument.name}-${acl}`, 1])
      return [[argument.name, argument.schema.type === 'array' ? lines : value]]
    }),
  )
}

/** The same without what must not be shown. */
export function withoutSecrets(args: readonly Argument[], sent: Arguments): Arguments {
  const secret = new Set(args.filter(({ schema }) => schema.format === 'password').map(({ name }) => name))
  return Object.fromEntries(Object.entries(sent).filter(([name]) => !secret.has(name)))
}
