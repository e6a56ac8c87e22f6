import {render} from 'preact';
import {App} from './app.js';
import './style/base.css';
import './style/inputs.css';
import './style/page.css';
import './style/faults.css';
import './style/plan.css';
import './style/value.css';
import './style/diff.css';

render(<App />, document.getElementById('app') as HTMLElement);
