/** `npm run build:viewer`: one HTML file with everything in it, which works from file:// as well. */
import {createHash} from 'node:crypto';
import {readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {defineConfig} from 'vite';
import {viteSingleFile} from 'vite-plugin-singlefile';

const path = name => fileURLToPath(new URL(name, import.meta.url));

export default defineConfig({
  root: path('.'),
  resolve: {alias: {'structops/browser': path('../dist/browser.js')}},
  oxc: {jsx: {runtime: 'automatic', importSource: 'preact'}},
  plugins: [viteSingleFile({removeViteModuleLoader: true}), contentSecurityPolicy()],
  build: {outDir: path('../build/viewer'), emptyOutDir: true, target: 'es2022'},
});

/**
 * Objects and plans come from strangers. The page may run its own script alone, and may reach
 * nothing: what is looked at cannot leave it.
 */
function contentSecurityPolicy() {
  return {
    name: 'content-security-policy',
    // Of the file that was written: only there everything is in its place.
    async writeBundle({dir}) {
      const file = join(dir, 'index.html');
      const html = await readFile(file, 'utf8');
      const [, script = ''] = /<script type="module"[^>]*>(.+?)<\/script>/s.exec(html) ?? [];
      if (script === '') throw new Error(`${file} has no script in it`);
      const policy = [
        "default-src 'none'",
        `script-src 'sha256-${createHash('sha256').update(script).digest('base64')}' 'wasm-unsafe-eval'`,
        "style-src 'unsafe-inline'",
        'img-src data:',
        "base-uri 'none'",
        "form-action 'none'",
      ].join('; ');
      const meta = `<meta http-equiv="Content-Security-Policy" content="${policy}">`;
      const first = '<meta charset="utf-8">';
      await writeFile(
        file,
        html.replace(first, () => `${first}\n    ${meta}`),
      );
    },
  };
}
