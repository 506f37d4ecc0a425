// Wires the page together: states in, presses out.

import { createChart } from './chart.js';
import { createHold } from './hold.js';
import { createLink, post, read } from './link.js';
import { createNudge } from './nudge.js';
import { fillSessions } from './sessions.js';
import { fillTries } from './simulated.js';
import { createStop } from './stop.js';
import * as view from './view.js';
import { age, PHASES } from './words.js';

const LOOK_MS = 250;
const PATIENCE_MS = 1500;
const byId = (id) => document.getElementById(id);

const chart = createChart(byId('chart'));
const shown = { session: null, phase: null, events: '', sessionsAtMs: -Infinity };

const link = createLink(onState);
const stop = createStop({
  button: byId('stop'),
  alarm: byId('alarm'),
  alarmText: byId('alarm-text'),
  alarmClose: byId('alarm-close'),
  say: view.toast,
});
const nudge = createNudge(document.querySelectorAll('[data-nudge]'), {
  state: link.state,
  send: (fields) => command('nudge', fields),
  say: view.toast,
  changed: () => { if (link.heard()) view.renderDrive(link.state(), nudge.wish); },
});
createHold(byId('hold'), byId('hold-word'), {
  allowed: () => !link.isStale() && (link.state()?.can ?? []).includes('start'),
  done: () => { stop.forget(); return command('start'); },
});

async function command(cmd, fields = {}) {
  const answer = await post(`/api/cmd/${cmd}`, fields);
  if (!answer.ok) view.toast(answer.reason || 'Refused.');
  return answer;
}

function onState(state) {
  nudge.onState(state);
  view.render(state, nudge.wish);
  chart.onState(state);
  follow(state);
  look();
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
    view.announce(PHASES[state.phase] ?? state.phase);
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
  view.renderPlan(plan);
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
  view.renderStale(stale, justOpened ? '' : staleSentence(), link.heard() ? `(${age(link.ageS())})` : '');
  if (stale) nudge.forgetAll();
}

function staleSentence() {
  if (!link.heard()) return 'Waiting for the controller.';
  return "No news from the controller. If the belt moves, use the treadmill's own STOP.";
}

for (const button of document.querySelectorAll('[data-cmd]')) {
  button.addEventListener('click', () => {
    if (button.dataset.cmd === 'arm') stop.forget();
    void command(button.dataset.cmd);
  });
}
byId('stop').addEventListener('pointerdown', () => nudge.forgetAll());
byId('stop').addEventListener('click', () => nudge.forgetAll());
document.addEventListener('visibilitychange', () => { if (!document.hidden) void fetchSession(); });
fillTries(byId('try-list'), view.toast);
setInterval(look, LOOK_MS);
look();
