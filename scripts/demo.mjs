/** `npm run demo [-- --here]`: sets up what is missing, builds, and runs examples/demo.ts. */
import {run, setUp} from './set_up.mjs';

const USAGE = `usage: npm run demo             shows a congestion control at work in a VM
       npm run demo -- --here   on this machine, as root: it really is loaded
`;

const args = process.argv.slice(2);
if (args.length === 1 && args[0] === '--help') {
  console.log(USAGE);
  process.exit(0);
}
if (args.length > 1 || (args.length === 1 && args[0] !== '--here')) {
  console.error(USAGE);
  process.exit(2);
}
if (args[0] === '--here' && process.getuid?.() !== 0) {
  console.error('--here loads BPF programs into the kernel of this machine: run it as root');
  process.exit(2);
}
setUp('demo');
run('npm', 'run', '--silent', 'build');
run(process.execPath, '--import=tsx', 'examples/demo.ts', ...args);
