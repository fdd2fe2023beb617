/** What accounts host: domains, zones, mail, certificates, databases, archives. “Not yours” and “does not exist” are one answer on purpose. */
import { cut, quoted, type Wording } from './words.ts'

export const HOSTING_FAILURES = {
  'domain-taken': {
    http: 200,
    reason: (d: { domain: string }) => `The domain ${quoted(d.domain)} is already in use on this server.`,
  },
  // UAPI, DNS::parse_zone: observed text.
  'zone-not-found': {
    http: 200,
    reason: (d: { zone: string }) => `You do not control a DNS zone named ${cut(d.zone, 260)}.`,
  },
  'zone-line-not-found': {
    http: 200,
    reason: (d: { zone: string; line: number }) =>
      `The zone ${quoted(d.zone)} has no record that begins on line ${d.line}.`,
  },
  // Clients look for “serial” (observed).
  'zone-serial-stale': {
    http: 200,
    reason: (d: { zone: string }) =>
      `This is not the serial number of the zone ${quoted(d.zone)} any more: it was changed meanwhile. Read it again.`,
  },
  'zone-edit-refused': {
    http: 200,
    reason: (d: { zone: string; problem: string }) =>
      `The zone ${quoted(d.zone)} was not changed: ${cut(d.problem, 600)}.`,
  },
  'zone-taken': { http: 200, reason: (d: { zone: string }) => `There is a DNS zone named ${quoted(d.zone)} already.` },
  // Mail.
  'mailbox-not-found': {
    http: 200,
    reason: (d: { address: string }) => `You have no mailbox with the address ${quoted(d.address)}.`,
  },
  'mailbox-taken': {
    http: 200,
    reason: (d: { address: string }) => `There is a mailbox with the address ${quoted(d.address)} already.`,
  },
  'forwarder-not-found': {
    http: 200,
    reason: (d: { address: string; forwarder: string }) =>
      `The mail of ${quoted(d.address)} is not forwarded to ${quoted(d.forwarder)}.`,
  },
  // Certificates.
  'certificate-refused': {
    http: 200,
    reason: (d: { problem: string }) => `This cannot be used: ${cut(d.problem, 500)}.`,
  },
  'certificate-not-found': {
    http: 200,
    reason: (d: { domain: string }) => `No certificate is installed for ${quoted(d.domain)}.`,
  },
  'autossl-off': {
    http: 200,
    reason: (d: { why: string }) => `No certificate is had automatically: ${d.why}.`,
  },
  'stored-not-found': {
    http: 200,
    reason: (d: { what: 'certificate' | 'key'; name: string }) =>
      `You have no ${d.what} with this id or name: ${quoted(d.name)}.`,
  },
  'certificate-installed': {
    http: 200,
    reason: (d: { site: string }) =>
      `The certificate is installed on ${quoted(d.site)}; SSL::delete_ssl takes it from there.`,
  },
  'key-has-certificate': {
    http: 200,
    reason: (d: { certificate: string }) =>
      `The key belongs to the certificate ${quoted(d.certificate)}; SSL::delete_cert deletes that.`,
  },
  'key-not-found': { http: 200, reason: (d: { id: string }) => `There is no key with the id ${quoted(d.id)}.` },
  // Databases of accounts.
  'mysql-not-configured': { http: 200, reason: () => 'No database server is configured on this server.' },
  'mysql-unavailable': {
    http: 200,
    reason: () => 'The database server cannot be reached at the moment. Nothing was changed; try again in a moment.',
  },
  'mysql-failed': { http: 200, reason: (d: { what: string }) => `The database server would not ${cut(d.what, 300)}.` },
  'mysql-name-taken': {
    http: 200,
    reason: (d: { name: string }) => `The name ${quoted(d.name)} is already in use on the database server.`,
  },
  'mysql-database-not-found': {
    http: 200,
    reason: (d: { name: string }) => `You have no database named ${quoted(d.name)}.`,
  },
  'mysql-user-not-found': {
    http: 200,
    reason: (d: { name: string }) => `You have no database user named ${quoted(d.name)}.`,
  },
  'archive-too-large': {
    http: 200,
    reason: (d: { home: string }) =>
      `There is not enough room on the disk for an archive of ${quoted(d.home)}. Nothing was changed.`,
  },
  'host-failed': {
    http: 200,
    reason: (d: { what: string }) => `The machine could not ${d.what}. Nothing was changed.`,
  },
} as const satisfies Record<string, Wording>
