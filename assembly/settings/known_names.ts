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
import {BpfObject} from '../object/bpf_object';
import {MapOrigin} from '../object/object_map';
import * as btf from '../uapi/btf';

/** A person reads no longer list; the nearest name is looked for in all. */
const SHOWN_MAX: i32 = 24;

/** The names that a setting could have had, for its fault. */
@final
export class KnownNames {
  private readonly names: usize[] = [];

  constructor(private readonly object: BpfObject) {}

  maps(origin: MapOrigin): KnownNames {
    const maps = this.object.maps;
    for (let i = 0; i < maps.length; i++) {
      if (maps[i].origin == origin) this.names.push(maps[i].name);
    }
    return this;
  }

  programs(): KnownNames {
    const programs = this.object.programs;
    for (let i = 0; i < programs.length; i++) {
      if (!programs[i].subprogram) this.names.push(programs[i].name);
    }
    return this;
  }

  globals(): KnownNames {
    const local = this.object.btf.btf;
    const maps = this.object.maps;
    for (let i = 0; i < maps.length; i++) {
      const record = local.record(maps[i].btfValueTypeId);
      if (!maps[i].holdsVariables || kindOf(record) != btf.BTF_KIND_DATASEC) continue;
      for (let v: u32 = 0; v < vlenOf(record); v++) {
        this.names.push(local.nameOf(local.record(secinfoType(secinfoAt(record, v)))));
      }
    }
    return this;
  }

  /** Of the struct with that type id in the object's BTF. */
  members(typeId: u32): KnownNames {
    const local = this.object.btf.btf;
    const type = local.record(typeId);
    for (let i: u32 = 0; i < vlenOf(type); i++) {
      this.names.push(local.nameAt(memberNameOffset(memberAt(type, i))));
    }
    return this;
  }

  /** Tells which names there are, and the one that is nearest to `name`. */
  tell(fault: Fault, name: usize): void {
    const near = new NearName(name);
    let text = '';
    for (let i = 0; i < this.names.length; i++) {
      near.offer(this.names[i]);
      if (i < SHOWN_MAX) text += (i == 0 ? '' : ', ') + nameText(this.names[i]);
    }
    if (this.names.length > SHOWN_MAX) text += ', …';
    fault
      .differs(text.length == 0 ? 'the object has none' : `one of ${text}`, nameText(name))
      .resembles(near.text);
  }
}
