// Brings the news to ears and hands: voice, beeps, vibration, and the line that screen readers follow.

import { newsOf } from './news.js';

const SPOKEN_BY = { step: 'speakSteps', soon: 'speakSoon', cause: 'speakCauses' };
const SHAKES_MS = { soon: [60], step: [200], HOLD: [150, 80, 150], EASE: [150, 80, 150, 80, 150], STOP: [600] };

export function createCoach({ settings, voice, sound, announce }) {
  let before = null;

  function tell(each) {
    const name = each.action ?? each.kind;
    if (settings.beeps) sound.beep(name);
    if (settings.vibrate) navigator.vibrate?.(SHAKES_MS[name] ?? 0);
    if (settings[SPOKEN_BY[each.kind]]) {
      voice.say(each.text, { urgent: each.kind === 'cause', volume: settings.volume });
    }
    if (each.kind === 'soon' || each.kind === 'step') announce(each.text);
  }

  return {
    onState(state, plan) {
      const news = newsOf(before, state, plan, settings.view === 'blind');
      before = state;
      news.forEach(tell);
    },
    // After silence or sleep nothing old is told.
    forget() { before = null; },
  };
}
