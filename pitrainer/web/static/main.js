// Wires the page together: states in, presses out.

import { canStayAwake, createAwake } from './awake.js';
import { createChart } from './chart.js';
import { createCheck } from './check.js';
import { createCoach } from './coach.js';
import { byId, show } from './dom.js';
import { createHold } from './hold.js';
import { loadWords, t } from './i18n.js';
import { offerInstall } from './install.js';
import { createLink, post, read } from './link.js';
import { createNudge } from './nudge.js';
import { createPacer } from './pacer.js';
import { createPresets } from './presets.js';
import { fillSessions } from './sessions.js';
import { bindSettings, settings } from './settings.js';
import { fillTries } from './simulated.js';
import { createSound } from './sound.js';
import { createStop } from './stop.js';
import * as view from './view.js';
import { createVoice } from './voice.js';
import { age } from './words.js';

const LOOK_MS = 250;
const PATIENCE_MS = 1500;

// STOP first: it waits for nothing, not even for words.
const stop = createStop({
  button: byId('stop'),
  alarm: byId('alarm'),
  alarmText: byId('alarm-text'),
  alarmClose: byId('alarm-close'),
  say: view.toast,
});
const sound = createSound();
const voice = createVoice();
const pacer = createPacer(sound, settings);
const awake = createAwake();
bindSettings(onSetting);
await loadWords();

const shown = { session: null, plan: null, phase: null, events: '', sessionsAtMs: -Infinity };
const chart = createChart(byId('chart'));
const coach = createCoach({ settings, voice, sound, announce: view.announce });
const link = createLink(onState);
const nudge = createNudge(document.querySelectorAll('[data-nudge]'), {
  state: link.state,
  send: (fields) => command('nudge', fields),
  say: view.toast,
  changed: () => { if (link.heard()) view.renderDrive(link.state(), nudge.wish); },
});
const presets = createPresets(byId('presets'), (pct) => nudge.set('incline_pct', pct));
createHold(byId('hold'), byId('hold-word'), {
  allowed: () => !link.isStale() && (link.state()?.can ?? []).includes('start'),
  done: () => { stop.forget(); return command('start'); },
});
createCheck({ form: byId('check-form'), text: byId('check-text'), file: byId('check-file'), list: byId('check-list') });

async function command(cmd, fields = {}) {
  const answer = await post(`/api/cmd/${cmd}`, fields);
  if (!answer.ok) view.toast(answer.reason || t('refused'));
  return answer;
}

function onState(state) {
  nudge.onState(state);
  render(state);
  chart.onState(state);
  coach.onState(state, shown.plan);
  follow(state);
  look();
}

function render(state) {
  view.render(state, nudge.wish, shown.plan);
  presets.render(state, shown.plan);
}

// Fetches what belongs to the state but does not come with it, when it changes.
function follow(state) {
  const session = JSON.stringify([state.boot, state.session, state.session_id]);
  if (session !== shown.session) {
    shown.session = session;
    void fetchSession();
  }
  if (state.phase !== shown.phase) {
    shown.phase = state.phase;
    view.announce(t(`phase.${state.phase}`));
  }
  const events = JSON.stringify([state.phase, state.events]);
  if (events !== shown.events) {
    shown.events = events;
    view.renderEvents(state.events ?? [], state.phase);
  }
  if ((state.can ?? []).includes('load') && performance.now() - shown.sessionsAtMs > 60000) void fetchSessions();
}

async function fetchSession() {
  const [plan, history] = await Promise.all([read('/api/plan'), read('/api/history')]);
  shown.plan = plan;
  view.renderPlan(plan);
  if (link.heard()) render(link.state());
  chart.setPlan(plan);
  chart.setHistory(history?.rows ?? []);
}

async function fetchSessions() {
  shown.sessionsAtMs = performance.now();
  const choose = (session) => command('load', { session: session.name });
  if (!(await fillSessions(byId('session-list'), choose))) shown.sessionsAtMs = performance.now() - 57000;
}

function look() {
  const stale = link.isStale();
  const justOpened = !link.heard() && performance.now() < PATIENCE_MS;
  if (!justOpened) show('main', true);
  view.renderStale(stale, justOpened ? '' : t(link.heard() ? 'stale' : 'waiting'), link.heard() ? `(${age(link.ageS())})` : '');
  if (stale) {
    nudge.forgetAll();
    coach.forget();
  }
  const underway = link.heard() && view.UNDERWAY.has(link.state().phase);
  pacer.want(underway && !stale && (link.state().speed_kmh ?? 0) > 0);
  awake.want(settings.awake && underway);
}

function onSetting(name) {
  if (name === 'volume') sound.level(settings.volume);
  if (['metronome', 'cadence', 'breath'].includes(name)) pacer.changed();
}

for (const button of document.querySelectorAll('[data-cmd]')) {
  button.addEventListener('click', () => {
    if (button.dataset.cmd === 'arm') stop.forget();
    void command(button.dataset.cmd);
  });
}
byId('stop').addEventListener('pointerdown', () => nudge.forgetAll());
byId('stop').addEventListener('click', () => nudge.forgetAll());
for (const touch of ['pointerdown', 'keydown']) {
  document.addEventListener(touch, () => sound.wake(settings.volume), { passive: true });
}
document.addEventListener('visibilitychange', () => { if (!document.hidden) void fetchSession(); });
for (const hint of document.querySelectorAll('.awake-hint')) hint.hidden = canStayAwake();
show('set-vibrate', 'vibrate' in navigator);
show('set-speech', voice.can);
offerInstall(byId('install'));
fillTries(byId('try-list'), view.toast);
setInterval(look, LOOK_MS);
look();
