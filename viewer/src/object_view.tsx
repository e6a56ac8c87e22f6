import type {
  DeclaredMap,
  DeclaredMember,
  DeclaredProgram,
  DeclaredStructOps,
  Fault,
  Inspection,
} from 'structops/browser';
import {memberValue} from '../../src/render/member_value.js';
import {bytesText, grouped} from '../../src/render/text.js';
import {FaultsHere} from './faults.js';
import {Grid} from './grid.js';

export interface ObjectViewProps {
  readonly inspection: Inspection;
  readonly faults: readonly Fault[];
}

const OFFSET = {title: 'offset', class: 'number'} as const;
const SIZE = {title: 'size', class: 'number'} as const;

/** What an object declares and asks of a kernel, each with the faults that are about it. */
export function ObjectView({inspection, faults}: ObjectViewProps) {
  const {object, license, struct_ops, programs, maps, externs, core_relocations} = inspection;
  return (
    <>
      <dl class="facts">
        <div>
          <dt>object</dt>
          <dd>
            {object.name}, {bytesText(object.size)}
          </dd>
        </div>
        <div>
          <dt>SHA-256</dt>
          <dd class="code">{object.sha256}</dd>
        </div>
        <div>
          <dt>license</dt>
          <dd>{license}</dd>
        </div>
        <div>
          <dt>CO-RE</dt>
          <dd>{grouped(core_relocations)} relocations</dd>
        </div>
      </dl>
      <h3>struct_ops</h3>
      {struct_ops.map(one => (
        <StructOps key={one.name} declared={one} faults={faults} />
      ))}
      <h3>Programs</h3>
      <div class="card">
        <Programs programs={programs} faults={faults} />
      </div>
      {maps.length > 0 && <h3>Data</h3>}
      {maps.map(map => (
        <Variables key={map.name} map={map} />
      ))}
      {externs.length > 0 && <h3>Asked of the kernel</h3>}
      <ul class="externs">
        {externs.map(({name, kind, weak}) => (
          <li key={name}>
            <span class="kind">{kind}</span> <code>{name}</code>
            {weak && ', can do without'}
            <FaultsHere faults={faults.filter(({where}) => where.symbol === name)} />
          </li>
        ))}
      </ul>
    </>
  );
}

interface StructOpsProps {
  readonly declared: DeclaredStructOps;
  readonly faults: readonly Fault[];
}

function StructOps({declared, faults}: StructOpsProps) {
  const {name, struct, section, link, optional, size, members} = declared;
  const own = faults.filter(({where}) => where.symbol === name || where.struct === struct);
  const aboutMember = ({where}: Fault, member: string) =>
    where.member === member || where.member?.startsWith(`${member}.`);
  const elsewhere = own.filter(fault => !members.some(one => aboutMember(fault, one.name)));
  return (
    <div class="card">
      <h4>
        {name} <span class="kind">{struct}</span>
      </h4>
      <p class="about">
        {bytesText(size)} in <code>{section}</code>, registered by {link ? 'a link' : 'its map'}
        {optional && ', left out where the kernel has no such struct'}
      </p>
      <FaultsHere faults={elsewhere} />
      {members.length > 0 && (
        <Grid
          caption={`Members of ${name}`}
          columns={[OFFSET, SIZE, {title: 'member'}, {title: 'value'}]}
          rows={members.map(member => {
            const here = own.filter(fault => aboutMember(fault, member.name));
            return {
              key: member.name,
              class: here.length > 0 ? 'faulty' : undefined,
              cells: [
                member.offset,
                member.size,
                <code key="name">{member.name}</code>,
                <>
                  {valueText(member)}
                  <FaultsHere faults={here} />
                </>,
              ],
            };
          })}
        />
      )}
    </div>
  );
}

function valueText({kind, program, bytes = '', text}: DeclaredMember): string {
  if (program !== undefined) return `program ${program}`;
  return text === undefined ? memberValue(kind, bytes) : JSON.stringify(text);
}

interface ProgramsProps {
  readonly programs: readonly DeclaredProgram[];
  readonly faults: readonly Fault[];
}

function Programs({programs, faults}: ProgramsProps) {
  const columns = [
    ...[{title: 'program'}, {title: 'section'}, {title: 'type'}],
    ...[{title: 'instructions', class: 'number'} as const, {title: 'notes'}],
  ];
  const rows = programs.map(
    ({name, section, type, sleepable, optional, insn_count, subprogram}) => {
      const here = faults.filter(({where}) => where.symbol === name);
      return {
        key: `${section}/${name}`,
        class: here.length > 0 ? 'faulty' : undefined,
        cells: [
          <code key="name">{name}</code>,
          <code key="section">{section}</code>,
          subprogram ? 'called by others' : type,
          grouped(insn_count),
          <>
            {[sleepable && 'sleepable', optional && 'optional'].filter(Boolean).join(', ')}
            <FaultsHere faults={here} />
          </>,
        ],
      };
    },
  );
  return <Grid caption="Programs of the object" columns={columns} rows={rows} />;
}

function Variables({map: {name, section, size, variables}}: {readonly map: DeclaredMap}) {
  return (
    <div class="card">
      <h4>
        {name} <span class="kind">{bytesText(size)}</span>
        {section !== name && <span class="kind">in {section}</span>}
      </h4>
      {variables.length > 0 && (
        <Grid
          caption={`Variables of ${name}`}
          columns={[OFFSET, SIZE, {title: 'variable'}, {title: 'type'}]}
          rows={variables.map(one => ({
            key: one.name,
            cells: [
              one.offset,
              one.size,
              <code key="name">{one.name}</code>,
              <code key="type">{one.type}</code>,
            ],
          }))}
        />
      )}
    </div>
  );
}
