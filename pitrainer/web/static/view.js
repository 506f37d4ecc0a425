// The state on the screen: texts, which parts are shown, what may be pressed. Decides nothing.

import { byId, element, isGrey, mark, show, text } from './dom.js';
import { renderHeart } from './heart.js';
import { causeText, eventText, said, t } from './i18n.js';
import { renderStep } from './step.js';
import * as words from './words.js';

export const MOVING = new Set(['starting', 'running', 'paused', 'cooling', 'fault']);
export const UNDERWAY = new Set(['starting', 'running', 'cooling']);
const TOAST_MS = 6000;
const COMMANDS = [...document.querySelectorAll('[data-cmd]')];
const NUDGES = [...document.querySelectorAll('[data-nudge], #presets')];

export function announce(sentence) {
  text('announce', sentence);
}

export function toast(sentence) {
  const node = byId('toast');
  node.textContent = sentence;
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => { node.textContent = ''; }, TOAST_MS);
}

// Shows one state. `wish(field)` is the runner's own number that is still on its way; `plan` may be null.
export function render(state, wish, plan) {
  const can = new Set(state.can ?? []);
  const moving = MOVING.has(state.phase);
  mark(document.body, 'look', UNDERWAY.has(state.phase) ? document.body.dataset.view : '');
  mark(document.body, 'phase', state.phase);
  mark(document.body, 'zone', String(state.zone ?? 0));
  mark(document.body, 'seq', String(state.seq));
  text('session-name', state.session ?? '');
  renderLinks(state.links ?? {}, moving ? null : state.hr_bpm);
  renderCauses(state);
  for (const id of ['heart', 'drive', 'stats', 'views']) show(id, moving);
  show('step', moving && Boolean(state.step));
  show('chart-card', Boolean(state.session));
  show('library', can.has('load'));
  show('try', Boolean(state.simulated));
  renderHeart(state);
  renderDrive(state, wish);
  renderStep(state, plan);
  renderStats(state);
  renderArmed(state, can);
  renderReady(state, can);
  renderSummary(state);
  renderActions(state, can);
}

function renderLinks(links, hr) {
  const news = JSON.stringify([links, hr]);
  if (renderLinks.told === news) return;
  renderLinks.told = news;
  for (const id of ['strap', 'machine']) {
    const link = links[id] ?? {};
    const node = byId(`link-${id}`);
    mark(node, 'up', String(link.up ?? 'unknown'));
    const name = t(id);
    node.title = `${link.name || name}: ${linkWords(link)}`;
    const beats = id === 'strap' && typeof hr === 'number' ? ` ${words.fixed(hr)}` : '';
    text(`link-${id}-name`, link.up ? `${name}${beats}` : t('link.missing', { name }));
  }
}

function linkWords(link) {
  if (!link.up) return link.detail || t('link.down');
  const pct = link.battery_pct ?? null;
  return pct === null ? t('link.up') : t('link.battery', { how: t('link.up'), pct });
}

function renderCauses(state) {
  const causes = state.causes ?? [];
  const banner = byId('causes');
  mark(banner, 'action', state.action);
  show('causes', causes.length > 0);
  const word = state.action === 'PASS' ? '' : t(`action.${state.action}`);
  const lines = causes.map(causeText);
  const shown = [word, ...lines].join('\n');
  if (banner.dataset.shown === shown) return;
  banner.dataset.shown = shown;
  banner.replaceChildren(element('strong', 'cause-action', word), ...lines.map((line) => element('span', 'cause', line)));
}

export function renderDrive(state, wish) {
  renderAxis('incline', state.incline_pct, state.incline_target_pct, wish('incline_pct'), 0.25);
  renderAxis('speed', state.speed_kmh, state.speed_target_kmh, wish('speed_kmh'), 0.15);
  show('manual', Boolean(state.manual));
}

function renderAxis(name, actual, target, wished, near) {
  text(name, words.fixed(actual, 1));
  const aim = wished ?? target;
  const known = typeof aim === 'number' && typeof actual === 'number';
  const moving = known && Math.abs(aim - actual) >= near;
  const node = byId(`${name}-target`);
  mark(node, 'moving', moving ? String(Math.sign(aim - actual)) : '0');
  mark(node, 'wish', String(wished !== null));
  const value = words.fixed(aim, 1);
  text(`${name}-target`, typeof aim === 'number' ? t(wished === null ? 'target' : 'wish', { value }) : t('yours'));
}

function renderStats(state) {
  text('elapsed', words.clock(state.elapsed_s));
  text('ascent', words.fixed(state.ascent_m));
  text('vam', words.fixed(state.vam_m_h));
}

function renderArmed(state, can) {
  const armed = state.phase === 'armed';
  const fromPage = armed && can.has('start');
  show('armed', armed);
  show('hold', fromPage);
  if (!armed) return;
  text('armed-title', t(fromPage ? 'armed.hold' : 'armed.press'));
  text('armed-text', `${t('armed.feet')} ${t(fromPage ? 'armed.page' : 'armed.machine')}`);
  text('armed-left', words.fixed(Math.ceil(state.arm_left_s ?? 0)));
}

function renderReady(state, can) {
  const ready = Boolean(state.session) && state.phase === 'idle';
  show('ready', ready);
  if (!ready) return;
  text('ready-title', state.session);
  text('ready-hint', can.has('arm') ? t('loaded.hint') : said(state.why));
}

export function renderPlan(plan) {
  text('ready-purpose', plan ? [words.minutes(plan.estimated_s), plan.purpose].filter(Boolean).join(' · ') : '');
}

function renderSummary(state) {
  const done = state.phase === 'done';
  show('summary', done);
  if (!done) return;
  show('summary-belt', state.speed_kmh > 0);
  text('summary-belt', t('done.belt', { speed: words.fixed(state.speed_kmh, 1) }));
  text('sum-time', words.clock(state.elapsed_s));
  text('sum-ascent', `${words.fixed(state.ascent_m)} m`);
  text('sum-mean', words.fixed(state.hr_mean_bpm));
  text('sum-highest', words.fixed(state.hr_highest_bpm));
  text('sum-above', `${words.fixed(state.above_cap_s)} s`);
  text('sum-distance', `${words.fixed(typeof state.distance_m === 'number' ? state.distance_m / 1000 : null, 2)} km`);
  show('sum-report', Boolean(state.session_id));
  if (state.session_id) byId('sum-report-link').href = `/history/${encodeURIComponent(state.session_id)}`;
}

function renderActions(state, can) {
  for (const button of COMMANDS) {
    const { cmd } = button.dataset;
    if (button.hidden === can.has(cmd)) button.hidden = !can.has(cmd);
    if (cmd === 'arm') {
      const label = t(state.phase === 'paused' ? 'cmd.resume' : 'cmd.arm');
      if (button.textContent !== label) button.textContent = label;
    }
  }
  for (const part of NUDGES) {
    if (part.hidden === can.has('nudge')) part.hidden = !can.has('nudge');
  }
}

// Greys what is old, and takes away every control but STOP. Buttons made meanwhile ask `isGrey` when they are made.
export function renderStale(stale, sentence, ageText) {
  show('stale', stale && sentence !== '');
  text('stale-text', sentence);
  text('stale-age', ageText);
  if (stale === isGrey() && renderStale.done) return;
  renderStale.done = true;
  document.body.classList.toggle('is-stale', stale);
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
