import {callCoreForJson, utf8} from '../core/wasm_core.js';
import type {InspectRequest} from './inspect_object.js';

/** What the core's `structops.object_instructions/1` looks like: docs/embedding.md. */
interface InstructionsInspection {
  readonly functions: readonly {
    readonly name: string;
    readonly instructions: readonly string[];
    readonly relocations: readonly {readonly insn: number; readonly text: string}[];
  }[];
  readonly programs: readonly {
    readonly name: string;
    readonly functions: readonly {readonly function: number; readonly first: number}[];
  }[];
}

/** An instruction as the object has it, before it was made to fit a kernel. */
export interface ObjectInstruction {
  /** In the notation of the verifier's log; empty for the second half of a load of 64 bits. */
  readonly text: string;
  /** What it refers to: a map, a function, a field by CO-RE; empty for nothing. */
  readonly refersTo: string;
  /** Of its function, of which it is the first instruction. */
  readonly begins?: string;
}

/** A program with the functions that it calls behind it, as a plan loads it. */
export interface ObjectProgram {
  readonly name: string;
  readonly instructions: readonly ObjectInstruction[];
}

/**
 * The instructions of each program that an object has, before any relocation: what
 * `planInstructions` of a plan of this object has, one by one, from before. A function of the
 * file alone.
 *
 * @throws {PlanError} The object cannot be used.
 */
export function objectInstructions({object, objectName, core}: InspectRequest): ObjectProgram[] {
  const {functions, programs} = callCoreForJson<InstructionsInspection>(
    'inspectInstructions',
    [
      {kind: 'object', bytes: object},
      {kind: 'objectName', bytes: utf8(objectName)},
    ],
    core,
  );
  const told = functions.map(({name, instructions, relocations}) => {
    const texts = new Map<number, string>();
    for (const {insn, text} of relocations) {
      const before = texts.get(insn);
      texts.set(insn, before === undefined ? text : `${before}, ${text}`);
    }
    return instructions.map((text, insn): ObjectInstruction => {
      const refersTo = texts.get(insn) ?? '';
      return insn === 0 ? {text, refersTo, begins: name} : {text, refersTo};
    });
  });
  return programs.map(program => ({
    name: program.name,
    instructions: program.functions.flatMap(({function: index}) => told[index] ?? []),
  }));
}
