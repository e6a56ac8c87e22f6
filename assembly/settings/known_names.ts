import {
  kindOf,
  memberAt,
  memberNameOffset,
  secinfoAt,
  secinfoType,
  vlenOf,
} from '../btf/btf_record';
import {nameText} from '../bytes/c_string';
import {NearName} from '../bytes/near_name';
import {Fault} from '../fault/fault';
import {Faults} from '../fault/faults';
import {BpfObject} from '../object/bpf_object';
import {MapOrigin} from '../object/object_map';
import * as btf from '../uapi/btf';

/** A person reads no longer list; the nearest name is looked for in all. */
const SHOWN_MAX: i32 = 24;

/** The names that a setting could have had, for its fault. */
@final
export class KnownNames {
  private count: i32 = 0;
  private text: string = '';
  /** Null: there are so many faults that nobody asks. */
  private readonly near: NearName | null;

  constructor(
    private readonly object: BpfObject,
    /** What the setting has. */
    private readonly name: usize,
    faults: Faults,
  ) {
    this.near = faults.many ? null : new NearName(name);
  }

  maps(origin: MapOrigin): KnownNames {
    const maps = this.object.maps;
    for (let i = 0; i < maps.length && this.takes; i++) {
      if (maps[i].origin == origin) this.add(maps[i].name);
    }
    return this;
  }

  programs(): KnownNames {
    const programs = this.object.programs;
    for (let i = 0; i < programs.length && this.takes; i++) {
      if (!programs[i].subprogram) this.add(programs[i].name);
    }
    return this;
  }

  globals(): KnownNames {
    const local = this.object.btf.btf;
    const maps = this.object.maps;
    for (let i = 0; i < maps.length; i++) {
      const record = local.record(maps[i].btfValueTypeId);
      if (!maps[i].holdsVariables || kindOf(record) != btf.BTF_KIND_DATASEC) continue;
      for (let v: u32 = 0; v < vlenOf(record) && this.takes; v++) {
        this.add(local.nameOf(local.record(secinfoType(secinfoAt(record, v)))));
      }
    }
    return this;
  }

  /** Of the struct with that type id in the object's BTF. */
  members(typeId: u32): KnownNames {
    const local = this.object.btf.btf;
    const type = local.record(typeId);
    for (let i: u32 = 0; i < vlenOf(type) && this.takes; i++) {
      this.add(local.nameAt(memberNameOffset(memberAt(type, i))));
    }
    return this;
  }

  /** Tells which names there are, and the one that is nearest. */
  tell(fault: Fault): void {
    if (this.count > SHOWN_MAX) this.text += ', …';
    const near = this.near;
    fault
      .differs(
        this.text.length == 0 ? 'the object has none' : `one of ${this.text}`,
        nameText(this.name),
      )
      .resembles(near === null ? '' : near.text);
  }

  /** Whether one more name could matter. */
  private get takes(): bool {
    return this.near !== null || this.count <= SHOWN_MAX;
  }

  private add(name: usize): void {
    const near = this.near;
    if (near !== null) near.offer(name);
    if (this.count++ < SHOWN_MAX) this.text += (this.count == 1 ? '' : ', ') + nameText(name);
  }
}
