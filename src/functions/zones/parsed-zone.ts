/** WHM parse_dns_zone and UAPI DNS::parse_zone: a zone line by line, texts in base64. Names come back as they were written (observed). */

import { formatName } from '../../hosting/zones/names.ts'
import { fieldsOf, isNameForm, isRecordType } from '../../hosting/zones/record-types.ts'
import type { Zone } from '../../hosting/zones/zone.ts'
import {
  dataOf,
  type RecordEntry,
  readName,
  shownName,
  type ZoneEntry,
  type ZoneFile,
} from '../../hosting/zones/zone-file.ts'
import { readZone } from './change-zone.ts'

/** One object for each record, directive, comment and blank line, in their order. */
export function parsedZone(zone: Zone): readonly object[] {
  const { file } = readZone(zone)
  return file.entries.map((entry) => parsedEntry(file, entry))
}

function parsedEntry(file: ZoneFile, entry: ZoneEntry): object {
  const { line, kind } = entry
  if (entry.kind !== 'record')
    return {
      line_index: line,
      type: kind,
      text_b64: base64(Buffer.from(file.text.slice(entry.start, entry.end), 'utf8')),
    }
  return {
    line_index: line,
    type: kind,
    data_b64: shownData(file, entry).map((value) => base64(Buffer.from(value, 'latin1'))),
    dname_b64: base64(Buffer.from(ownerShown(file, entry), 'latin1')),
    record_type: entry.type,
    ttl: entry.ttl,
  }
}

function ownerShown(file: ZoneFile, { type, owner, written, ownerOrigin }: RecordEntry): string {
  // The SOA's is the zone with its dot, however it was written (observed).
  return type === 'SOA' ? formatName(owner) : shownName(written, owner, file, ownerOrigin)
}

/** Names as they are written, unless that would mean another name to a reader who knows only the zone; texts as their bytes. */
function shownData(file: ZoneFile, entry: RecordEntry): readonly string[] {
  const forms = isRecordType(entry.type) ? fieldsOf(entry.type).map(([, form]) => form) : []
  return dataOf(entry).map((value, index) => {
    if (!isNameForm(forms[index])) return value
    const meant = readName(value, entry.origin)
    return 'problem' in meant ? value : shownName(value, meant, file, entry.origin)
  })
}

function base64(bytes: Buffer): string {
  return bytes.toString('base64')
}
