/** `npm test`: sets up what is missing, builds, checks and tests everything; says what took how long. */
import {run, setUp} from './set_up.mjs';

const PARTS = {
  'set up': () => setUp('test'),
  build: () => run('npm', 'run', '--silent', 'build'),
  lint: () => run('npm', 'run', '--silent', 'lint'),
  typecheck: () => run('npm', 'run', '--silent', 'typecheck'),
  'tests, also in VMs': () => run('npm', 'run', '--silent', 'ava'),
};

const times = Object.entries(PARTS).map(([name, part]) => {
  const startedMs = Date.now();
  part();
  return `  ${((Date.now() - startedMs) / 1000).toFixed(1).padStart(6)} s  ${name}`;
});
console.log(['', 'all passed:', ...times].join('\n'));
