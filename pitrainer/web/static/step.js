// The step on the screen, what comes after it, and how soon.
//
// A step by time ends when its time is up; one by distance or ascent at the pace of this moment. What ends by heart
// rate or by a tap earlier than that cannot be announced. Nothing is announced while the runner steers by hand.

import { byId, mark, text } from './dom.js';
import { said, t } from './i18n.js';
import { fixed, short, stepLeft } from './words.js';

export const SOON_S = 10;
const COUNTED = new Set(['running', 'cooling']);
const HIKE_FROM_PCT = 10;
const RUN_FROM_KMH = 7;
const GAITS = new Set(['run', 'walk', 'hike']);

// Seconds until the step ends; Infinity where nobody can tell.
export function endsInS(state) {
  const { step, speed_kmh: speed, incline_pct: incline } = state;
  if (!step || state.manual || !COUNTED.has(state.phase) || typeof step.left !== 'number') return Infinity;
  if (step.unit === 's') return step.left;
  const pace = (speed ?? 0) / 3.6;
  const share = step.unit === 'm_up' ? (incline ?? 0) / Math.hypot(100, incline ?? 0) : 1;
  return pace * share > 0 ? step.left / (pace * share) : Infinity;
}

// A step of the plan in a few words: "Down 1 %, 4.5 km/h".
export function stepWords({ name, drive, incline_pct: [from, incline], speed_kmh: speed }) {
  const what = t(`plan.${drive}`, { name, from: short(from), incline: short(incline) });
  return speed ? t('plan.speed', { what, speed: short(speed.at(-1)) }) : what;
}

// What follows, from the plan where it is there, else as the controller says it; null after the last step.
export function nextWords(state, plan) {
  if (!state.step?.next) return null;
  const planned = plan?.session === state.session ? plan.steps[state.step.i] : null;
  return planned?.incline_pct && planned.speed_kmh ? stepWords(planned) : state.step.next;
}

// How one goes at this speed and incline, for the cue: the controller's word where it has one.
export function gaitOf(state) {
  if (GAITS.has(state.gait)) return state.gait;
  if ((state.incline_pct ?? 0) >= HIKE_FROM_PCT) return 'hike';
  return (state.speed_target_kmh ?? state.speed_kmh ?? 0) >= RUN_FROM_KMH ? 'run' : 'walk';
}

export function renderStep(state, plan) {
  const step = state.step;
  renderWhy(state.why ?? '');
  if (!step) return;
  text('step-count', `${step.i}/${step.n}`);
  text('step-name', step.name);
  text('step-left', stepLeft(step));
  text('say', step.say ?? '');
  text('gait', t(`gait.${gaitOf(state)}`));
  renderNext(state, plan);
  const done = Math.round((step.done ?? 0) * 500) / 500;
  if (renderStep.done !== done) byId('step-progress').value = done;
  renderStep.done = done;
}

function renderWhy(why) {
  if (renderWhy.told === why) return;
  renderWhy.told = why;
  text('why', said(why));
  byId('why').title = said(why);
}

function renderNext(state, plan) {
  const inS = endsInS(state);
  const soon = inS <= SOON_S;
  const next = nextWords(state, plan);
  mark(byId('next'), 'soon', String(soon));
  if (soon) text('next', t('step.soon', { s: fixed(Math.ceil(inS)), what: next ?? t('step.end') }));
  else text('next', next === null ? t('step.last') : t('step.next', { what: next }));
}
