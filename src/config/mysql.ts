/** The settings of the database server that accounts have their databases on. Without `mysql_host` and `mysql_socket` there is none. */
import { isIP } from 'node:net'
import { hostName, oneOf, text, wholeNumber } from './forms.ts'

// `%` and `_` are MariaDB's own signs for “anything” and “any letter”.
const USER_HOST = /^[A-Za-z0-9.:_%/-]{1,60}$/

export const mysqlSettings = {
  mysqlHost: text()
    .refine(
      (value) => isIP(value) !== 0 || hostName().safeParse(value).success,
      'is neither a host name nor an address',
    )
    .optional()
    .meta({
      value: 'NAME',
      description:
        'The MariaDB server that accounts have their databases on, by TCP. Without it and mysql_socket none.',
    }),
  mysqlPort: wholeNumber(1, 65_535)
    .default(3306)
    .meta({ value: 'PORT', description: 'The port of the MariaDB server.' }),
  mysqlSocket: text().regex(/^\//, 'is not an absolute path').optional().meta({
    value: 'FILE',
    description: 'The socket of a MariaDB server on this machine, instead of mysql_host.',
  }),
  mysqlUser: text().default('postern').meta({
    value: 'NAME',
    description: 'Who Postern signs in to MariaDB as. It must hold all privileges there, with the grant option.',
  }),
  mysqlPasswordFile: text().optional().meta({
    value: 'FILE',
    description: 'A file whose first line is the password there; read for each connection. Without it none is sent.',
  }),
  mysqlSecurity: oneOf('tls', 'none').optional().meta({
    value: 'tls|none',
    description:
      'Whether MariaDB must prove by a certificate who it is. Without it: tls, but for this machine itself none.',
  }),
  mysqlUserConnections: wholeNumber(0, 10_000).default(30).meta({
    value: 'NUMBER',
    description:
      'How many connections each database user of an account may have at a time; 0: as many as MariaDB lets it.',
  }),
  mysqlUserHost: text().regex(USER_HOST, 'is no host as MariaDB writes it').default('localhost').meta({
    value: 'HOST',
    description:
      "From where the accounts' database users may connect, as MariaDB writes it: localhost, an address, 10.0.0.%.",
  }),
}
