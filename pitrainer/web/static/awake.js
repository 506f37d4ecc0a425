// Keeps the phone's screen on while the belt moves, where the address allows it (https or the Pi itself).

export const canStayAwake = () => 'wakeLock' in navigator;

export function createAwake() {
  let lock = null;
  let wanted = false;

  async function update() {
    if (!canStayAwake() || document.hidden) return;
    if (!wanted) {
      const held = lock;
      lock = null;
      await held?.release();
      return;
    }
    if (lock && !lock.released) return;
    try {
      lock = await navigator.wakeLock.request('screen');
    } catch { /* battery saver: the phone decides */ }
  }

  document.addEventListener('visibilitychange', update);
  return { want(on) { if (on !== wanted) { wanted = on; void update(); } } };
}
