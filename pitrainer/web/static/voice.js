// The browser's own voice. Works without a network; says nothing where there is none.
//
// What is urgent cuts off what is being said; the rest waits its turn, but never more than one sentence.

import { language } from './i18n.js';

export function createVoice() {
  const speaker = window.speechSynthesis;

  return {
    can: Boolean(speaker),
    say(sentence, { urgent = false, volume = 1 } = {}) {
      if (!speaker || !sentence) return;
      if (urgent || speaker.pending) speaker.cancel();
      const utterance = new SpeechSynthesisUtterance(spoken(sentence));
      utterance.lang = language;
      utterance.volume = volume;
      speaker.speak(utterance);
    },
  };
}

// Signs that voices stumble over.
function spoken(sentence) {
  return sentence.replaceAll('%', language === 'de' ? 'Prozent' : 'percent').replaceAll('·', ',');
}
