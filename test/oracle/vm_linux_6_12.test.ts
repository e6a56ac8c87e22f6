import {declareTests} from './vm_fixtures.js';

declareTests('6.12');
