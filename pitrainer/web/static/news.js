// What a runner who does not look should hear of, from one state to the next. Pure: two states in, news out.
//
// Kinds: `step` (a new one began), `soon` (a change in ten seconds), `tick` (the last three of them), `cause`
// (something that holds, eases or stops is new). A page that has just been opened has no news.

import { causeText, t } from './i18n.js';
import { endsInS, nextWords, SOON_S, stepWords } from './step.js';

const LOUD = { HOLD: 2, EASE: 3, STOP: 4 };
const TICKS_S = [1, 2, 3];

export function newsOf(before, now, plan, blind = false) {
  if (before === null || before.boot !== now.boot) return [];
  return [...causesNew(before, now), ...stepNew(before, now, plan, blind), ...soonNew(before, now, plan, blind)];
}

function causesNew(before, now) {
  const known = new Map((before.causes ?? []).map((each) => [each.cause, LOUD[each.action] ?? 0]));
  return (now.causes ?? [])
    .filter((each) => (LOUD[each.action] ?? 0) > (known.get(each.cause) ?? 0))
    .map((each) => ({ kind: 'cause', action: each.action, text: causeText(each) }));
}

function stepNew(before, now, plan, blind) {
  const begun = now.step && ['running', 'cooling'].includes(now.phase) && before.step?.i !== now.step.i;
  if (!begun) return [];
  const planned = plan?.session === now.session ? plan.steps[now.step.i - 1] : null;
  const what = planned?.incline_pct && !blind ? stepWords(planned) : now.step.name;
  return [{ kind: 'step', text: t('say.step', { what, cue: now.step.say ?? '' }).trim() }];
}

function soonNew(before, now, plan, blind) {
  if (before.step?.i !== now.step?.i) return [];
  const [was, is] = [endsInS(before), endsInS(now)];
  const crossed = (s) => was > s && is <= s;
  if (crossed(SOON_S)) return [{ kind: 'soon', text: t('say.soon', { what: comingWords(now, plan, blind) }) }];
  return TICKS_S.some(crossed) ? [{ kind: 'tick', text: '' }] : [];
}

function comingWords(now, plan, blind) {
  if (!now.step.next) return t('step.end');
  return (blind && plan?.session === now.session && plan.steps[now.step.i]?.name) || nextWords(now, plan);
}
