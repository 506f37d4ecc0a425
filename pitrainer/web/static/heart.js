// The heart on the screen: the number, its zone, the cap and how far it is, the gauge, what is expected in two minutes.

import { byId, mark, text } from './dom.js';
import { t } from './i18n.js';
import * as words from './words.js';

const ZONE_FROM = [0.5, 0.6, 0.7, 0.8, 0.9];
const SVG = 'http://www.w3.org/2000/svg';

export function renderHeart(state) {
  text('hr', words.fixed(state.hr_bpm));
  mark(byId('hr'), 'none', String(typeof state.hr_bpm !== 'number'));
  text('zone', words.zoneName(state.zone));
  text('cap-distance', words.capDistance(state.hr_bpm, state.cap_bpm));
  text('cap', state.cap_bpm === null ? t('cap.none') : t('cap', { bpm: words.fixed(state.cap_bpm) }));
  text('prediction', words.expected(state.prediction));
  mark(byId('heart'), 'above', String(state.hr_bpm > state.cap_bpm && state.cap_bpm !== null));
  renderGauge(state);
}

function renderGauge(state) {
  const gauge = byId('gauge');
  const highest = state.hr_max_bpm;
  if (!highest) {
    if (gauge.childElementCount) gauge.replaceChildren();
    return;
  }
  if (!gauge.childElementCount) gauge.append(...ZONE_FROM.map(gaugeZone), marker('cap', 8), marker('heart', 16));
  const share = (bpm) => Math.min(1, Math.max(0, (bpm / highest - ZONE_FROM[0]) / (1 - ZONE_FROM[0]))) * 1000;
  place(gauge.lastChild.previousSibling, state.cap_bpm, share, 8);
  place(gauge.lastChild, state.hr_bpm, share, 16);
}

function gaugeZone(_, index) {
  return rect(`gauge-zone gauge-zone-${index + 1}`, { x: index * 200 + 3, y: 22, width: 194, height: 16, rx: 6 });
}

function marker(name, width) {
  return rect(`gauge-${name}`, { y: 4, width, height: 52, rx: 4 });
}

function rect(className, attributes) {
  const made = document.createElementNS(SVG, 'rect');
  made.setAttribute('class', className);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

// Touches the drawing only where something moved: this runs four times a second.
function place(bar, bpm, share, width) {
  const x = typeof bpm === 'number' ? Math.min(1000 - width, Math.max(0, share(bpm) - width / 2)).toFixed(0) : '';
  if (bar.dataset.x === x) return;
  bar.dataset.x = x;
  bar.setAttribute('visibility', x === '' ? 'hidden' : 'visible');
  if (x !== '') bar.setAttribute('x', x);
}
