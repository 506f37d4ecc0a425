// Numbers and seconds as a person reads them. Unknown is a dash, never 0.

import { t } from './i18n.js';

export const NONE = '–';

export function fixed(value, digits = 0) {
  if (typeof value !== 'number' || !Number.isFinite(value)) return NONE;
  const text = value.toFixed(digits);
  return digits > 0 ? text.replace('.', decimal()) : text;
}

// As short as it is true: 12, 12.5.
export function short(value) {
  return typeof value === 'number' ? String(Number(value.toFixed(1))).replace('.', decimal()) : NONE;
}

function decimal() {
  const mark = t('decimal');
  return mark.length === 1 ? mark : '.';
}

export function clock(seconds) {
  if (typeof seconds !== 'number' || !Number.isFinite(seconds)) return NONE;
  const whole = Math.max(0, Math.floor(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (n) => String(n).padStart(2, '0');
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

export function minutes(seconds) {
  return typeof seconds === 'number' ? `${Math.max(1, Math.round(seconds / 60))} min` : '';
}

export function stepLeft(step) {
  if (typeof step.left !== 'number') return '';
  if (step.unit === 's') return clock(Math.ceil(step.left));
  return step.unit === 'm_up' ? t('step.up', { m: fixed(step.left) }) : `${fixed(step.left)} m`;
}

export function capDistance(hr, cap) {
  if (typeof hr !== 'number' || typeof cap !== 'number') return '';
  const below = Math.round(cap) - Math.round(hr);
  if (below === 0) return t('cap.at');
  return below > 0 ? t('cap.below', { n: below }) : t('cap.above', { n: -below });
}

export function zoneName(zone) {
  if (typeof zone !== 'number') return t('zone.none');
  return zone === 0 ? t('zone.below') : t('zone', { n: zone });
}

// The controller's expectation, [[seconds from now, bpm], ...], in one short line; empty where there is none.
export function expected(prediction) {
  const [s, bpm] = prediction?.at(-1) ?? [];
  if (typeof s !== 'number' || typeof bpm !== 'number') return '';
  return t(s >= 105 && s <= 135 ? 'prediction' : 'prediction.other', { s: fixed(s), bpm: fixed(bpm) });
}

export function age(seconds) {
  if (!Number.isFinite(seconds)) return t('age.while');
  if (seconds < 120) return `${Math.floor(seconds)} s`;
  return seconds < 7200 ? `${Math.floor(seconds / 60)} min` : `${Math.floor(seconds / 3600)} h`;
}
