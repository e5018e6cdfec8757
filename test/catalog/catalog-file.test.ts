import { describe, expect, test } from '@jest/globals';
import { ConfigFileError } from '../../config/yaml-file.js';
import { parseCatalog, readCatalogFile } from '../../src/catalog/catalog-file.js';

const valid = `features:
  projects:
    type: limit
    fallback: allow
  api_access:
    type: boolean
    fallback: deny
  support_level:
    type: static
    values: [community, email]
    fallback: deny
plans:
  pro:
    name: Pro
    group: main
    prices:
      - interval: month
        currency: eur
        amount: 999
      - interval: year
        currency: eur
        amount: 9990
    features:
      projects: 50
      api_access: true
      support_level: email
`;

/** The faults of the valid file with one text in it replaced. */
function faultsOf(text: string): string[] {
  try {
    parseCatalog(text);
  } catch (error) {
    if (error instanceof ConfigFileError) return error.faults;
    throw error;
  }
  return [];
}

describe('the catalogue file', () => {
  test('that ships is valid', () => {
    const { plans, features } = readCatalogFile();
    expect(Object.keys(plans)).toEqual(['starter', 'pro', 'business']);
    expect(new Set(Object.values(features).map(({ type }) => type))).toEqual(new Set(['boolean', 'limit', 'static']));
  });

  test('of the tests is valid', () => expect(faultsOf(valid)).toEqual([]));

  const cases: Array<[string, string, string, string]> = [
    [
      'an amount as text',
      'amount: 9990',
      'amount: "9.99"',
      'config/catalog.yaml:22:9 plans.pro.prices[1].amount: expected an integer in minor units, got "9.99"',
    ],
    [
      'an amount with decimals',
      'amount: 9990',
      'amount: 9.99',
      'config/catalog.yaml:22:9 plans.pro.prices[1].amount: expected an integer in minor units, got 9.99',
    ],
    [
      'a negative amount',
      'amount: 9990',
      'amount: -1',
      'config/catalog.yaml:22:9 plans.pro.prices[1].amount: expected 0 or more, got -1',
    ],
    [
      'a missing field',
      '        amount: 9990\n',
      '',
      'config/catalog.yaml:20:9 plans.pro.prices[1].amount: expected an integer in minor units, it is missing',
    ],
    [
      'an unknown key',
      'group: main',
      'groop: main',
      "config/catalog.yaml:15:5 plans.pro.groop: unknown key; expected 'group'? Known here: name, description, group, trial_days, archived, prices, features",
    ],
    [
      'an unknown key that resembles nothing',
      '    name: Pro',
      '    name: Pro\n    zzzzzzzz: 1',
      'config/catalog.yaml:15:5 plans.pro.zzzzzzzz: unknown key; expected one of name, description, group, trial_days, archived, prices, features',
    ],
    [
      'an unknown key of a feature',
      'fallback: allow',
      'fallback: allow\n    default: 3',
      'config/catalog.yaml:5:5 features.projects.default: unknown key; expected one of type, description, fallback, values',
    ],
    [
      'an unknown type of feature',
      'type: limit',
      'type: limits',
      'config/catalog.yaml:3:5 features.projects.type: expected one of boolean, limit, static, got "limits"',
    ],
    [
      'an unknown interval',
      'interval: year',
      'interval: yearly',
      'config/catalog.yaml:20:9 plans.pro.prices[1].interval: expected one of day, week, month, year, got "yearly"',
    ],
    [
      'an unknown currency',
      'currency: eur\n        amount: 9990',
      'currency: euro\n        amount: 9990',
      'config/catalog.yaml:21:9 plans.pro.prices[1].currency: expected a currency that Stripe charges in, in lower case, got "euro" (did you mean eur?)',
    ],
    [
      'a currency in capitals',
      'currency: eur\n        amount: 9990',
      'currency: EUR\n        amount: 9990',
      'config/catalog.yaml:21:9 plans.pro.prices[1].currency: expected a currency that Stripe charges in, in lower case, got "EUR" (did you mean eur?)',
    ],
    [
      'two prices of one kind',
      'interval: year',
      'interval: month',
      'config/catalog.yaml:20:9 plans.pro.prices[1]: expected one price per interval and currency, got month in eur again',
    ],
    [
      'a feature that is not there',
      'projects: 50',
      'project: 50',
      "config/catalog.yaml:24:7 plans.pro.features.project: there is no such feature; expected 'projects'? The features are projects, api_access, support_level",
    ],
    [
      'a limit of another type',
      'projects: 50',
      'projects: many',
      'config/catalog.yaml:24:7 plans.pro.features.projects: expected a whole number or unlimited, got "many"',
    ],
    [
      'a boolean of another type',
      'api_access: true',
      'api_access: 1',
      'config/catalog.yaml:25:7 plans.pro.features.api_access: expected true or false, got 1',
    ],
    [
      'a value that is none of the feature',
      'support_level: email',
      'support_level: phone',
      'config/catalog.yaml:26:7 plans.pro.features.support_level: expected one of community, email, got "phone"',
    ],
    [
      'a list as a value',
      'projects: 50',
      'projects: [1]',
      'config/catalog.yaml:24:7 plans.pro.features.projects: expected true, false, a whole number or a text, got [1]',
    ],
    [
      'a plan name in capitals',
      '  pro:',
      '  Pro:',
      'config/catalog.yaml:13:3 plans.Pro: expected a name of lower-case letters, digits and _ (at most 60)',
    ],
    ['the same plan twice', 'plans:', 'plans:\n  pro: {}', 'config/catalog.yaml:14:3 Map keys must be unique'],
    [
      'broken YAML',
      'values: [community, email]',
      'values: [community, email',
      'config/catalog.yaml:11:5 Flow sequence in block collection must be sufficiently indented and end with a ]',
    ],
    [
      'an empty plan',
      '    prices:',
      '    prices: []\n    pricez:',
      'config/catalog.yaml:16:5 plans.pro.prices: expected at least 1 in the list, got []',
    ],
  ];
  test.each(cases)('with %s is refused by file, line and field', (_, from, to, fault) => {
    expect(valid).toContain(from);
    expect(faultsOf(valid.replace(from, to))).toContain(fault);
  });

  test('an empty file names what is missing', () => {
    expect(faultsOf('')).toEqual([
      'config/catalog.yaml:1:1 features: expected a block of `key: value` lines, it is missing',
      'config/catalog.yaml:1:1 plans: expected a block of `key: value` lines, it is missing',
    ]);
  });

  test('all faults are told at once', () => {
    const faults = faultsOf(valid.replace('amount: 999\n', 'amount: x\n').replace('group: main', 'groop: main'));
    expect(faults).toHaveLength(3);
  });
});
