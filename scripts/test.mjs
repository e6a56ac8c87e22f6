/** `npm test`: sets up what is missing, builds, checks and tests everything; says what took how long. */
import {run, runTogether, setUp} from './set_up.mjs';

/** Each takes one CPU only. The tests' types are those of dist/ too. */
const SIDE_BY_SIDE = [
  'npm run --silent build:wasm && npm run --silent build:shim',
  'npm run --silent build:js && npm run --silent typecheck && npm run --silent lint',
];

const PARTS = {
  'set up': () => setUp('test'),
  'build, typecheck, lint': async () => {
    await runTogether(...SIDE_BY_SIDE);
    run('npm', 'run', '--silent', 'build:bundle');
  },
  'tests, also in VMs': () => run('npm', 'run', '--silent', 'ava'),
};

const times = [];
for (const [name, part] of Object.entries(PARTS)) {
  const startedMs = Date.now();
  await part();
  times.push(`  ${((Date.now() - startedMs) / 1000).toFixed(1).padStart(6)} s  ${name}`);
}
console.log(['', 'all passed:', ...times].join('\n'));
