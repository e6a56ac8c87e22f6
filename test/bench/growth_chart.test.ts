import test from 'ava';
import {growthChart} from '../../bench/growth_chart.js';

/** The chart of docs/bench.md, of numbers that nobody measured. */

const points = [1, 2, 3].map(at => ({at, ours: at * 1e6, libbpf: at * 4e6}));
const growths = ['Root types', 'Relocations', 'Object'].map(title => ({title, unit: 'x', points}));

test('the chart is SVG with a panel for each thing that grows, and a line for each program', t => {
  const svg = growthChart(growths);
  t.regex(svg, /^<svg width="840" height="600"/);
  for (const {title} of growths) t.true(svg.includes(`${title} (millions of instructions)`), title);
  for (const [name, color] of [
    ['structops-plan', '#0072b2'],
    ['libbpf', '#d55e00'],
  ] as const) {
    t.true(svg.includes(`>${name}</text>`), name);
    const lines = svg.match(new RegExp(`fill="none"[^>]*stroke="${color}"`, 'g')) ?? [];
    t.true(lines.length >= growths.length, `${name}: ${lines.length}`);
  }
});
