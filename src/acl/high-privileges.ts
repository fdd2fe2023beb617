import { inGroup, type Privilege } from './privilege.ts'

/** The Global and Super Privileges, which reach past own accounts, and `all`, which is root's. */
export const HIGH_GROUPS: readonly Privilege[] = [
  ...inGroup('Global Privileges/Server Information', [
    {
      acl: 'status',
      label: 'View Server Status',
      description: 'See which services are running.',
      basis: 'inferred',
      functions: ['servicestatus'],
    },
    {
      acl: 'stats',
      label: 'View Server Information',
      description: 'See facts about hardware, software and disk partitions.',
      basis: 'inferred',
      functions: ['getdiskusage'],
    },
  ]),
  ...inGroup('Global Privileges/Services', [
    {
      acl: 'restart',
      label: 'Restart Services',
      description: 'Restart a service.',
      basis: 'inferred',
      functions: ['restartservice'],
    },
  ]),
  ...inGroup('Global Privileges/Troubleshooting', [
    {
      acl: 'resftp',
      label: 'Resynchronize FTP Passwords',
      description: 'Rebuild the password data of the FTP server.',
      basis: 'unknown',
      functions: [],
    },
  ]),
  ...inGroup('Super Privileges/Account Management', [
    {
      acl: 'edit-account',
      label: 'Account Modification',
      description: 'Change own accounts, their shell included, but not their address.',
      basis: 'inferred',
      functions: ['modifyacct'],
      danger: 'elevated',
      warning: 'It can rename an account, give it a shell and lift its limits, which is more than its label says.',
    },
    {
      acl: 'limit-bandwidth',
      label: 'Bandwidth Limiting Modification',
      description: 'Change bandwidth limits.',
      basis: 'inferred',
      functions: ['limitbw'],
    },
    {
      acl: 'quota',
      label: 'Quota Modification',
      description: 'Change disk limits.',
      basis: 'inferred',
      functions: ['editquota'],
    },
    {
      acl: 'demo-setup',
      label: 'Set an Account to be a Demo Account',
      description: 'Make an account a demonstration account, or an ordinary one again.',
      basis: 'unknown',
      functions: [],
    },
  ]),
  ...inGroup('Super Privileges/Advanced', [
    {
      acl: 'rearrange-accts',
      label: 'Rearrange Accounts',
      description: 'Move home folders from one disk to another.',
      basis: 'unknown',
      functions: [],
      danger: 'elevated',
      warning: 'It moves the files of accounts across the disks of the machine, where a mistake takes sites down.',
    },
  ]),
  ...inGroup('Super Privileges/Clustering', [
    {
      acl: 'clustering',
      label: 'DNS Clustering',
      description: 'Take part in a DNS cluster.',
      basis: 'unknown',
      functions: [],
      danger: 'elevated',
      warning: 'A member of the cluster can change the zones that the other members serve.',
      note: 'The tokens with which name servers of a cluster trust each other hold this one alone.',
    },
  ]),
  ...inGroup('Super Privileges/Locales', [
    {
      acl: 'locale-edit',
      label: 'Modify & Create Locales',
      description: 'Write and change translations.',
      basis: 'unknown',
      functions: [],
    },
  ]),
  ...inGroup('Root Access', [
    {
      acl: 'all',
      label: 'Everything (shown as All Features / root access)',
      description: 'Every function on every account, as root.',
      basis: 'documented',
      functions: ['*'],
      danger: 'escalates',
      warning: 'Nothing is out of reach: this is root.',
      note: 'Root alone can hold it or put it on a token.',
    },
  ]),
]
