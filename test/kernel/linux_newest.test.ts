import {declareTests} from './on_kernel.js';

declareTests('newest');
