// Taps on + and − that add up: the page keeps the runner's own wish, an absolute number, and sends that.
//
// The wish begins at the newest target (or, without one, at what is measured) and is forgotten when the state has
// caught up, or 3 s after the last tap. A wish may be at most three presses above the state, and the newest wish
// overtakes those that still wait: fifty fast taps don't queue up.

import { t } from './i18n.js';

const FORGET_MS = 3000;
const PRESSES_UP_MAX = 3;
const SPEED_PRESS_KMH = 0.5;

const TARGETS = { incline_pct: 'incline_target_pct', speed_kmh: 'speed_target_kmh' };

// The grid of a machine: one press, and the ends.
export function gridOf(field, bounds) {
  const name = field === 'incline_pct' ? ['incline', 'pct'] : ['speed', 'kmh'];
  const bound = (end) => bounds[`${name[0]}_${end}_${name[1]}`];
  const step = bound('step');
  const press = field === 'incline_pct' ? step : Math.max(step, Math.round(SPEED_PRESS_KMH / step) * step);
  return { press, step, lowest: bound('min'), highest: bound('max') };
}

// The next wish after a tap: on the machine's grid, inside its bounds, never far above the state.
export function nextWish(wish, inState, sign, grid) {
  const onGrid = Math.round((wish + sign * grid.press) / grid.step) * grid.step;
  const ceiling = Math.max(wish, inState + PRESSES_UP_MAX * grid.press);
  const highest = sign > 0 ? Math.min(grid.highest, ceiling) : Math.max(grid.highest, wish);
  return Number(Math.min(highest, Math.max(grid.lowest, onGrid)).toFixed(3));
}

export function createNudge(buttons, { state, send, say, changed }) {
  const wishes = {};
  const sending = {};

  function tap(field, sign) {
    const now = state();
    if (!now?.bounds) return;
    const inState = now[TARGETS[field]] ?? now[field];
    if (typeof inState !== 'number') return say(t('nudge.unknown'));
    const before = wishes[field]?.value ?? inState;
    const value = nextWish(before, inState, sign, gridOf(field, now.bounds));
    if (value === before) return say(t(sign > 0 ? 'nudge.most' : 'nudge.least'));
    wishFor(field, value);
  }

  function wishFor(field, value) {
    clearTimeout(wishes[field]?.timer);
    wishes[field] = { value, timer: setTimeout(() => forget(field), FORGET_MS) };
    changed();
    void flush(field);
  }

  async function flush(field) {
    if (sending[field]) return;
    sending[field] = true;
    let sent = null;
    while (wishes[field] && wishes[field].value !== sent) {
      sent = wishes[field].value;
      const answer = await send({ [field]: sent });
      if (!answer.ok) forget(field);
    }
    sending[field] = false;
  }

  function forget(field) {
    clearTimeout(wishes[field]?.timer);
    delete wishes[field];
    changed();
  }

  for (const button of buttons) {
    button.addEventListener('click', () => tap(button.dataset.nudge, Number(button.dataset.sign)));
  }
  return {
    // A preset: this number, and not a step towards it.
    set: wishFor,
    wish: (field) => wishes[field]?.value ?? null,
    forgetAll: () => Object.keys(wishes).forEach(forget),
    onState(now) {
      for (const field of Object.keys(wishes)) {
        if (Math.abs((now[TARGETS[field]] ?? NaN) - wishes[field].value) < 0.01) forget(field);
      }
    },
  };
}
