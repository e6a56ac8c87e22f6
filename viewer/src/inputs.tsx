import {useId, useState} from 'preact/hooks';
import {Plan} from 'structops/browser';
import {bytesText} from '../../src/render/text.js';
import type {NamedBytes, SideInputs} from './side.js';

type FileKey = 'subject' | 'kernel' | 'modules' | 'kconfig';

interface Slot {
  readonly key: FileKey;
  readonly label: string;
  readonly hint: string;
}

const SLOTS: readonly Slot[] = [
  {key: 'subject', label: 'Object or plan', hint: 'x.bpf.o, or a plan kept by structops plan -o'},
  {key: 'kernel', label: 'Kernel BTF', hint: "the target's /sys/kernel/btf/vmlinux"},
];

const MORE: readonly Slot[] = [
  {key: 'modules', label: 'Module BTFs', hint: 'files of /sys/kernel/btf, with their names'},
  {key: 'kconfig', label: 'Kernel configuration', hint: 'a .config, or /proc/config.gz'},
];

const SETTINGS_EXAMPLE = `set:
  so_second.name: gentle
  window_min: 4
maps:
  flows: {max_entries: 1024}
null_unknown_callbacks: true`;

export interface InputsProps {
  readonly title: string;
  readonly inputs: SideInputs;
  /** What is used where nothing is given. */
  readonly fallback?: SideInputs;
  readonly onChange: (inputs: SideInputs) => void;
}

/** Everything that one plan is made from. */
export function Inputs({title, inputs, fallback, onChange}: InputsProps) {
  const id = useId();
  const slot = (one: Slot) => (
    <FileSlot
      key={one.key}
      slot={one}
      given={filesOf(inputs, one.key)}
      fallback={fallback === undefined ? [] : filesOf(fallback, one.key)}
      onFiles={files => onChange(withFiles(inputs, one.key, files))}
    />
  );
  return (
    <section class="inputs" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {SLOTS.map(slot)}
      <details class="more">
        <summary>More inputs and settings</summary>
        {MORE.map(slot)}
        <label class="field">
          <span>Kernel version</span>
          <input
            type="text"
            placeholder="6.12.107"
            value={inputs.kernelVersion}
            onChange={event => onChange({...inputs, kernelVersion: event.currentTarget.value})}
          />
        </label>
        <label class="field">
          <span>Settings, as in a settings file</span>
          <textarea
            rows={6}
            spellcheck={false}
            placeholder={SETTINGS_EXAMPLE}
            value={inputs.settings}
            onChange={event => onChange({...inputs, settings: event.currentTarget.value})}
          />
        </label>
      </details>
    </section>
  );
}

interface FileSlotProps {
  readonly slot: Slot;
  readonly given: readonly NamedBytes[];
  readonly fallback: readonly NamedBytes[];
  readonly onFiles: (files: readonly NamedBytes[]) => void;
}

function FileSlot({slot, given, fallback, onFiles}: FileSlotProps) {
  const id = useId();
  const [isOver, setOver] = useState(false);
  const shown = given.length > 0 ? given : fallback;
  const take = async (list: FileList | null | undefined) => {
    if (list && list.length > 0) onFiles(await readFiles(list));
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is the short way beside the button
    <div
      class={`slot${isOver ? ' over' : ''}${shown.length > 0 ? ' filled' : ''}`}
      onDragOver={event => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={event => {
        event.preventDefault();
        event.stopPropagation();
        setOver(false);
        take(event.dataTransfer?.files);
      }}
    >
      <label for={id}>{slot.label}</label>
      <input
        id={id}
        type="file"
        multiple={slot.key === 'modules'}
        aria-describedby={`${id}-state`}
        onChange={event => take(event.currentTarget.files)}
      />
      <div id={`${id}-state`} class="state">
        {shown.length === 0 && <span class="hint">{slot.hint}</span>}
        {shown.map(({name, bytes}) => (
          <span key={name} class="file">
            <b>{name}</b> {bytesText(bytes.length)}
            {given.length === 0 && ', as on the left'}
          </span>
        ))}
      </div>
      {given.length > 0 && (
        <button
          type="button"
          class="quiet"
          aria-label={`remove ${slot.label}`}
          onClick={() => onFiles([])}
        >
          remove
        </button>
      )}
    </div>
  );
}

function filesOf(inputs: SideInputs, key: FileKey): readonly NamedBytes[] {
  const given = inputs[key];
  if (given === undefined) return [];
  return 'bytes' in given ? [given] : given;
}

function withFiles(inputs: SideInputs, key: FileKey, files: readonly NamedBytes[]): SideInputs {
  if (key === 'modules') return {...inputs, modules: files};
  const {[key]: _, ...rest} = inputs;
  const [file] = files;
  return file === undefined ? rest : {...rest, [key]: file};
}

export async function readFiles(list: FileList): Promise<NamedBytes[]> {
  return Promise.all(
    [...list].map(async file => ({
      name: file.name,
      bytes: new Uint8Array(await unpacked(file)),
    })),
  );
}

/** /proc/config.gz is the only one of the inputs that kernels pack. */
async function unpacked(file: File): Promise<ArrayBuffer> {
  const start = new Uint8Array(await file.slice(0, 2).arrayBuffer());
  if (start[0] !== 0x1f || start[1] !== 0x8b) return file.arrayBuffer();
  const text = file.stream().pipeThrough(new DecompressionStream('gzip'));
  // One that is damaged stays as it is: what it is used for says what is wrong.
  return new Response(text).arrayBuffer().catch(() => file.arrayBuffer());
}

/** Files that were dropped somewhere on the page, each to where it belongs by its first bytes. */
export function withDropped(inputs: SideInputs, files: readonly NamedBytes[]): SideInputs {
  let result = inputs;
  for (const file of files) {
    const start = [...file.bytes.subarray(0, 4)].map(byte => byte.toString(16)).join(' ');
    if (Plan.isPlan(file.bytes) || start === '7f 45 4c 46') {
      result = withFiles(result, 'subject', [file]);
    } else if (start.startsWith('9f eb')) {
      // A module's BTF is smaller than any kernel's.
      const isModule = file.bytes.length < 2 ** 20 && result.kernel !== undefined;
      const modules = isModule ? [...result.modules, file] : [file];
      result = withFiles(result, isModule ? 'modules' : 'kernel', modules);
    } else if (/\.(ya?ml|json)$/i.test(file.name)) {
      result = {...result, settings: new TextDecoder().decode(file.bytes)};
    } else {
      result = withFiles(result, 'kconfig', [file]);
    }
  }
  return result;
}
