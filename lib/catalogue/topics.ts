/** What audits ask for, by the names that an action's `covers` uses. */
export const TOPICS = {
  'auth.login': 'Sign-ins',
  'auth.login_failure': 'Sign-ins that failed',
  'auth.logout': 'Sign-outs',
  'auth.credential_change': 'Changes of passwords, second factors and other credentials',
  'access.denied': 'Access that was refused',
  'account.create': 'Accounts that are made, or invited',
  'account.change': 'Accounts that are changed, disabled or unlocked',
  'account.remove': 'Accounts that are removed',
  'privilege.change': 'Roles and rights that are given or taken',
  'key.change': 'API keys and secrets that are made, changed or revoked',
  'admin.action': 'What administrators do, in support and on behalf of others',
  'settings.change': 'Settings of security and of the system',
  'data.read': 'Reads of sensitive data',
  'data.change': 'Data that is made or changed',
  'data.delete': 'Data that is deleted',
  'data.export': 'Data that leaves: exports, downloads',
  'log.access': 'Access to the audit trail itself',
  'log.control': 'The start, the end and failures of recording',
} as const;

export type Topic = keyof typeof TOPICS;

/** What the ledger records by itself, and what that covers. */
export const OWN_ACTIONS: Readonly<Record<string, readonly Topic[]>> = {
  'auth.unauthorized_access': ['access.denied'],
  'security.rate_limited': ['access.denied'],
  'data.export': ['data.export'],
  'audit.export': ['log.access'],
  'audit.read': ['log.access'],
  'ledger.started': ['log.control'],
  'ledger.stopped': ['log.control'],
  'ledger.failure': ['log.control'],
};

/** One thing that a standard asks to be recorded. */
export interface Requirement {
  standard: string;
  clause: string;
  asks: string;
  topics: readonly Topic[];
}

const SOC2 = 'SOC 2 (TSC 2017)';
const ISO = 'ISO/IEC 27001:2022';
const PCI = 'PCI DSS 4.0.1';
const HIPAA = 'HIPAA (45 CFR)';

/** What the standards ask for, in this project's words: the clause is what counts. */
export const REQUIREMENTS: readonly Requirement[] = [
  {
    standard: SOC2,
    clause: 'CC6.1',
    asks: 'logical access is controlled',
    topics: ['auth.login', 'access.denied'],
  },
  {
    standard: SOC2,
    clause: 'CC6.2',
    asks: 'users are registered and removed by those who may',
    topics: ['account.create', 'account.remove', 'auth.credential_change'],
  },
  {
    standard: SOC2,
    clause: 'CC6.3',
    asks: 'rights are given, changed and taken as roles need',
    topics: ['privilege.change', 'account.change'],
  },
  { standard: SOC2, clause: 'CC6.7', asks: 'data that leaves is restricted', topics: ['data.export'] },
  {
    standard: SOC2,
    clause: 'CC7.2',
    asks: 'anomalies are watched for',
    topics: ['auth.login_failure', 'access.denied', 'log.control'],
  },
  {
    standard: SOC2,
    clause: 'CC8.1',
    asks: 'changes are authorized and known',
    topics: ['settings.change', 'key.change'],
  },
  {
    standard: ISO,
    clause: 'A.5.16',
    asks: 'the life of identities',
    topics: ['account.create', 'account.change', 'account.remove'],
  },
  {
    standard: ISO,
    clause: 'A.5.17',
    asks: 'authentication information',
    topics: ['auth.credential_change', 'key.change'],
  },
  { standard: ISO, clause: 'A.5.18', asks: 'access rights', topics: ['privilege.change'] },
  { standard: ISO, clause: 'A.8.2', asks: 'privileged access', topics: ['admin.action', 'privilege.change'] },
  {
    standard: ISO,
    clause: 'A.8.5',
    asks: 'secure authentication',
    topics: ['auth.login', 'auth.login_failure', 'auth.logout'],
  },
  {
    standard: ISO,
    clause: 'A.8.15',
    asks: 'logs of activities, exceptions and faults',
    topics: ['data.change', 'data.delete', 'settings.change', 'log.access', 'log.control'],
  },
  { standard: ISO, clause: 'A.8.12', asks: 'leakage of data', topics: ['data.export', 'data.read'] },
  {
    standard: PCI,
    clause: '10.2.1.1',
    asks: 'individual access to cardholder data',
    topics: ['data.read', 'data.export'],
  },
  {
    standard: PCI,
    clause: '10.2.1.2',
    asks: 'actions with administrative access',
    topics: ['admin.action', 'settings.change'],
  },
  { standard: PCI, clause: '10.2.1.3', asks: 'access to audit logs', topics: ['log.access'] },
  {
    standard: PCI,
    clause: '10.2.1.4',
    asks: 'invalid logical access attempts',
    topics: ['auth.login_failure', 'access.denied'],
  },
  {
    standard: PCI,
    clause: '10.2.1.5',
    asks: 'changes of identification and authentication credentials',
    topics: [
      'account.create',
      'account.change',
      'account.remove',
      'privilege.change',
      'auth.credential_change',
    ],
  },
  {
    standard: PCI,
    clause: '10.2.1.6',
    asks: 'audit logs that start, stop or pause',
    topics: ['log.control'],
  },
  {
    standard: PCI,
    clause: '10.2.1.7',
    asks: 'system-level objects that are made and deleted',
    topics: ['settings.change'],
  },
  {
    standard: HIPAA,
    clause: '164.308(a)(1)(ii)(D)',
    asks: 'activity of information systems is reviewed',
    topics: ['log.access', 'access.denied'],
  },
  {
    standard: HIPAA,
    clause: '164.308(a)(5)(ii)(C)',
    asks: 'log-ins are monitored',
    topics: ['auth.login', 'auth.login_failure'],
  },
  {
    standard: HIPAA,
    clause: '164.312(b)',
    asks: 'activity in systems with health information is recorded',
    topics: ['data.read', 'data.change', 'data.delete', 'data.export'],
  },
  {
    standard: HIPAA,
    clause: '164.312(d)',
    asks: 'persons are authenticated',
    topics: ['auth.login', 'auth.credential_change'],
  },
];
