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
  if (!highest) return gauge.replaceChildren();
  const share = (bpm) => Math.min(1, Math.max(0, (bpm / highest - ZONE_FROM[0]) / (1 - ZONE_FROM[0]))) * 1000;
  if (!gauge.childElementCount) gauge.append(...ZONE_FROM.map(gaugeZone), rect('gauge-cap'), rect('gauge-heart'));
  place(gauge.querySelector('.gauge-cap'), state.cap_bpm, share, 8);
  place(gauge.querySelector('.gauge-heart'), state.hr_bpm, share, 16);
  return undefined;
}

function gaugeZone(_, index) {
  const band = rect(`gauge-zone gauge-zone-${index + 1}`);
  for (const [name, value] of Object.entries({ x: index * 200 + 3, y: 22, width: 194, height: 16, rx: 6 })) {
    band.setAttribute(name, value);
  }
  return band;
}

function rect(className) {
  const made = document.createElementNS(SVG, 'rect');
  made.setAttribute('class', className);
  return made;
}

function place(bar, bpm, share, width) {
  bar.setAttribute('visibility', typeof bpm === 'number' ? 'visible' : 'hidden');
  if (typeof bpm !== 'number') return;
  const x = Math.min(1000 - width, Math.max(0, share(bpm) - width / 2));
  for (const [name, value] of Object.entries({ x, y: 4, width, height: 52, rx: 4 })) bar.setAttribute(name, value);
}
