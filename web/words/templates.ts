/** Names and sentences of the templates. */
export const templateWords = {
  whmcs: { label: 'WHMCS', about: 'Create, suspend, change and terminate accounts, and sign customers in.' },
  blesta: { label: 'Blesta', about: 'What its WHM module calls: accounts and their packages.' },
  fossbilling: { label: 'FOSSBilling', about: 'The same, without changing packages.' },
  dns01: { label: 'DNS-01 certificates', about: 'Write the TXT records that certificate clients need.' },
  backup: { label: 'Backup', about: 'List accounts and packages; changes nothing.' },
  monitoring: { label: 'Monitoring', about: 'Read load, services, accounts and certificates; changes nothing.' },
  migration: { label: 'Migration', about: 'Create accounts, zones and certificates here, for 30 days.' },
  'dns-cluster': { label: 'DNS cluster', about: 'The trust between name servers, and nothing else.' },
} as const
