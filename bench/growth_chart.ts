import {init} from 'echarts';
import type {Growth} from './growth.js';

const PANEL = {width: 420, height: 300, left: 70, top: 70, right: 30, bottom: 50};
const COLUMNS = 2;
/** Of a palette that those who do not see all colours tell apart as well; the lines have names and marks too. */
const LINES = [
  {name: 'structops-plan', key: 'ours', color: '#0072b2', symbol: 'circle'},
  {name: 'libbpf', key: 'libbpf', color: '#d55e00', symbol: 'rect'},
] as const;

/** One panel for each thing that grows, as SVG. */
export function growthChart(growths: readonly Growth[]): string {
  const rows = Math.ceil(growths.length / COLUMNS);
  const chart = init(null, null, {
    renderer: 'svg',
    ssr: true,
    width: COLUMNS * PANEL.width,
    height: rows * PANEL.height,
  });
  const places = growths.map((_, i) => ({
    left: (i % COLUMNS) * PANEL.width,
    top: Math.floor(i / COLUMNS) * PANEL.height,
  }));
  chart.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    legend: {data: LINES.map(({name}) => name), top: 4, itemGap: 40, selectedMode: false},
    title: growths.map(({title}, i) => ({
      text: `${title} (millions of instructions)`,
      textStyle: {fontSize: 13},
      left: (places[i]?.left ?? 0) + PANEL.left - 40,
      top: (places[i]?.top ?? 0) + 34,
    })),
    grid: places.map(({left, top}) => ({
      left: left + PANEL.left,
      top: top + PANEL.top,
      width: PANEL.width - PANEL.left - PANEL.right,
      height: PANEL.height - PANEL.top - PANEL.bottom,
    })),
    xAxis: growths.map(({unit}, gridIndex) => ({
      ...{gridIndex, type: 'value', name: unit, nameLocation: 'middle', nameGap: 28},
    })),
    yAxis: growths.map((_, gridIndex) => ({gridIndex, type: 'value'})),
    series: growths.flatMap(({points}, i) =>
      LINES.map(({name, key, color, symbol}) => ({
        ...{type: 'line', name, xAxisIndex: i, yAxisIndex: i, symbol, symbolSize: 7},
        ...{color, lineStyle: {color}, silent: true, emphasis: {disabled: true}},
        data: points.map(point => [point.at, point[key] / 1e6]),
      })),
    ),
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}
