import {fileURLToPath} from 'node:url';
import type {ExecutionContext} from 'ava';
import type {ShimLine} from '../../src/executor/shim_report.js';
import type {Plan} from '../../src/plan/plan.js';
import type {GuestFile} from '../rig/initramfs.js';

/** Path below /out -> content. */
export type OutFiles = ReadonlyMap<string, Buffer>;

/** What held.sh saw of a holder. */
export interface HeldFacts {
  /** The executor's lines, or those of `structops apply --json`. */
  readonly lines: readonly ShimLine[];
  readonly stderr: string;
  readonly exitCode: number;
  /** BPF objects that came with the holder, for instance `map 3 struct_ops  name so_fifo  …`. */
  readonly added: readonly string[];
  /** What was in the kernel at the end and not before, as diff(1) shows it; or ''. */
  readonly left: string;
}

/** A script of this directory, where the scripts in the guest find each other. */
export function guestScript(name: string): GuestFile {
  return {
    hostPath: fileURLToPath(new URL(name, import.meta.url)),
    guestPath: `/rig/${name}`,
  };
}

/** A line of shell that runs such a script, its facts in /out/LABEL. */
export function scriptCommand(
  name: string,
  label: string,
  holder: string,
  environment: Readonly<Record<string, string | number>> = {},
): string {
  const all = {OUT: `/out/${label}`, HOLDER: `exec ${holder}`, ...environment};
  const assignments = Object.entries(all).map(([key, value]) => `${key}='${value}'`);
  return `${assignments.join(' ')} sh /rig/${name}`;
}

/** A fact as text without the line break at its end; '' if the guest left none. */
export function readFact(outFiles: OutFiles, path: string): string {
  return outFiles.get(path)?.toString().trimEnd() ?? '';
}

export function readHeld(outFiles: OutFiles, label: string): HeldFacts {
  const fact = (name: string) => readFact(outFiles, `${label}/${name}`);
  const before = linesOf(fact('objects_before'));
  return {
    lines: linesOf(fact('stdout')).map(line => JSON.parse(line)),
    stderr: fact('stderr'),
    exitCode: Number(fact('exit_code') || Number.NaN),
    added: linesOf(fact('objects_during')).filter(line => !before.includes(line)),
    left: fact('left'),
  };
}

/** A data section as dumped by held.sh: its variables. */
export function readVariables(outFiles: OutFiles, path: string): Record<string, unknown> {
  const [element] = readElements(outFiles, path);
  const sections = Object.values((element ?? {}) as Record<string, Record<string, unknown>[]>);
  return Object.assign({}, ...sections.flat());
}

/** The values of any map as dumped by held.sh. */
export function readElements(outFiles: OutFiles, path: string): unknown[] {
  return dumpOf(outFiles, path).map(({formatted}) => formatted.value);
}

/** A data section whose first variable is a text; bpftool shows a long one as numbers. */
export function readText(outFiles: OutFiles, path: string): string {
  const bytes = dumpOf(outFiles, path)[0]?.value.map(Number) ?? [];
  return Buffer.from(bytes.slice(0, bytes.indexOf(0))).toString();
}

interface MapElement {
  /** Bytes, such as `0x7f`. */
  readonly value: readonly string[];
  readonly formatted: {readonly value: unknown};
}

function dumpOf(outFiles: OutFiles, path: string): MapElement[] {
  return JSON.parse(readFact(outFiles, path));
}

/** It was carried out and held, with the objects of its plan and no other, and nothing is left. */
export function expectHeld(t: ExecutionContext, facts: HeldFacts, plan: Plan): void {
  const [done, released] = facts.lines;
  t.is(done?.status, 'done', facts.stderr);
  t.is(released?.status, 'released', facts.stderr);
  t.is(facts.exitCode, 0, facts.stderr);
  const {steps} = plan.describe();
  const kinds = {map: 'BPF_MAP_CREATE', prog: 'BPF_PROG_LOAD', link: 'BPF_LINK_CREATE'};
  for (const [kind, cmd] of Object.entries(kinds)) {
    const added = facts.added.filter(line => line.startsWith(`${kind} `));
    t.is(added.length, steps.filter(step => step.cmd === cmd).length, facts.added.join('\n'));
  }
  t.is(facts.left, '');
}

function linesOf(text: string): string[] {
  return text.split('\n').filter(Boolean);
}
