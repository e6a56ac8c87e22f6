import {readdir, readFile} from 'node:fs/promises';
import {join} from 'node:path';

/** Where a machine gets the main Debian archive from. */
export interface AptSource {
  readonly uri: string;
  /** A keyring's path, or a key block; absent when apt's trusted keys are meant. */
  readonly signedBy: string | undefined;
}

interface Entry extends AptSource {
  readonly types: readonly string[];
  readonly suites: readonly string[];
  readonly components: readonly string[];
}

const SOURCE_LIST = '/etc/apt/sources.list';
const SOURCE_PARTS = '/etc/apt/sources.list.d';

/**
 * The mirror of the main Debian archive in this machine's own apt sources, so that the rig works
 * wherever `apt-get install` does and no host name stands in a file.
 */
export async function mainArchiveSource(): Promise<AptSource> {
  const found = (await readEntries()).find(isMainArchive);
  if (found === undefined) {
    throw new Error(
      `no main Debian archive among the sources in ${SOURCE_LIST} and ${SOURCE_PARTS}`,
    );
  }
  return found;
}

function isMainArchive(entry: Entry): boolean {
  return (
    entry.types.includes('deb') &&
    entry.components.includes('main') &&
    !/-security\/?$/.test(entry.uri) &&
    // A plain word is a release; `bookworm-updates` and `bookworm-security/updates` are not.
    entry.suites.some(suite => /^[a-z]+$/.test(suite))
  );
}

async function readEntries(): Promise<Entry[]> {
  const names = (await readdir(SOURCE_PARTS).catch(() => [])).sort();
  const paths = [SOURCE_LIST, ...names.map(name => join(SOURCE_PARTS, name))];
  const entries: Entry[] = [];
  for (const path of paths) {
    const text = await readFile(path, 'utf8').catch(() => '');
    if (path.endsWith('.list')) entries.push(...parseOneLineStyle(text));
    if (path.endsWith('.sources')) entries.push(...parseDeb822Style(text));
  }
  return entries;
}

/** `deb [signed-by=KEYRING] URI SUITE COMPONENT...`: sources.list(5), one-line-style format. */
export function parseOneLineStyle(text: string): Entry[] {
  return text.split('\n').flatMap(line => {
    const match = /^\s*(deb|deb-src)\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s+([^#]+)/.exec(line);
    if (match === null) return [];
    const [, type = '', options = '', uri = '', suite = '', components = ''] = match;
    const signedBy = /(?:^|\s)signed-by=(\S+)/.exec(options)?.[1];
    return [{types: [type], uri, suites: [suite], components: words(components), signedBy}];
  });
}

/** Stanzas of `Field: value`, with continuation lines: sources.list(5), deb822-style format. */
export function parseDeb822Style(text: string): Entry[] {
  return text.split(/\n\s*\n/).flatMap(stanza => {
    const fields = new Map<string, string>();
    let last = '';
    for (const line of stanza.split('\n').filter(line => !line.startsWith('#'))) {
      const match = /^(\S+?):\s*(.*)$/.exec(line);
      if (match !== null) {
        last = (match[1] ?? '').toLowerCase();
        fields.set(last, match[2] ?? '');
      } else if (/^\s/.test(line)) {
        fields.set(last, `${fields.get(last) ?? ''}\n${line}`);
      }
    }
    const enabled = !/^(no|false|0)$/i.test(fields.get('enabled') ?? 'yes');
    if (!enabled) return [];
    return words(fields.get('uris') ?? '').map(uri => ({
      types: words(fields.get('types') ?? ''),
      uri,
      suites: words(fields.get('suites') ?? ''),
      components: words(fields.get('components') ?? ''),
      signedBy: fields.get('signed-by'),
    }));
  });
}

function words(text: string): string[] {
  return text.split(/\s+/).filter(Boolean);
}
