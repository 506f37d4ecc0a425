// Sounds of the page: beeps, the metronome's click and the breath, made from oscillators at times of the audio clock.
//
// A browser lets a page sound only after a tap: `wake` belongs into one.

const CLICK_S = 0.03;
const BREATH_HZ = { in: [220, 330], out: [330, 220] };

// One tone from `atS` on the audio clock. Returns how to take it back.
export function tone(context, out, { atS, lengthS, hz, toHz = hz, gain = 1, attackS = 0.004 }) {
  const source = context.createOscillator();
  const envelope = context.createGain();
  source.frequency.setValueAtTime(hz, atS);
  if (toHz !== hz) source.frequency.linearRampToValueAtTime(toHz, atS + lengthS);
  envelope.gain.setValueAtTime(0, atS);
  envelope.gain.linearRampToValueAtTime(gain, atS + attackS);
  envelope.gain.setValueAtTime(gain, atS + Math.max(attackS, lengthS - attackS));
  envelope.gain.linearRampToValueAtTime(0, atS + lengthS);
  source.connect(envelope).connect(out);
  source.start(atS);
  source.stop(atS + lengthS);
  source.onended = () => envelope.disconnect();
  return () => { source.stop(); };
}

export function click(context, out, atS, accent = false) {
  return tone(context, out, { atS, lengthS: CLICK_S, hz: accent ? 1760 : 1320, gain: 0.8, attackS: 0.001 });
}

// One breath in or out, `lengthS` long: a soft tone that rises or falls.
export function breath(context, out, atS, lengthS, way) {
  const [hz, toHz] = BREATH_HZ[way];
  return tone(context, out, { atS, lengthS: lengthS * 0.92, hz, toHz, gain: 0.25, attackS: lengthS * 0.3 });
}

// Which way the breath goes at step n with `steps` steps each way.
export function breathAt(n, steps) {
  return Math.floor(n / steps) % 2 === 0 ? 'in' : 'out';
}

const BEEPS = {
  tick: [[880, 0, 0.09]],
  step: [[1175, 0, 0.4]],
  HOLD: [[660, 0, 0.15], [660, 0.25, 0.15]],
  EASE: [[660, 0, 0.15], [550, 0.25, 0.15], [440, 0.5, 0.25]],
  STOP: [[440, 0, 0.3], [440, 0.4, 0.3], [440, 0.8, 0.5]],
};

export function createSound() {
  let context = null;
  let volume = null;

  // Must be called from a tap.
  function wake(level) {
    if (!window.AudioContext) return;
    if (context === null) {
      context = new AudioContext();
      volume = context.createGain();
      volume.connect(context.destination);
    }
    volume.gain.value = level;
    if (context.state === 'suspended') void context.resume();
  }

  return {
    wake,
    awake: () => context?.state === 'running',
    context: () => context,
    out: () => volume,
    level(value) { if (volume) volume.gain.value = value; },
    beep(name) {
      if (context?.state !== 'running' || !BEEPS[name]) return;
      for (const [hz, afterS, lengthS] of BEEPS[name]) {
        tone(context, volume, { atS: context.currentTime + 0.02 + afterS, lengthS, hz, gain: 0.6 });
      }
    },
  };
}
