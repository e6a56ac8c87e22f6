import {ByteWriter} from './bytes/byte_writer';
import {heapKeepRoom} from './bytes/heap';
import {Faults} from './fault/faults';
import {Inputs} from './inputs';
import {BtfWindows, WindowStep} from './kernel/btf_windows';
import {readTarget} from './kernel/read_target';
import {PlanMaker} from './make_plan';

/** A plan for a kernel whose BTF comes in windows: one call after the other, until it is there. */
@final
export class PlanInWindows {
  /** Of the last call. */
  out: ByteWriter = new ByteWriter(0);
  faults: Faults = new Faults();
  /** Of a call that only asks for a window. */
  private readonly nothing: ByteWriter = new ByteWriter(0);
  private readonly noFaults: Faults = new Faults();

  /**
   * Goes on as far as it can. Fill: the host fills the window, and calls again. Whole: it wants the BTF in one piece. Try: the
   * plan is in `out`, or faults of the object alone are in `faults`.
   */
  run(inputs: Inputs, windows: BtfWindows): WindowStep {
    let step = windows.take();
    while (true) {
      switch (step) {
        case WindowStep.Search: {
          const maker = this.begin(inputs);
          if (!maker.open()) return WindowStep.Try;
          step = windows.searchFor(maker.wanted);
          break;
        }
        case WindowStep.Try: {
          windows.release();
          step = windows.tried(this.plan(inputs));
          if (step == WindowStep.Try) return step;
          break;
        }
        default:
          // Memory of plans that were tried before is given back.
          this.out = this.nothing;
          this.faults = this.noFaults;
          return step;
      }
    }
  }

  private plan(inputs: Inputs): bool {
    const maker = this.begin(inputs);
    if (!maker.open()) return false;
    const target = readTarget(inputs, maker.wanted, maker.markers, this.faults);
    return target !== null && maker.finish(target, this.out);
  }

  private begin(inputs: Inputs): PlanMaker {
    heapKeepRoom();
    this.out = new ByteWriter();
    this.faults = new Faults();
    return new PlanMaker(inputs, this.faults);
  }
}
