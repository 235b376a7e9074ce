/**
 * The people of the demo company, Contoso: 44 employees, two guests and a service account, each with a name to tell a
 * story by. The ones a story damages first: Mara Lindqvist, Tomas Okafor and Ines Moreau.
 */

export interface Person {
  /** `given.surname`: mail nickname, and the name the object id follows from. */
  readonly key: string;
  readonly givenName: string;
  readonly surname: string;
  readonly jobTitle: string;
  readonly department: string;
  /** The manager's key; null at the top. */
  readonly manager: string | null;
  readonly office: 'Oslo' | 'Lyon' | 'Austin';
  /** Synced from on-premises: the account lives in Active Directory. */
  readonly synced: boolean;
}

type Row = readonly [
  name: string,
  jobTitle: string,
  department: string,
  manager: string | null,
  office: Person['office'],
  synced?: 'synced',
];

const rows: readonly Row[] = [
  ['Astrid Berg', 'Chief Executive Officer', 'Executive', null, 'Oslo'],
  ['Mara Lindqvist', 'Head of People', 'Human Resources', 'astrid.berg', 'Oslo'],
  ['Tomas Okafor', 'Head of Engineering', 'Engineering', 'astrid.berg', 'Austin'],
  ['Ines Moreau', 'Head of Operations', 'Operations', 'astrid.berg', 'Lyon', 'synced'],
  ['Rafael Duarte', 'Head of Sales', 'Sales', 'astrid.berg', 'Austin'],
  ['Yuki Tanaka', 'Chief Financial Officer', 'Finance', 'astrid.berg', 'Oslo'],
  ['Leila Haddad', 'Head of Marketing', 'Marketing', 'astrid.berg', 'Lyon'],
  ['Viktor Novak', 'Head of IT', 'IT', 'astrid.berg', 'Oslo'],
  ['Hanna Solberg', 'Recruiter', 'Human Resources', 'mara.lindqvist', 'Oslo'],
  ['Pierre Lambert', 'People Partner', 'Human Resources', 'mara.lindqvist', 'Lyon'],
  ['Grace Whitfield', 'Learning Lead', 'Human Resources', 'mara.lindqvist', 'Austin'],
  ['Nadia Petrova', 'Engineering Manager', 'Engineering', 'tomas.okafor', 'Oslo'],
  ['Samuel Ortiz', 'Engineering Manager', 'Engineering', 'tomas.okafor', 'Austin'],
  ['Emil Hansen', 'Principal Engineer', 'Engineering', 'tomas.okafor', 'Oslo'],
  ['Chloe Bernard', 'Software Engineer', 'Engineering', 'nadia.petrova', 'Lyon'],
  ['Jonas Dahl', 'Software Engineer', 'Engineering', 'nadia.petrova', 'Oslo'],
  ['Aisha Karim', 'Software Engineer', 'Engineering', 'nadia.petrova', 'Oslo'],
  ['Daniel Reyes', 'Software Engineer', 'Engineering', 'samuel.ortiz', 'Austin'],
  ['Olivia Chen', 'Software Engineer', 'Engineering', 'samuel.ortiz', 'Austin'],
  ['Marcus Boyd', 'Test Engineer', 'Engineering', 'samuel.ortiz', 'Austin'],
  ['Freya Nilsen', 'Designer', 'Engineering', 'nadia.petrova', 'Oslo'],
  ['Luc Girard', 'Plant Manager', 'Operations', 'ines.moreau', 'Lyon', 'synced'],
  ['Camille Roux', 'Logistics Planner', 'Operations', 'ines.moreau', 'Lyon', 'synced'],
  ['Hugo Fontaine', 'Shift Lead', 'Operations', 'luc.girard', 'Lyon', 'synced'],
  ['Manon Leclerc', 'Technician', 'Operations', 'hugo.fontaine', 'Lyon', 'synced'],
  ['Theo Marchand', 'Technician', 'Operations', 'hugo.fontaine', 'Lyon', 'synced'],
  ['Sofia Almeida', 'Account Manager', 'Sales', 'rafael.duarte', 'Austin'],
  ['Ben Carter', 'Account Manager', 'Sales', 'rafael.duarte', 'Austin'],
  ['Priya Nair', 'Sales Engineer', 'Sales', 'rafael.duarte', 'Austin'],
  ['Karl Jensen', 'Account Manager', 'Sales', 'rafael.duarte', 'Oslo'],
  ['Julie Perrin', 'Account Manager', 'Sales', 'rafael.duarte', 'Lyon'],
  ['Ruth Abara', 'Controller', 'Finance', 'yuki.tanaka', 'Oslo'],
  ['Anders Lie', 'Accountant', 'Finance', 'ruth.abara', 'Oslo'],
  ['Mei Zhang', 'Accountant', 'Finance', 'ruth.abara', 'Austin'],
  ['Paul Fischer', 'Payroll Specialist', 'Finance', 'yuki.tanaka', 'Lyon'],
  ['Clara Jung', 'Campaign Manager', 'Marketing', 'leila.haddad', 'Lyon'],
  ['Owen Blake', 'Copywriter', 'Marketing', 'leila.haddad', 'Austin'],
  ['Zoe Marin', 'Event Manager', 'Marketing', 'leila.haddad', 'Lyon'],
  ['Petra Horak', 'Identity Administrator', 'IT', 'viktor.novak', 'Oslo'],
  ['Ivan Kovac', 'Service Desk Lead', 'IT', 'viktor.novak', 'Oslo'],
  ['Rosa Delgado', 'Service Desk Agent', 'IT', 'ivan.kovac', 'Austin'],
  ['Noah Evans', 'Service Desk Agent', 'IT', 'ivan.kovac', 'Austin'],
  ['Lena Vogt', 'Security Analyst', 'IT', 'viktor.novak', 'Lyon'],
  ['Mikael Strand', 'Network Engineer', 'IT', 'viktor.novak', 'Oslo', 'synced'],
];

export const people: readonly Person[] = rows.map(([name, jobTitle, department, manager, office, synced]) => {
  const [givenName = '', surname = ''] = name.split(' ');
  const key = name.toLowerCase().replace(' ', '.');
  return { key, givenName, surname, jobTitle, department, manager, office, synced: synced !== undefined };
});

export const offices = {
  Oslo: {
    city: 'Oslo',
    country: 'Norway',
    usageLocation: 'NO',
    street: 'Havnegata 7',
    zip: '0150',
    phone: '+47 22 55',
  },
  Lyon: {
    city: 'Lyon',
    country: 'France',
    usageLocation: 'FR',
    street: 'Rue Garet 12',
    zip: '69001',
    phone: '+33 472',
  },
  Austin: {
    city: 'Austin',
    country: 'United States',
    usageLocation: 'US',
    street: 'Congress Ave 400',
    zip: '78701',
    phone: '+1 512',
  },
} as const;

/** A partner's employees, invited as guests. */
export const guests = [
  { key: 'dana.holt', displayName: 'Dana Holt', mail: 'dana.holt@fabrikam.com', sponsors: ['rafael.duarte'] },
  {
    key: 'eli.wren',
    displayName: 'Eli Wren',
    mail: 'eli.wren@fabrikam.com',
    sponsors: ['tomas.okafor', 'leila.haddad'],
  },
] as const;
