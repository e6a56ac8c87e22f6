/**
 * Makes dist/browser.js of src/browser.ts: one ES module with the core in it, which imports
 * nothing, so that it works in a page, in a worker and through every bundler. Part of `build:dist`;
 * a path as its argument is another place for the module.
 */
import {fileURLToPath} from 'node:url';
import {build} from 'esbuild';

const path = name => fileURLToPath(new URL(`../${name}`, import.meta.url));

await build({
  entryPoints: [path('src/browser.ts')],
  outfile: process.argv[2] ?? path('dist/browser.js'),
  bundle: true,
  format: 'esm',
  platform: 'browser',
  target: 'es2022',
  loader: {'.wasm': 'binary'},
  plugins: [
    {
      name: 'host',
      setup: ({onResolve}) =>
        onResolve({filter: /\/host_node\.js$/}, () => ({path: path('src/core/host_browser.ts')})),
    },
  ],
});
