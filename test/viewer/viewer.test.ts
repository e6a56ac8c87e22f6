import {mkdtemp, readdir, readFile, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {basename, join} from 'node:path';
import {pathToFileURL} from 'node:url';
import {gzipSync} from 'node:zlib';
import test, {type ExecutionContext} from 'ava';
import axe from 'axe-core';
import type {Locator, Page} from 'playwright-core';
import {build} from 'vite';
import {openBtf} from '../../src/inputs/kernel_btf.js';
import {parseSettings} from '../../src/inputs/settings_file.js';
import type {Plan} from '../../src/plan/plan.js';
import {type PlanRequest, planObject} from '../../src/plan/plan_object.js';
import {REPOSITORY} from '../rig/cache.js';
import {getKernel, type KernelId} from '../rig/kernels.js';
import {getModuleBtf} from '../rig/modules.js';
import {type Chromium, startChromium} from './chromium.js';

/** The page as it is handed out, opened from its file in a real browser, by whoever reviews a plan. */

const OBJECT = join(REPOSITORY, 'examples/tcp/second_link.bpf.o');
const VIEWER = join(REPOSITORY, 'viewer');

let directory = '';
let chromium: Chromium;
let page: Page;
/** Whatever the page asked anyone for. */
const requests: string[] = [];
const problems: string[] = [];

test.before(async t => {
  t.timeout(120_000);
  directory = await mkdtemp(join(tmpdir(), 'structops-viewer-'));
  const configFile = join(VIEWER, 'vite.config.mjs');
  await build({configFile, logLevel: 'error', build: {outDir: directory}});
  chromium = await startChromium();
});

test.after.always(async () => {
  await chromium?.close();
  await rm(directory, {recursive: true, force: true});
});

test.beforeEach(async () => {
  page = await chromium.context.newPage();
  page.on('request', request => requests.push(request.url()));
  page.on('pageerror', error => problems.push(String(error)));
  page.on('console', message => {
    if (message.type() === 'error') problems.push(message.text());
  });
  await page.goto(pathToFileURL(join(directory, 'index.html')).href);
});

test.afterEach.always(() => page.close());

const btfOf = async (id: KernelId) => (await getKernel(id)).btf;
const slot = (label: string) => page.getByLabel(label, {exact: true});
const tab = (name: RegExp) => page.getByRole('tab', {name});
const textOf = async (locator: Locator) => (await locator.textContent()) ?? '';
const status = () => textOf(page.getByRole('status'));

/** Gives the page an object, and a kernel's BTF. */
async function give(id: KernelId, object = OBJECT): Promise<void> {
  await slot('Object or plan').setInputFiles(object);
  await slot('Kernel BTF').setInputFiles(await btfOf(id));
  await page.getByText(/a plan of|no plan/).waitFor();
}

async function planFor(id: KernelId, object = OBJECT, more: Partial<PlanRequest> = {}) {
  return planObject({
    object: await readFile(object),
    objectName: basename(object),
    kernelBtf: openBtf(await btfOf(id)),
    ...more,
  });
}

/** The page shows this plan, once it has it. */
async function expectPlan(t: ExecutionContext, plan: Plan): Promise<void> {
  await tab(/Plan/).click();
  const sha256 = page.getByText(`sha256 ${plan.describe().plan.sha256}`);
  await sha256.waitFor();
  t.is(await sha256.count(), 1);
}

/** Cells of each row of a table, by its caption. */
async function rowsOf(caption: string | RegExp): Promise<string[][]> {
  const rows = page.getByRole('table', {name: caption}).locator('tbody tr');
  return rows.evaluateAll(list =>
    list.map(row => [...row.querySelectorAll('td')].map(cell => cell.textContent ?? '')),
  );
}

/** WCAG 2.2 A and AA and best practices, in the light and in the dark. */
async function expectAccessible(t: ExecutionContext): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({colorScheme});
    await page.evaluate(axe.source);
    const found = await page.evaluate(async () => {
      const {axe} = globalThis as unknown as {axe: typeof import('axe-core')};
      const {violations, passes} = await axe.run();
      return {
        rules: passes.length,
        violations: violations.map(({id, nodes}) => [id, nodes[0]?.html]),
      };
    });
    t.deepEqual(found.violations, [], colorScheme);
    t.true(found.rules > 15);
  }
}

test.serial('it is one file that may reach nothing', async t => {
  t.deepEqual(await readdir(directory), ['index.html']);
  const html = await readFile(join(directory, 'index.html'), 'utf8');
  t.regex(html, /Content-Security-Policy" content="default-src 'none'; script-src 'sha256-/);
  const reached = await page.evaluate(() =>
    fetch('data:text/plain,x').then(
      () => true,
      () => false,
    ),
  );
  t.false(reached);
  problems.length = 0;
  await expectAccessible(t);
});

test.serial('an object alone: what it declares', async t => {
  await slot('Object or plan').setInputFiles(OBJECT);
  await page.getByText('add a kernel').waitFor();
  const members = await rowsOf('Members of so_second');
  t.deepEqual(members[0], ['0', '16', 'name', '"so_second"']);
  t.deepEqual(members[1], ['16', '8', 'init', 'program second_init']);
  const programs = await rowsOf('Programs of the object');
  t.true(programs.some(([name]) => name === 'second_cong_avoid'));
  await expectAccessible(t);
});

test.serial('a plan: the bytes of the library, and every step of it', async t => {
  await give('6.12');
  const {plan, steps} = (await planFor('6.12')).describe();
  await tab(/Plan/).click();
  await page.getByText(`sha256 ${plan.sha256}`).waitFor();
  const commands = await page.locator('.step .cmd').allInnerTexts();
  t.deepEqual(
    commands,
    steps.map(({cmd}) => cmd),
  );
  await page.locator('.step summary').first().click();
  const [first] = await rowsOf(/union bpf_attr of step 0/);
  t.deepEqual(first, ['btf_size', String(steps[0]?.attr.btf_size), 'the plan']);
  await expectAccessible(t);
});

test.serial('kern_vdata: every byte is drawn once, and every member has its row', async t => {
  await give('6.12');
  await tab(/Plan/).click();
  await page.locator('.step summary', {hasText: 'so_second'}).nth(1).click();
  const {steps} = (await planFor('6.12')).describe();
  const written = steps.find(({members}) => members !== undefined);
  const rows = await rowsOf(/^Members of bpf_struct_ops_tcp_congestion_ops/);
  t.deepEqual(
    rows.map(([bytes, , name]) => [bytes, name]),
    written?.members?.map(({offset, size, name}) => [`${offset}–${offset + size - 1}`, name]),
  );
  t.true(rows.some(cells => cells.join(' ').includes('program second_ssthresh (slot')));
  const drawn = await page
    .locator('.drawing .span')
    .evaluateAll(spans => spans.map(span => Number(/span (\d+)/.exec(span.style.gridColumn)?.[1])));
  t.is(
    drawn.reduce((sum, bytes) => sum + bytes, 0),
    (written?.blobs.value?.length ?? 0) / 2,
  );
  await expectAccessible(t);
});

test.serial(
  'a program: each instruction before and after, why, and what is put into it',
  async t => {
    await give('6.12');
    await tab(/Programs/).click();
    await page.getByLabel('Program', {exact: true}).selectOption('second_init');
    const rows = await rowsOf('Instructions of second_init');
    t.deepEqual(rows.at(-1), ['13', 'exit', '', 'exit', '95 00 00 00 00 00 00 00', '']);
    const [, was, about, is, , put] = rows.find(([, , text]) => text?.startsWith('map .bss')) ?? [];
    t.not(was, is);
    t.is(is, `r4 = ${about}`);
    t.regex(put ?? '', /^fd of \.bss \(slot \d+\)$/);
    t.true(rows.some(([, , text]) => text?.includes('CO-RE byte_offset of struct tcp_sock')));
    await expectAccessible(t);
  },
);

test.serial('no plan: the reason, in full and at the thing that it is about', async t => {
  await give('6.1');
  t.regex(await status(), /no plan, for 1 reason/);
  const fault = page.getByRole('region', {name: 'Why there is no plan'});
  t.regex(await textOf(fault), /no struct_ops links[\s\S]*try[\s\S]*KERN_NO_LINKS \(305\)/);
  const card = page.locator('.card', {hasText: 'so_second'}).first();
  t.regex(await textOf(card), /KERN_NO_LINKS/);
  t.is(await tab(/Plan/).count(), 0);
  await expectAccessible(t);
});

test.serial('two kernels side by side: what differs', async t => {
  await give('6.12');
  await page.getByLabel('compare with a second plan').check();
  await slot('Kernel BTF')
    .nth(1)
    .setInputFiles(await btfOf('newest'));
  await tab(/Side by side/).click();
  t.regex(await textOf(page.locator('.verdict')), /^[1-9]\d* steps differ/);
  const members = await rowsOf('Differences of so_second');
  t.true(members.some(([name, left, right]) => name === 'ssthresh' && left !== right));
  t.true((await page.locator('.hunk .added').count()) > 0);
  await expectAccessible(t);
});

test.serial('the keyboard alone: from the tabs into a step', async t => {
  await give('6.12');
  await tab(/Object/).focus();
  await page.keyboard.press('ArrowRight');
  t.is(await tab(/Plan/).getAttribute('aria-selected'), 'true');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  t.true(
    await page
      .locator('.step')
      .first()
      .evaluate(step => step.open),
  );
  await tab(/Plan/).focus();
  await page.keyboard.press('End');
  t.is(await tab(/Programs/).getAttribute('aria-selected'), 'true');
});

test.serial('modules: the plan of the library, which needs them', async t => {
  const kernel = await getKernel('6.12');
  const modules = ['net/ipv4/tcp_bbr', 'net/ipv4/tcp_dctcp'];
  const paths = await Promise.all(modules.map(path => getModuleBtf(kernel, path)));
  const object = join(REPOSITORY, 'test/bpf/conformance/module_kfuncs.bpf.o');
  await give('6.12', object);
  t.regex(await status(), /no plan, for/);
  await page.getByText('More inputs and settings').click();
  await slot('Module BTFs').setInputFiles(paths);
  await expectPlan(
    t,
    await planFor('6.12', object, {
      moduleBtfs: paths.map(path => ({name: basename(path), bytes: openBtf(path)})),
    }),
  );
});

test.serial('the configuration, packed, and the version of a kernel', async t => {
  const object = join(REPOSITORY, 'test/bpf/library/kconfig.bpf.o');
  const kconfig = Buffer.from(
    'CONFIG_HZ=250\nCONFIG_BPF_SYSCALL=y\nCONFIG_TCP_CONG_CUBIC=m\nCONFIG_DEFAULT_TCP_CONG="x"\n',
  );
  await give('6.12', object);
  t.regex(await status(), /no plan, for/);
  await page.getByText('More inputs and settings').click();
  const packed = {name: 'config.gz', mimeType: '', buffer: gzipSync(kconfig)};
  await slot('Kernel configuration').setInputFiles(packed);
  await slot('Kernel version').fill('6.12.107');
  await slot('Kernel version').blur();
  await expectPlan(t, await planFor('6.12', object, {kconfig, kernelVersion: '6.12.107'}));
});

test.serial('settings: the plan of the library, and what each changes', async t => {
  const text = 'set: {so_second.name: gentle, window_min: 4}\nautoload: {second_init: true}\n';
  await give('6.12');
  await page.getByText('More inputs and settings').click();
  await slot('Settings, as in a settings file').fill(text);
  await slot('Settings, as in a settings file').blur();
  await expectPlan(t, await planFor('6.12', OBJECT, {settings: parseSettings(text)}));
  await page.getByText('set.window_min: 2 → 4').waitFor();
  await expectAccessible(t);
});

test.serial('settings that are none: which line, and what there is', async t => {
  await give('6.12');
  await page.getByText('More inputs and settings').click();
  await slot('Settings, as in a settings file').fill('set:\n  window_min: 4\nmap: {}\n');
  await slot('Settings, as in a settings file').blur();
  await page.getByText('cannot be used').waitFor();
  const fault = await textOf(page.getByRole('region', {name: 'Why there is no plan'}));
  t.regex(fault, /settings:3: there is no setting map[\s\S]*did you mean maps\?/);
});

test.serial('a kept plan is shown without its object', async t => {
  const buffer = Buffer.from((await planFor('6.12')).bytes);
  await slot('Object or plan').setInputFiles({name: 'x.plan', mimeType: '', buffer});
  await page.getByText('a plan of').waitFor();
  t.is(await tab(/Object/).count(), 0);
  await tab(/Programs/).click();
  t.is((await rowsOf('Instructions of second_init'))[0]?.length, 4);
  t.is(await tab(/Plan/).count(), 1);
});

test.serial('files dropped on the page find their places', async t => {
  const files: {name: string; base64: string}[] = await Promise.all(
    [OBJECT, await btfOf('6.12')].map(async path => ({
      name: basename(path),
      base64: (await readFile(path)).toString('base64'),
    })),
  );
  const settings = 'set: {so_second.name: gentle}\n';
  files.push({name: 'second.yaml', base64: Buffer.from(settings).toString('base64')});
  await page.evaluate(given => {
    const dataTransfer = new DataTransfer();
    for (const {name, base64} of given) {
      const bytes = Uint8Array.from(atob(base64), character => character.charCodeAt(0));
      dataTransfer.items.add(new File([bytes], name));
    }
    window.dispatchEvent(new DragEvent('drop', {dataTransfer}));
  }, files);
  await page.getByText('a plan of').waitFor();
  t.regex(await status(), /^second_link\.bpf\.o: a plan of \d+ steps$/);
  await page.getByText('More inputs and settings').click();
  t.is(await slot('Settings, as in a settings file').inputValue(), settings);
});

test.serial('a name with markup or with controls in it is text', async t => {
  const buffer = await readFile(OBJECT);
  const name = '<img src=x onerror=alert(1)>\u202e.bpf.o';
  await slot('Object or plan').setInputFiles({name, mimeType: '', buffer});
  await page.getByText('add a kernel').waitFor();
  t.is(await page.locator('img').count(), 0);
  t.true((await status()).startsWith('<img src=x onerror=alert(1)>\\u{202e}.bpf.o'));
});

test.serial('in all of this the page asked nobody, and nothing went wrong', t => {
  t.deepEqual(new Set(requests), new Set([pathToFileURL(join(directory, 'index.html')).href]));
  t.deepEqual(problems, []);
});
