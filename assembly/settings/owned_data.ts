import {FaultCode} from '../fault/fault_code';
import {Faults} from '../fault/faults';
import {FRAME_SIZE_MAX} from '../limits';
import {ObjectMap} from '../object/object_map';

/** Counts the bytes of data maps that settings make a copy of: all together fit into a plan, of which each map alone may be all. */
@final
export class OwnedData {
  private size: u64 = 0;

  constructor(private readonly faults: Faults) {}

  /** Before a map gets bytes of its own. False and a fault: there is no room for them. */
  takes(map: ObjectMap): bool {
    this.size += map.valueSize;
    if (this.size <= FRAME_SIZE_MAX) return true;
    this.faults
      .add(FaultCode.OBJ_TOO_LARGE, 'the data that the options set or resize fits into no plan')
      .ofSection(map.section.text)
      .differs(`at most ${FRAME_SIZE_MAX} bytes`, `${this.size} bytes and more`);
    return false;
  }
}
