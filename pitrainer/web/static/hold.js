// The second act of starting from the page: a press held for three seconds, by finger, mouse, Space or Enter.
//
// Letting go, sliding off, losing focus or hiding the page before the end means that nothing happens.

import { t } from './i18n.js';

const HOLD_MS = 3000;
const LOOK_MS = 50;

export function createHold(button, word, { allowed, done }) {
  let sinceMs = null;
  let timer = 0;

  function begin() {
    if (sinceMs !== null || button.disabled || !allowed()) return;
    sinceMs = performance.now();
    button.classList.add('holding');
    timer = setInterval(look, LOOK_MS);
    look();
  }

  function look() {
    const heldMs = performance.now() - sinceMs;
    if (!allowed()) return cancel();
    if (heldMs < HOLD_MS) {
      const count = String(Math.ceil((HOLD_MS - heldMs) / 1000));
      if (word.textContent !== count) word.textContent = count;
      return undefined;
    }
    cancel();
    word.textContent = t('hold.starting');
    return done();
  }

  function cancel() {
    clearInterval(timer);
    sinceMs = null;
    button.classList.remove('holding');
    word.textContent = t('hold');
  }

  function slidOff(event) {
    const box = button.getBoundingClientRect();
    const inside = event.clientX >= box.left && event.clientX <= box.right
      && event.clientY >= box.top && event.clientY <= box.bottom;
    if (!inside) cancel();
  }

  const isHoldKey = (event) => event.key === ' ' || event.key === 'Enter';
  button.addEventListener('pointerdown', (event) => { if (event.button === 0) begin(); });
  button.addEventListener('pointermove', (event) => { if (sinceMs !== null) slidOff(event); });
  for (const end of ['pointerup', 'pointercancel', 'pointerleave', 'blur']) button.addEventListener(end, cancel);
  button.addEventListener('keydown', (event) => {
    if (!isHoldKey(event)) return;
    event.preventDefault();
    if (!event.repeat) begin();
  });
  button.addEventListener('keyup', (event) => { if (isHoldKey(event)) cancel(); });
  button.addEventListener('contextmenu', (event) => event.preventDefault());
  document.addEventListener('visibilitychange', () => { if (document.hidden) cancel(); });
  return { cancel };
}
