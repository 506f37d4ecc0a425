// The state on the screen: texts, which parts are shown, what may be pressed. Decides nothing.
//
// Every text goes in by textContent, and only when it changed, so that screen readers hear news and not noise.

import * as words from './words.js';
import { minutes } from './words.js';

const MOVING_PHASES = new Set(['starting', 'running', 'paused', 'cooling', 'fault']);
const ACTION_WORDS = { WARN: 'Note', HOLD: 'Holding', EASE: 'Easing off', STOP: 'Stopping' };
const ZONE_FROM = [0.5, 0.6, 0.7, 0.8, 0.9];
const SVG = 'http://www.w3.org/2000/svg';

const byId = (id) => document.getElementById(id);

function text(id, value) {
  const node = byId(id);
  if (node.textContent !== value) node.textContent = value;
}

function show(id, visible) {
  byId(id).hidden = !visible;
}

export function announce(sentence) {
  text('announce', sentence);
}

export function toast(sentence) {
  const node = byId('toast');
  node.textContent = sentence;
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => { node.textContent = ''; }, 6000);
}

// Shows one state. `wish(field)` is the runner's own number that is still on its way.
export function render(state, wish) {
  const can = new Set(state.can ?? []);
  const moving = MOVING_PHASES.has(state.phase);
  document.body.dataset.phase = state.phase;
  document.body.dataset.zone = String(state.zone ?? 0);
  document.body.dataset.seq = String(state.seq);
  text('session-name', state.session ?? '');
  renderLinks(state.links ?? {}, moving ? null : state.hr_bpm);
  renderCauses(state);
  for (const id of ['heart', 'drive', 'stats']) show(id, moving);
  show('step', moving && Boolean(state.step));
  show('chart-card', Boolean(state.session));
  show('library', can.has('load'));
  show('try', Boolean(state.simulated));
  renderHeart(state);
  renderDrive(state, wish);
  renderStep(state);
  renderArmed(state, can);
  renderReady(state, can);
  renderSummary(state);
  renderActions(state, can);
}

function renderLinks(links, hr) {
  for (const [id, name] of [['strap', 'Strap'], ['machine', 'Treadmill']]) {
    const link = links[id] ?? {};
    const node = byId(`link-${id}`);
    node.dataset.up = String(link.up ?? 'unknown');
    const battery = link.battery_pct === null || link.battery_pct === undefined ? '' : `, battery ${link.battery_pct} %`;
    const how = link.up ? `connected${battery}` : link.detail || 'not connected';
    node.title = `${link.name || name}: ${how}`;
    const beats = id === 'strap' && typeof hr === 'number' ? ` ${words.fixed(hr)}` : '';
    const shown = `${name}${link.up ? beats : ' missing'}`;
    const label = node.querySelector('.chip-name');
    if (label.textContent !== shown) label.textContent = shown;
  }
}

function renderCauses(state) {
  const causes = state.causes ?? [];
  const banner = byId('causes');
  banner.dataset.action = state.action;
  banner.hidden = causes.length === 0;
  const word = ACTION_WORDS[state.action] ?? '';
  const shown = [word, ...causes.map((cause) => cause.text)].join('\n');
  if (banner.dataset.shown === shown) return;
  banner.dataset.shown = shown;
  const lines = causes.map((cause) => element('span', 'cause', cause.text));
  banner.replaceChildren(element('strong', 'cause-action', word), ...lines);
}

export function element(kind, className, content = '') {
  const made = document.createElement(kind);
  made.className = className;
  made.textContent = content;
  return made;
}

function renderHeart(state) {
  text('hr', words.fixed(state.hr_bpm));
  byId('hr').dataset.none = String(typeof state.hr_bpm !== 'number');
  text('zone', words.zoneName(state.zone));
  text('cap-distance', words.capDistance(state.hr_bpm, state.cap_bpm));
  text('cap', state.cap_bpm === null ? 'no cap' : `cap ${words.fixed(state.cap_bpm)}`);
  byId('heart').dataset.above = String(state.hr_bpm > state.cap_bpm && state.cap_bpm !== null);
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

function place(mark, bpm, share, width) {
  mark.setAttribute('visibility', typeof bpm === 'number' ? 'visible' : 'hidden');
  if (typeof bpm !== 'number') return;
  const x = Math.min(1000 - width, Math.max(0, share(bpm) - width / 2));
  for (const [name, value] of Object.entries({ x, y: 4, width, height: 52, rx: 4 })) mark.setAttribute(name, value);
}

export function renderDrive(state, wish) {
  renderAxis('incline', state.incline_pct, state.incline_target_pct, wish('incline_pct'), 0.25);
  renderAxis('speed', state.speed_kmh, state.speed_target_kmh, wish('speed_kmh'), 0.15);
}

function renderAxis(name, actual, target, wished, near) {
  text(name, words.fixed(actual, 1));
  const aim = wished ?? target;
  const known = typeof aim === 'number' && typeof actual === 'number';
  const moving = known && Math.abs(aim - actual) >= near;
  const node = byId(`${name}-target`);
  node.dataset.moving = moving ? String(Math.sign(aim - actual)) : '0';
  node.dataset.wish = String(wished !== null);
  text(`${name}-target`, typeof aim === 'number' ? `${wished === null ? 'target' : 'wish'} ${aim.toFixed(1)}` : 'yours');
}

function renderStep(state) {
  const step = state.step;
  text('why', state.why ?? '');
  text('elapsed', words.clock(state.elapsed_s));
  text('ascent', words.fixed(state.ascent_m));
  text('vam', words.fixed(state.vam_m_h));
  if (!step) return;
  text('step-count', `${step.i}/${step.n}`);
  text('step-name', step.name);
  text('step-left', words.stepLeft(step));
  text('say', step.say ?? '');
  text('next', step.next ? `Next: ${step.next}` : 'Last step');
  byId('step-progress').value = step.done ?? 0;
}

function renderArmed(state, can) {
  const armed = state.phase === 'armed';
  const fromPage = armed && can.has('start');
  show('armed', armed);
  show('hold', fromPage);
  if (!armed) return;
  text('armed-title', fromPage ? 'Ready. Hold the button.' : 'Press START on the treadmill');
  const feet = 'Stand on the side rails, key clipped on.';
  text('armed-text', fromPage ? `${feet} The belt starts after three seconds; letting go earlier does nothing.`
    : `${feet} The belt starts slowly.`);
  text('armed-left', words.fixed(Math.ceil(state.arm_left_s ?? 0)));
}

function renderReady(state, can) {
  const ready = Boolean(state.session) && state.phase === 'idle';
  show('ready', ready);
  if (!ready) return;
  text('ready-title', state.session);
  text('ready-hint', can.has('arm') ? 'Arm, then start. The belt does not move before that.' : state.why ?? '');
}

export function renderPlan(plan) {
  text('ready-purpose', plan ? [minutes(plan.estimated_s), plan.purpose].filter(Boolean).join(' · ') : '');
}

function renderSummary(state) {
  const done = state.phase === 'done';
  show('summary', done);
  if (!done) return;
  show('summary-belt', state.speed_kmh > 0);
  text('summary-belt', `The belt is still slowing down: ${words.fixed(state.speed_kmh, 1)} km/h`);
  text('sum-time', words.clock(state.elapsed_s));
  text('sum-ascent', `${words.fixed(state.ascent_m)} m`);
  text('sum-mean', words.fixed(state.hr_mean_bpm));
  text('sum-highest', words.fixed(state.hr_highest_bpm));
  text('sum-above', `${words.fixed(state.above_cap_s)} s`);
  text('sum-distance', `${words.fixed(typeof state.distance_m === 'number' ? state.distance_m / 1000 : null, 2)} km`);
}

function renderActions(state, can) {
  for (const button of document.querySelectorAll('[data-cmd]')) {
    button.hidden = !can.has(button.dataset.cmd);
    if (button.dataset.cmd === 'arm') {
      const label = state.phase === 'paused' ? 'Resume' : 'Arm';
      if (button.textContent !== label) button.textContent = label;
    }
  }
  for (const button of document.querySelectorAll('[data-nudge]')) button.hidden = !can.has('nudge');
}

// Greys what is old, and takes away every control but STOP.
export function renderStale(stale, sentence, ageText) {
  document.body.classList.toggle('is-stale', stale);
  show('stale', stale && sentence !== '');
  text('stale-text', sentence);
  text('stale-age', ageText);
  for (const button of document.querySelectorAll('main button, .actions button')) button.disabled = stale;
}

export function renderEvents(events, phase) {
  show('events', events.length > 0 && phase !== 'idle');
  const lines = events.slice().reverse().map((event) => {
    const line = element('li', 'event');
    const when = typeof event.elapsed_s === 'number' ? words.clock(event.elapsed_s) : '';
    line.append(element('span', 'event-time num', when), element('span', 'event-text', eventText(event)));
    return line;
  });
  byId('event-list').replaceChildren(...lines);
}

function eventText(event) {
  return event.text || String(event.event_type ?? '').replaceAll('_', ' ');
}
