import {declareTests} from './on_kernel.js';

declareTests('6.12');
