import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import ts from 'typescript';
import {InputError} from '../../src/errors.js';
import {optionLines} from '../../src/inputs/settings.js';
import {
  declarationsOf,
  describeTypes,
  type TypesDescription,
} from '../../src/inspect/declarations.js';
import {typedSettings} from '../../src/inspect/object_types.js';
import {bpfObject} from '../helpers/bpf_objects.js';
import {REPOSITORY} from '../rig/cache.js';
import {faultsSmall} from './plan_small.js';
import {runCli} from './run_cli.js';

const OBJECT = 'test/bpf/library/settings.bpf.o';

const HEAD = `
import {loadObject, typedSettings} from 'structops';
import type {Settings} from './settings.types.js';
const request = {object: new Uint8Array(), objectName: 'settings.bpf.o'};
`;

/** What the object has, and how each may be set. */
const ACCEPTED = [
  "typedSettings<Settings>({set: {threshold: -5, enabled: true, large: 1n << 60n, mode: 'LOUD'}});",
  "typedSettings<Settings>({set: {mode: 7, label: 'after', 'so_first.flags': 2}});",
  "typedSettings<Settings>({set: {'so_first.ssthresh': 'second_ssthresh'}});",
  "typedSettings<Settings>({set: {'so_second.init': null, CONFIG_HZ: 250}});",
  'typedSettings<Settings>({maps: {flows: {maxEntries: 1024}}, resize: {samples: 64}});',
  'typedSettings<Settings>({autoload: {other: false}, create: {so_second: false}});',
  "typedSettings<Settings>({associate: 'so_first', nullUnknownCallbacks: true});",
  'await loadObject<Settings>({...request, settings: {set: {threshold: 1}}, loadOnly: true});',
  'await loadObject<Settings>(request);',
];

/** Statement -> what the compiler says of it. */
const REFUSED: Readonly<Record<string, RegExp>> = {
  'typedSettings<Settings>({set: {treshold: 5}});': /'treshold'.*'threshold'/,
  "typedSettings<Settings>({set: {threshold: 'five'}});": /'string' is not assignable.*'number'/,
  'typedSettings<Settings>({set: {threshold: 5n}});': /'bigint' is not assignable/,
  'typedSettings<Settings>({set: {enabled: 2}});': /'boolean/,
  "typedSettings<Settings>({set: {mode: 'SHOUTING'}});": /"SHOUTING"/,
  'typedSettings<Settings>({set: {label: 5}});': /'string/,
  "typedSettings<Settings>({set: {'so_first.flag': 2}});": /so_first\.flag/,
  "typedSettings<Settings>({set: {'so_third.flags': 2}});": /so_third\.flags/,
  "typedSettings<Settings>({set: {'so_first.ssthresh': 'other'}});": /"other"/,
  'typedSettings<Settings>({maps: {flow: {maxEntries: 1}}});': /'flow'/,
  'typedSettings<Settings>({maps: {flows: {max_entries: 1}}});': /'max_entries'/,
  'typedSettings<Settings>({resize: {label: 64}});': /'label'/,
  'typedSettings<Settings>({autoload: {others: false}});': /'others'/,
  'typedSettings<Settings>({create: {flows: false}});': /'flows'/,
  "typedSettings<Settings>({associate: 'other'});": /"other"/,
  'await loadObject<Settings>({...request, settings: {set: {nothing: 1}}});': /'nothing'/,
};

let directory = '';
/** Of each statement, by its text. */
let said: ReadonlyMap<string, readonly string[]>;

test.before(async t => {
  t.timeout(300_000);
  directory = await mkdtemp(join(tmpdir(), 'structops-types-'));
  const {exitCode, stderr} = await runCli([
    'types',
    OBJECT,
    '-o',
    join(directory, 'settings.types.ts'),
  ]);
  t.is(exitCode, 0, stderr);
  said = await compile([...ACCEPTED, ...Object.keys(REFUSED)]);
});

test.after.always(() => rm(directory, {recursive: true, force: true}));

/** Compiles each statement as a file of its own, all with one compiler. */
async function compile(statements: readonly string[]) {
  const paths = statements.map((_, index) => join(directory, `statement_${index}.ts`));
  await writeFile(join(directory, 'package.json'), '{"type": "module"}');
  for (const [index, path] of paths.entries()) await writeFile(path, HEAD + statements[index]);
  const program = ts.createProgram(paths, {
    ...{strict: true, exactOptionalPropertyTypes: true, noEmit: true, skipLibCheck: true},
    ...{target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.NodeNext},
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    typeRoots: [join(REPOSITORY, 'node_modules/@types')],
    types: ['node'],
    paths: {structops: [join(REPOSITORY, 'src/index.ts')]},
  });
  const texts = paths.map(path => {
    const source = program.getSourceFile(path);
    return [
      ...program.getSyntacticDiagnostics(source),
      ...program.getSemanticDiagnostics(source),
    ].map(({messageText}) => ts.flattenDiagnosticMessageText(messageText, ' '));
  });
  return new Map(statements.map((statement, index) => [statement, texts[index] ?? []]));
}

for (const statement of ACCEPTED) {
  test(`compiles: ${statement}`, t => t.deepEqual(said.get(statement), []));
}

for (const [statement, says] of Object.entries(REFUSED)) {
  test(`does not compile: ${statement}`, t => {
    const texts = said.get(statement) ?? [];
    t.is(texts.length, 1, texts.join('\n'));
    t.regex(texts[0] ?? '', says);
  });
}

test('what is declared can be set: the core takes a value of each type', async t => {
  const types = describeTypes({object: await bpfObject('library/settings'), objectName: 'x.bpf.o'});
  const samples = {integer: 1, bool: true, text: 'x', callback: null, nothing: undefined} as const;
  const all = [
    ...types.variables,
    ...types.struct_ops.flatMap(({name, members}) =>
      members.map(member => ({...member, name: `${name}.${member.name}`})),
    ),
  ];
  t.true(all.length > 15);
  for (const {name, takes} of all) {
    const value = takes.kind === 'enum' ? takes.enumerators[0] : samples[takes.kind];
    if (value === undefined) continue;
    const settings = {nullUnknownCallbacks: true, set: {[name]: value}};
    const faults = await faultsSmall('settings', {settings});
    // The kernel need not have the member; the setting must be right.
    t.deepEqual(
      faults.filter(({code}) => code !== 'KERN_NO_MEMBER'),
      [],
      name,
    );
  }
});

test('typedSettings gives what every other function takes', t => {
  const settings = typedSettings<{
    set: {x: number};
    maps: 'm';
    programs: never;
    structOps: never;
    arrays: never;
  }>({set: {x: 1}, maps: {m: {maxEntries: 2}}});
  t.is(optionLines(settings), 'set.x=1\nmap.m.max_entries=2\n');
});

const hostile: TypesDescription = {
  schema: 'structops.types/1',
  object: '*/ evil();\n.bpf.o',
  variables: [
    {name: "a'; evil();\u2028//", type: 'int\n; evil()', takes: {kind: 'bool'}, grows: true},
    {name: 'twice', type: 'int', takes: {kind: 'bool'}, grows: false},
    {name: 'twice', type: 'int', takes: {kind: 'bool'}, grows: false},
  ],
  struct_ops: [],
  ...{programs: ["p' | any | '"], callbacks: [], maps: ['m\\']},
};

test('names of strangers become literals, and nothing else', t => {
  const text = declarationsOf(hostile);
  const source = ts.createSourceFile('x.ts', text, ts.ScriptTarget.ES2022);
  t.deepEqual(
    source.statements.map(({kind}) => ts.SyntaxKind[kind]),
    ['TypeAliasDeclaration', 'InterfaceDeclaration'],
  );
  const {diagnostics} = ts.transpileModule(text, {reportDiagnostics: true});
  t.deepEqual(diagnostics, []);
  t.is(text.match(/'twice'/g)?.length, 1);
});

test('the name of the interface is that of the file, or the one that is asked for', async t => {
  const types = describeTypes({
    object: await bpfObject('library/settings'),
    objectName: '6-my_sched.bpf.o',
  });
  t.regex(declarationsOf(types), /^export interface Object6MySched \{$/m);
  t.regex(declarationsOf(types, 'Mine'), /^export interface Mine \{$/m);
  t.throws(() => declarationsOf(types, 'a b'), {instanceOf: InputError});
});

test('the command: declarations on standard output, or as JSON', async t => {
  const plain = await runCli(['types', OBJECT]);
  t.is(
    plain.stdout.trimEnd(),
    (await readFile(join(directory, 'settings.types.ts'), 'utf8')).trimEnd(),
  );
  const json = await runCli(['types', OBJECT, '--json']);
  t.like(JSON.parse(json.stdout), {schema: 'structops.types/1', maps: ['flows']});
  const wrong = await runCli(['types', OBJECT, '--name', '1']);
  t.is(wrong.exitCode, 2);
  t.regex(wrong.stderr, /cannot be the name/);
});
