// Numbers and seconds as a person reads them. Unknown is a dash, never 0.

export const NONE = '–';

export function fixed(value, digits = 0) {
  return typeof value === 'number' && Number.isFinite(value) ? value.toFixed(digits) : NONE;
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
  return `${fixed(step.left)} m${step.unit === 'm_up' ? ' up' : ''}`;
}

export function capDistance(hr, cap) {
  if (typeof hr !== 'number' || typeof cap !== 'number') return '';
  const below = Math.round(cap) - Math.round(hr);
  if (below === 0) return 'at cap';
  return below > 0 ? `${below} below cap` : `${-below} above cap`;
}

export function zoneName(zone) {
  if (typeof zone !== 'number') return 'No heart rate';
  return zone === 0 ? 'Below zone 1' : `Zone ${zone}`;
}

export function age(seconds) {
  if (!Number.isFinite(seconds)) return 'a while';
  if (seconds < 120) return `${Math.floor(seconds)} s`;
  return seconds < 7200 ? `${Math.floor(seconds / 60)} min` : `${Math.floor(seconds / 3600)} h`;
}

export const PHASES = {
  idle: 'No session is running',
  armed: 'Armed: waiting for the start',
  starting: 'Starting',
  running: 'Running',
  paused: 'Paused',
  cooling: 'Cooling down',
  done: 'Session done',
  fault: 'Fault: the belt stops',
};
