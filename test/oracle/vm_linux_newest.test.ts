import {declareTests} from './vm_fixtures.js';

declareTests('newest');
