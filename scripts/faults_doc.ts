import {writeFileSync} from 'node:fs';
import {FAULTS_DOC, faultsDocument} from '../test/faults/faults_document.js';

/** `npm run docs`: docs/faults.md from assembly/fault/; a test tells when it is not current. */
writeFileSync(FAULTS_DOC, await faultsDocument());
