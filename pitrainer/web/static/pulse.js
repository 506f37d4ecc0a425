// A beat that keeps time: each beat has its place on the audio clock, and sounds are booked there ahead of time.
//
// Beat n is at `anchor + n * period`, computed and never added up, so nothing drifts; timers only decide when to book
// (a hidden tab's timer comes once a second, so `AHEAD_S` is longer). A new tempo begins after what is booked. After a
// sleep the beats that were missed are left out, and the next one stands on the old grid.

export const AHEAD_S = 2.2;

// `now()` gives seconds of the audio clock; `book(atS, n, periodS)` makes beat n sound then and returns how to undo it.
export function createPulse({ now, book, aheadS = AHEAD_S }) {
  let anchorS = 0;
  let periodS = null;
  let count = 0;
  let first = 0;
  let booked = [];

  const timeOf = (n) => anchorS + (n - first) * periodS;

  function fill() {
    if (periodS === null) return;
    const nowS = now();
    if (timeOf(count) < nowS) count = first + Math.ceil((nowS - anchorS) / periodS);
    for (; timeOf(count) < nowS + aheadS; count += 1) booked.push({ atS: timeOf(count), undo: book(timeOf(count), count, periodS) });
    booked = booked.filter((beat) => beat.atS > nowS);
  }

  return {
    fill,
    // Beats per minute; the first beat comes after `delayS`.
    start(perMinute, delayS = 0.1) {
      const nextS = periodS === null ? now() + delayS : timeOf(count);
      first = periodS === null ? 0 : count;
      count = first;
      anchorS = nextS;
      periodS = 60 / perMinute;
      fill();
    },
    stop() {
      for (const beat of booked) beat.undo();
      booked = [];
      periodS = null;
      count = 0;
    },
    running: () => periodS !== null,
    // Beats since the start, with a fraction; the pacer on the screen follows this.
    position: () => (periodS === null ? 0 : Math.max(0, first + (now() - anchorS) / periodS)),
  };
}
