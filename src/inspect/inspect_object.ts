import {type Bytes, type CoreModule, callCoreForJson, utf8} from '../core/wasm_core.js';
import type {Inspection} from './inspection.js';

export interface InspectRequest {
  /** A little-endian `EM_BPF` relocatable ELF, at most 64 MiB. Not modified. */
  readonly object: Bytes;
  /** The file's base name, at most 255 bytes of UTF-8. */
  readonly objectName: string;
  /** Default: the core of this package, compiled once. */
  readonly core?: CoreModule;
}

/**
 * What an object declares and asks of a kernel. A function of the file alone.
 *
 * @throws {PlanError} The object cannot be used.
 * @throws {InputError} It is larger than the core takes, or cannot be read.
 */
export function inspectObject({object, objectName, core}: InspectRequest): Inspection {
  return callCoreForJson<Inspection>(
    'inspectObject',
    [
      {kind: 'object', bytes: object},
      {kind: 'objectName', bytes: utf8(objectName)},
    ],
    core,
  );
}
