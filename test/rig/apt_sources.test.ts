import test from 'ava';
import {parseDeb822Style, parseOneLineStyle} from './apt_sources.js';

const URI = 'http://mirror.example/debian';
const entry = {types: ['deb'], uri: URI, suites: ['bookworm'], components: ['main']};

test('one-line style: options, several components, comments and other lines', t => {
  const text = [
    '# deb http://not.example/debian bookworm main',
    `deb ${URI} bookworm main`,
    `deb [arch=amd64 signed-by=/etc/key.gpg] ${URI} bookworm main contrib # why`,
    'nonsense',
  ].join('\n');
  t.deepEqual(parseOneLineStyle(text), [
    {...entry, signedBy: undefined},
    {...entry, components: ['main', 'contrib'], signedBy: '/etc/key.gpg'},
  ]);
});

test('deb822 style: continuation lines, several URIs, disabled stanzas', t => {
  const text = `# about
Types: deb
URIs: ${URI}
 http://other.example/debian
Suites: bookworm
Components: main
Signed-By: /etc/key.gpg

Enabled: no
Types: deb
URIs: ${URI}
Suites: bookworm
Components: main
`;
  t.deepEqual(parseDeb822Style(text), [
    {...entry, signedBy: '/etc/key.gpg'},
    {...entry, uri: 'http://other.example/debian', signedBy: '/etc/key.gpg'},
  ]);
});
