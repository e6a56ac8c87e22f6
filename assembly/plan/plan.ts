import {heapKeepRoom} from '../bytes/heap';
import {NOTES_MAX, SHARED_SIZE_MAX, STEPS_MAX} from '../limits';
import {BpfCommands} from '../uapi/bpf_attr';
import {BlobRange, PlanNote, PlanStep} from './plan_step';
import {NONE, NOTE_LOSS, NOTE_SETTING, NOTE_WARNING} from './plan_wire';
import {SharedArea} from './shared_area';

/** A kernel module whose BTF the steps use. */
@final
export class PlanModule {
  constructor(
    readonly name: BlobRange,
    readonly btfSize: u64,
    readonly btfXxh64: u64,
    readonly slot: u32,
  ) {}
}

/** The bpf(2) calls that load an object into one kernel, see docs/plan-format.md. */
@final
export class Plan {
  readonly shared: SharedArea = new SharedArea();
  private readonly commands: BpfCommands = new BpfCommands();
  readonly modules: PlanModule[] = [];
  readonly steps: PlanStep[] = [];
  readonly notes: PlanNote[] = [];
  slotCount: u32 = 0;
  /** Bit n: capability n. */
  capabilities: u64 = 0;
  objectSize: u64 = 0;
  /** 32 bytes. */
  objectSha256: usize = 0;
  objectName: BlobRange = new BlobRange(0, 0, true);
  btfSize: u64 = 0;
  btfXxh64: u64 = 0;

  newSlot(): u32 {
    return this.slotCount++;
  }

  add(cmd: u32, phase: u32, name: BlobRange): PlanStep {
    heapKeepRoom();
    const step = new PlanStep(this.commands.find(cmd)!, phase, name);
    this.steps.push(step);
    return step;
  }

  /** Whether it is beyond what a plan can be: who goes through many things can stop, since it is refused when it is encoded. */
  get full(): bool {
    return (
      <u32>this.steps.length > STEPS_MAX ||
      <u32>this.notes.length > NOTES_MAX ||
      this.shared.bytes.size > SHARED_SIZE_MAX
    );
  }

  /** Index of the step that was added last. */
  get lastStep(): u32 {
    return <u32>this.steps.length - 1;
  }

  loss(text: string, step: u32 = NONE): void {
    this.notes.push(new PlanNote(NOTE_LOSS, step, this.shared.text(text)));
  }

  setting(text: string): void {
    this.notes.push(new PlanNote(NOTE_SETTING, NONE, this.shared.text(text)));
  }

  warn(text: string, step: u32 = NONE): void {
    this.notes.push(new PlanNote(NOTE_WARNING, step, this.shared.text(text)));
  }
}
