// Metronome and breathing pacer: one pulse on the audio clock for the ear, and the same pulse on the screen.
//
// They run while the belt moves under a session and the news is fresh, and only where the runner asked for them.

import { byId, mark, show, text } from './dom.js';
import { t } from './i18n.js';
import { createPulse } from './pulse.js';
import { breath, breathAt, click } from './sound.js';

const FILL_MS = 500;

export function createPacer(sound, settings) {
  let pulse = null;
  let wanted = false;
  let timer = 0;
  let frame = 0;

  function book(atS, n, periodS) {
    const [context, out] = [sound.context(), sound.out()];
    const undo = [];
    const steps = settings.breath;
    if (settings.metronome) undo.push(click(context, out, atS, steps > 0 && n % (2 * steps) === 0));
    if (steps > 0 && n % steps === 0) undo.push(breath(context, out, atS, steps * periodS, breathAt(n, steps)));
    return () => undo.forEach((each) => each());
  }

  function run() {
    const on = wanted && (settings.metronome || settings.breath > 0) && sound.awake();
    show('pacer', on && settings.breath > 0);
    if (!on) return halt();
    if (pulse) return pulse.fill();
    pulse = createPulse({ now: () => sound.context().currentTime, book });
    pulse.start(settings.cadence);
    if (settings.breath > 0) frame = requestAnimationFrame(draw);
    return undefined;
  }

  function halt() {
    pulse?.stop();
    pulse = null;
    cancelAnimationFrame(frame);
  }

  function draw() {
    if (!pulse) return;
    const at = pulse.position() / settings.breath;
    const way = Math.floor(at) % 2 === 0 ? 'in' : 'out';
    const share = way === 'in' ? at % 1 : 1 - (at % 1);
    text('pacer-word', t(`breathe.${way}`));
    mark(byId('pacer'), 'way', way);
    byId('pacer-bar').style.transform = `scaleX(${share.toFixed(3)})`;
    frame = requestAnimationFrame(draw);
  }

  timer = setInterval(run, FILL_MS);
  return {
    want(on) { if (on !== wanted) { wanted = on; run(); } },
    // Settings have changed: begin anew with them.
    changed() { halt(); run(); },
    end() { clearInterval(timer); halt(); },
  };
}
