/** The groups, units and roles of the demo company: one of every kind that a restore treats in its own way. */

export type GroupKind =
  | 'security'
  | 'microsoft365'
  | 'dynamic'
  | 'distribution'
  | 'mailSecurity'
  | 'synced'
  | 'roleAssignable';

export interface DemoGroup {
  readonly key: string;
  readonly displayName: string;
  readonly description: string;
  readonly kind: GroupKind;
  readonly owners: readonly string[];
  /** Keys of people, guests or (nested) groups; `department:X` stands for everyone in it. */
  readonly members: readonly string[];
  readonly rule?: string;
}

export const groups: readonly DemoGroup[] = [
  {
    key: 'all-hands',
    displayName: 'All Hands',
    description: 'Everyone at Contoso',
    kind: 'security',
    owners: ['astrid.berg', 'mara.lindqvist'],
    members: ['everyone'],
  },
  {
    key: 'engineering',
    displayName: 'Engineering',
    description: 'Access to source code and build machines',
    kind: 'security',
    owners: ['tomas.okafor'],
    members: ['department:Engineering'],
  },
  {
    key: 'build-machines',
    displayName: 'Build Machines',
    description: 'May log on to build machines; Engineering is nested in it',
    kind: 'security',
    owners: ['tomas.okafor', 'emil.hansen'],
    members: ['group:engineering', 'petra.horak', 'mikael.strand'],
  },
  {
    key: 'production',
    displayName: 'Production Access',
    description: 'Build Machines is nested in it',
    kind: 'security',
    owners: ['viktor.novak'],
    members: ['group:build-machines', 'lena.vogt'],
  },
  {
    key: 'people-files',
    displayName: 'People Files',
    description: 'Personnel files',
    kind: 'security',
    owners: ['mara.lindqvist'],
    members: ['department:Human Resources', 'paul.fischer', 'ines.moreau'],
  },
  {
    key: 'visio-users',
    displayName: 'Visio Users',
    description: 'Hands its members a Visio licence',
    kind: 'security',
    owners: ['ivan.kovac'],
    members: ['tomas.okafor', 'ines.moreau', 'emil.hansen', 'clara.jung'],
  },
  {
    key: 'project-aurora',
    displayName: 'Project Aurora',
    description: 'Team of the Aurora launch, partners included',
    kind: 'microsoft365',
    owners: ['tomas.okafor', 'leila.haddad'],
    members: [
      'tomas.okafor',
      'leila.haddad',
      'mara.lindqvist',
      'nadia.petrova',
      'sofia.almeida',
      'ines.moreau',
      'dana.holt',
      'eli.wren',
    ],
  },
  {
    key: 'leadership',
    displayName: 'Leadership',
    description: 'Weekly leadership meeting',
    kind: 'microsoft365',
    owners: ['astrid.berg'],
    members: [
      'astrid.berg',
      'mara.lindqvist',
      'tomas.okafor',
      'ines.moreau',
      'rafael.duarte',
      'yuki.tanaka',
      'leila.haddad',
      'viktor.novak',
    ],
  },
  {
    key: 'sales-dynamic',
    displayName: 'Sales (dynamic)',
    description: 'Members follow the department',
    kind: 'dynamic',
    owners: ['rafael.duarte'],
    members: ['department:Sales'],
    rule: 'user.department -eq "Sales"',
  },
  {
    key: 'newsletter',
    displayName: 'Newsletter',
    description: 'Distribution list, managed in Exchange',
    kind: 'distribution',
    owners: [],
    members: ['leila.haddad', 'mara.lindqvist', 'tomas.okafor', 'owen.blake'],
  },
  {
    key: 'finance-approvals',
    displayName: 'Finance Approvals',
    description: 'Mail-enabled security group, managed in Exchange',
    kind: 'mailSecurity',
    owners: [],
    members: ['yuki.tanaka', 'ruth.abara', 'astrid.berg'],
  },
  {
    key: 'plant-staff',
    displayName: 'Plant Staff',
    description: 'Synced from on-premises',
    kind: 'synced',
    owners: [],
    members: ['ines.moreau', 'luc.girard', 'camille.roux', 'hugo.fontaine', 'manon.leclerc', 'theo.marchand'],
  },
  {
    key: 'helpdesk-operators',
    displayName: 'Helpdesk Operators',
    description: 'Role-assignable: its members hold Helpdesk Administrator through it',
    kind: 'roleAssignable',
    owners: ['viktor.novak'],
    members: ['ivan.kovac', 'rosa.delgado', 'noah.evans'],
  },
];

export interface DemoUnit {
  readonly key: string;
  readonly displayName: string;
  readonly description: string;
  readonly members: readonly string[];
}

export const units: readonly DemoUnit[] = [
  {
    key: 'lyon',
    displayName: 'Lyon Site',
    description: 'Everyone and everything in Lyon',
    members: ['office:Lyon', 'group:plant-staff'],
  },
  {
    key: 'austin',
    displayName: 'Austin Site',
    description: 'Everyone in Austin',
    members: ['office:Austin', 'group:engineering'],
  },
  {
    key: 'people',
    displayName: 'People Department',
    description: 'Human Resources',
    members: ['department:Human Resources'],
  },
];

/** Public template ids of the built-in roles the story assigns. */
export const roles = {
  globalAdministrator: '62e90394-69f5-4237-9190-012177145e10',
  userAdministrator: 'fe930be7-5e62-47db-91af-98c3a49a38b1',
  groupsAdministrator: 'fdd7a751-b60b-444a-984c-02652fe8fa1c',
  helpdeskAdministrator: '729827e3-9c14-49f7-bb1b-9608f156bbb8',
  reportsReader: '4a5d8f65-41da-4de4-8968-e035b65339cf',
  securityReader: '5d6b6bb7-de71-4623-b4af-96380a352509',
} as const;

export interface DemoAssignment {
  /** A role of `roles`, or `custom`. */
  readonly role: keyof typeof roles | 'custom';
  readonly principal: string;
  /** A unit's key; null for the whole tenant. */
  readonly unit: string | null;
}

export const assignments: readonly DemoAssignment[] = [
  { role: 'globalAdministrator', principal: 'viktor.novak', unit: null },
  { role: 'userAdministrator', principal: 'petra.horak', unit: null },
  { role: 'reportsReader', principal: 'mara.lindqvist', unit: null },
  { role: 'userAdministrator', principal: 'mara.lindqvist', unit: 'people' },
  { role: 'groupsAdministrator', principal: 'tomas.okafor', unit: null },
  { role: 'userAdministrator', principal: 'tomas.okafor', unit: 'austin' },
  { role: 'custom', principal: 'emil.hansen', unit: null },
  { role: 'helpdeskAdministrator', principal: 'ines.moreau', unit: 'lyon' },
  { role: 'helpdeskAdministrator', principal: 'group:helpdesk-operators', unit: null },
];

/** Eligible, not active: to be switched on when needed. */
export const eligible: readonly DemoAssignment[] = [{ role: 'securityReader', principal: 'lena.vogt', unit: null }];

export const customRole = {
  key: 'app-credential-manager',
  displayName: 'Application Credential Manager',
  description: 'Renews the credentials of applications',
  actions: ['microsoft.directory/applications/credentials/update'],
} as const;
