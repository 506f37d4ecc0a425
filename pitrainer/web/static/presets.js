// Inclines at one press: the plan's own, and where they leave room, others between them and at the machine's ends.

import { element, isGrey } from './dom.js';
import { t } from './i18n.js';
import { short } from './words.js';

export const PRESETS = 5;
const rising = (a, b) => a - b;

// At most `PRESETS` inclines in percent, on the machine's grid and inside its bounds, each once, rising.
export function presetsOf(plan, { incline_min_pct: lowest, incline_max_pct: highest, incline_step_pct: grid }) {
  const inside = (pct) => Math.min(highest, Math.max(lowest, Number((Math.round(pct / grid) * grid).toFixed(2))));
  const planned = (plan?.steps ?? []).flatMap((step) => step.incline_pct).map(inside);
  const chosen = [...new Set(planned.length ? planned : [lowest])].sort(rising);
  while (chosen.length > PRESETS) chosen.splice(closest(chosen), 1);
  for (let left = PRESETS - chosen.length; left > 0; left -= 1) {
    const pct = inside(inWidestGap(chosen, lowest, highest));
    if (chosen.includes(pct)) break;
    chosen.push(pct);
    chosen.sort(rising);
  }
  return chosen;
}

// Of those that are not an end, the one nearest to its lower neighbour.
function closest(sorted) {
  const gaps = sorted.slice(1, -1).map((pct, index) => pct - sorted[index]);
  return gaps.indexOf(Math.min(...gaps)) + 1;
}

// The middle of the widest gap, in whole percent; an open end is filled by the machine's own.
function inWidestGap(sorted, lowest, highest) {
  const gaps = [
    { width: sorted[0] - lowest, pct: lowest },
    { width: highest - sorted.at(-1), pct: highest },
    ...sorted.slice(1).map((pct, index) => ({ width: pct - sorted[index], pct: Math.round((pct + sorted[index]) / 2) })),
  ];
  return gaps.reduce((widest, gap) => (gap.width > widest.width ? gap : widest)).pct;
}

export function createPresets(row, press) {
  let shown = '';
  let made = [null, ''];
  return {
    render(state, plan) {
      const bounds = JSON.stringify(state.bounds ?? null);
      const same = made[0] === plan && made[1] === bounds + state.session;
      made = [plan, bounds + state.session];
      if (same) return mark(row, state.incline_target_pct);
      const inclines = state.bounds ? presetsOf(plan?.session === state.session ? plan : null, state.bounds) : [];
      const news = inclines.join();
      if (news !== shown) {
        shown = news;
        row.replaceChildren(...inclines.map((pct) => presetButton(pct, press)));
      }
      return mark(row, state.incline_target_pct);
    },
  };
}

function mark(row, target) {
  for (const button of row.children) {
    const on = String(Math.abs(Number(button.dataset.preset) - (target ?? NaN)) < 0.05);
    if (button.getAttribute('aria-pressed') !== on) button.setAttribute('aria-pressed', on);
  }
}

function presetButton(pct, press) {
  const button = element('button', 'preset num', short(pct));
  button.type = 'button';
  button.disabled = isGrey();
  button.dataset.preset = String(pct);
  button.setAttribute('aria-label', t('preset', { value: short(pct) }));
  button.addEventListener('click', () => press(pct));
  return button;
}
