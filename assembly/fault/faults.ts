import {heapKeepRoom} from '../bytes/heap';
import {FAULTS_MAX, NEAR_FAULTS_MAX} from '../limits';
import {Fault} from './fault';
import {FaultCode} from './fault_code';

/** The faults of one run, in the order they were found. */
@final
export class Faults {
  readonly list: Fault[] = [];

  /** Keeps a fault and returns it, so that the place can be told by chained calls. */
  add(code: FaultCode, message: string): Fault {
    heapKeepRoom();
    const fault = new Fault(code, message);
    if (<u32>this.list.length < FAULTS_MAX) this.list.push(fault);
    return fault;
  }

  /** Whether no more are kept: whoever looks at one thing after the other can stop. */
  get full(): bool {
    return <u32>this.list.length >= FAULTS_MAX;
  }

  /** Whether there are so many that nobody goes through them one by one. */
  get many(): bool {
    return <u32>this.list.length > NEAR_FAULTS_MAX;
  }

  get any(): bool {
    return this.list.length > 0;
  }

  get count(): i32 {
    return this.list.length;
  }
}
