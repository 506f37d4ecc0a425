// STOP: sent at the touch, not at the release, in every phase, stale or not. It only ever stops.
//
// Confirmed within a second, or the whole screen says to use the treadmill's own STOP, and the request is repeated
// every second until it is confirmed or a minute has passed. Starting anew ends the repeats.

import { t } from './i18n.js';
import { post } from './link.js';

const CONFIRM_MS = 1000;
const REPEATS_MAX = 60;
const SAME_PRESS_MS = 700;

export function createStop({ button, alarm, alarmText, alarmClose, say }) {
  let press = 0;
  let touchedMs = -Infinity;

  async function stop() {
    const mine = ++press;
    button.textContent = t('stop.sending');
    for (let repeat = 0; repeat < REPEATS_MAX && mine === press; repeat += 1) {
      const sentMs = performance.now();
      const answer = await post('/api/cmd/stop', {}, CONFIRM_MS);
      if (mine !== press) return;
      if (answer.ok) return confirmed();
      warn(answer.reason);
      await new Promise((done) => setTimeout(done, Math.max(0, CONFIRM_MS - (performance.now() - sentMs))));
    }
    button.textContent = 'STOP';
  }

  function warn(reason) {
    button.textContent = t('stop.silent');
    alarmText.textContent = t('stop.again', { reason });
    if (!alarm.open && !alarm.dataset.closed) alarm.showModal();
  }

  function confirmed() {
    button.textContent = 'STOP';
    say(t('stop.confirmed'));
    alarmText.textContent = t('stop.late');
  }

  function pressed() {
    delete alarm.dataset.closed;
    void stop();
  }

  button.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    touchedMs = performance.now();
    pressed();
  });
  button.addEventListener('click', () => {
    if (performance.now() - touchedMs > SAME_PRESS_MS) pressed();
    touchedMs = -Infinity;
  });
  alarmClose.addEventListener('click', () => alarm.close());
  alarm.addEventListener('close', () => { alarm.dataset.closed = '1'; });

  return { forget: () => { press += 1; button.textContent = 'STOP'; } };
}
