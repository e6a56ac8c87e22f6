import {ShimProcess} from '../../src/executor/shim_process.js';
import {encode} from '../shim/frame_builder.js';
import {legacyFrame} from '../shim/sample_frames.js';

/** A host: applies a plan with the executor that its argument names, says so, and holds it. */
const shim = await ShimProcess.start({path: process.argv[2] as string});
const {status} = await shim.send(encode(legacyFrame()));
console.log(status);
await shim.exited;
