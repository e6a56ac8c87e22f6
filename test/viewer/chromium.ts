import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {type BrowserContext, chromium} from 'playwright-core';
import {CHROMIUM, ensureSystemPackages} from '../rig/system_packages.js';

/** Nothing in the background, and no network but what a page asks for. */
const FLAGS = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
];

export interface Chromium {
  readonly context: BrowserContext;
  close(): Promise<void>;
}

/** Debian's Chromium, headless, with a profile of its own that nothing is left of. */
export async function startChromium(): Promise<Chromium> {
  await ensureSystemPackages([CHROMIUM]);
  const profile = await mkdtemp(join(tmpdir(), 'structops-chromium-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: CHROMIUM.lookFor,
    headless: true,
    args: FLAGS,
    viewport: {width: 1360, height: 900},
  });
  return {
    context,
    close: async () => {
      await context.close();
      await rm(profile, {recursive: true, force: true});
    },
  };
}
