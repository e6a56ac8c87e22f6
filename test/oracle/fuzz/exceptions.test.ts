import {join} from 'node:path';
import test from 'ava';
import {REPOSITORY} from '../../rig/cache.js';
import {compareObject, prepare} from './differential.js';
import {smallProgram} from './small_program.js';

/** Functions that bpf_throw() ends programs with, which tags of the programs name. */

const place = join(REPOSITORY, 'build/test/differential');

const RUN = 'int (*run)(struct s0 *p); ';
const END = '__attribute__((noinline)) int end(u64 cookie) { first = cookie; return 7; }\n';

const tag = (name: string) => `__attribute__((btf_decl_tag("exception_callback:${name}"))) `;
const program = (tags: string, section = 'syscall', body = 'return 1;') =>
  `__attribute__((section("${section}"), used)) ${tags}int program(void *ctx) { ${body} }\n`;

interface Row {
  /** What the object has beside a small program. */
  readonly text: string;
  readonly libbpf: string;
  /** How many functions `program` has in the plan. */
  readonly functions?: number;
}

const ROWS: Readonly<Record<string, Row>> = {
  'goes to the kernel with its program': {
    ...{text: END + program(tag('end')), libbpf: 'attached', functions: 2},
  },
  'is there once if the program calls it as well': {
    text: END + program(tag('end'), 'syscall', 'return end(1) + callee(2);'),
    libbpf: 'attached',
    functions: 3,
  },
  'brings the functions that it calls': {
    text: END.replace('return 7', 'return callee(7)') + program(tag('end')),
    libbpf: 'attached',
    functions: 3,
  },
  'may be weak': {
    ...{text: `__attribute__((weak)) ${END}${program(tag('end'))}`, libbpf: 'attached'},
    functions: 2,
  },
  'is not the second of two, nor the first': {
    ...{text: END + program(tag('end') + tag('callee')), libbpf: 'attached', functions: 1},
  },
  'is not looked for if the program is not loaded': {
    ...{text: program(tag('nowhere'), '?syscall'), libbpf: 'attached'},
  },
  'has to be there': {text: program(tag('nowhere')), libbpf: 'load: ENOENT'},
  'has a name': {text: program(tag('')), libbpf: 'load: EINVAL'},
  'is not hidden': {
    text: `__attribute__((visibility("hidden"))) ${END}${program(tag('end'))}`,
    libbpf: 'load: EINVAL',
  },
  'is not static': {
    text: `static __attribute__((used)) ${END}${program(tag('end'))}`,
    libbpf: 'load: EINVAL',
  },
  'is no program': {
    text: program(tag('run')),
    libbpf: 'load: ENOENT',
  },
  'is of no static function': {
    text: `static __attribute__((noinline, used)) ${tag('end')}int other(int n) { return n; }\n${END}`,
    libbpf: 'load: EINVAL',
  },
};

const callback = test.macro({
  async exec(t, title: string) {
    const row = ROWS[title];
    if (row === undefined) return t.fail();
    const {object, ...others} = smallProgram(RUN, '', RUN);
    const sources = {object: object + row.text, ...others};
    const directory = join(place, `exceptions_${title.replace(/\W+/g, '_')}`);
    const {verdict, plan} = await compareObject(await prepare(sources, directory));
    t.true(verdict.same, verdict.why.join('; '));
    t.is(verdict.libbpf.text, row.libbpf);
    if (row.functions === undefined) return;
    if (!('plan' in plan)) return t.fail(verdict.log);
    const {steps} = plan.plan.describe();
    const load = steps.find(({cmd, name}) => cmd === 'BPF_PROG_LOAD' && name === 'program');
    t.is(load?.attr.func_info_cnt, row.functions);
  },
  title: (_ = '', title) => `4.17 an exception callback ${title}`,
});

for (const title of Object.keys(ROWS)) test(callback, title);
