import {ByteWriter} from '../bytes/byte_writer';
import {digestOf, SHA256_SIZE} from '../bytes/lent_sha256';
import {Faults} from '../fault/faults';
import {JsonWriter} from '../json/json_writer';
import {BpfObject, openObject} from '../object/bpf_object';
import {Extern, ExternKind} from '../object/extern';
import {MapOrigin} from '../object/object_map';
import {Program} from '../object/program';
import {DataMapInspection} from './inspect_data_map';
import {StructOpsInspection} from './inspect_struct_ops';
import {OutputLimit} from './output_limit';
import {writeName} from './write_name';

/**
 * Writes what an object declares and asks of a kernel as `structops.inspect/1`, see docs/embedding.md. False when there is
 * a fault; what is in `out` then means nothing. `fileName` ends in NUL.
 */
export function inspectObject(
  file: usize,
  size: u32,
  fileName: usize,
  out: ByteWriter,
  faults: Faults,
): bool {
  const digest = heap.alloc(SHA256_SIZE);
  digestOf(file, size, digest);
  const object = openObject(file, size, fileName, faults);
  if (object === null || faults.any) return false;
  const limit = new OutputLimit(out, size, faults);
  new Inspection(object, new JsonWriter(out), limit).write(fileName, size, digest);
  return !faults.any;
}

@final
class Inspection {
  constructor(
    private readonly object: BpfObject,
    private readonly json: JsonWriter,
    private readonly limit: OutputLimit,
  ) {}

  write(fileName: usize, size: u32, digest: usize): void {
    const json = this.json;
    json.beginObject();
    json.key('schema');
    json.text('structops.inspect/1');
    json.key('object');
    json.beginObject();
    json.key('name');
    writeName(json, fileName);
    json.key('size');
    json.number(size);
    json.key('sha256');
    json.hex(digest, SHA256_SIZE);
    json.endObject();
    json.key('license');
    writeName(json, this.object.license);
    json.key('struct_ops');
    this.structOps();
    json.key('programs');
    this.programs();
    json.key('maps');
    this.maps();
    json.key('externs');
    this.externs();
    json.key('core_relocations');
    json.number(this.coreRelocationCount());
    json.endObject();
    json.endLine();
  }

  private structOps(): void {
    const inspection = new StructOpsInspection(this.object.btf.btf, this.json, this.limit);
    this.json.beginArray();
    const maps = this.object.maps;
    for (let i = 0; i < maps.length && this.limit.allows(maps[i].name); i++) {
      if (maps[i].origin == MapOrigin.StructOps) inspection.write(maps[i]);
    }
    this.json.endArray();
  }

  private programs(): void {
    this.json.beginArray();
    const programs = this.object.programs;
    for (let i = 0; i < programs.length && this.limit.allows(programs[i].name); i++) {
      writeProgram(programs[i], this.json);
    }
    this.json.endArray();
  }

  private maps(): void {
    const inspection = new DataMapInspection(this.object.btf.btf, this.json, this.limit);
    this.json.beginArray();
    const maps = this.object.maps;
    for (let i = 0; i < maps.length && this.limit.allows(maps[i].name); i++) {
      if (maps[i].origin != MapOrigin.StructOps) inspection.write(maps[i]);
    }
    this.json.endArray();
  }

  private externs(): void {
    this.json.beginArray();
    const externs = this.object.externs;
    for (let i = 0; i < externs.length && this.limit.allows(externs[i].name); i++) {
      writeExtern(externs[i], this.json);
    }
    this.json.endArray();
  }

  private coreRelocationCount(): u64 {
    const ext = this.object.ext;
    let count: u64 = 0;
    if (ext === null) return count;
    for (let i = 0; i < ext.coreRelos.length; i++) count += ext.coreRelos[i].count;
    return count;
  }
}

function writeProgram(program: Program, json: JsonWriter): void {
  json.beginObject();
  json.key('name');
  writeName(json, program.name);
  json.key('section');
  writeName(json, program.section.name);
  json.key('type');
  json.text(programTypeName(program));
  json.key('sleepable');
  json.boolean(program.sleepable);
  json.key('optional');
  json.boolean(program.optional);
  json.key('insn_count');
  json.number(program.count);
  json.key('subprogram');
  json.boolean(program.subprogram);
  json.endObject();
}

/** The first part of the section's name, such as `fentry`. */
function programTypeName(program: Program): string {
  const kind = program.kind;
  return kind === null ? 'unknown' : kind.name;
}

function writeExtern(extern: Extern, json: JsonWriter): void {
  json.beginObject();
  json.key('name');
  writeName(json, extern.name);
  json.key('kind');
  json.text(externKindName(extern.kind));
  json.key('weak');
  json.boolean(extern.weak);
  json.endObject();
}

function externKindName(kind: ExternKind): string {
  switch (kind) {
    case ExternKind.Kconfig:
      return 'kconfig';
    case ExternKind.Function:
      return 'kfunc';
    default:
      return 'ksym';
  }
}
