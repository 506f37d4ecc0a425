// All words of the page, from one table per language: static/lang/<code>.json (web/texts.py says how they are made).
//
// The server has written the page in this language already; the table is for what the script says. Until it has come,
// and for a key that no table has, the key itself stands: STOP never waits for a word.

const RETRY_MS = 2000;
let table = {};

export const language = document.documentElement.lang || 'en';

// Resolves when the words are there; asks again for as long as it takes.
export async function loadWords() {
  for (;;) {
    try {
      const answer = await fetch(`/static/lang/${language}.json`, { signal: AbortSignal.timeout(RETRY_MS) });
      if (answer.ok) {
        table = await answer.json();
        return;
      }
    } catch { /* the server is away: again */ }
    await new Promise((done) => setTimeout(done, RETRY_MS));
  }
}

export function t(key, values = {}) {
  return (table[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

// What the controller says of a cause: by its name where the table knows it, else in the controller's words.
export function causeText({ cause, text }) {
  return table[`cause.${cause}`] ?? text;
}

// Other sentences of the controller, one by one; numbers keep their places.
export function said(text) {
  return String(text ?? '').split(/(?<=\.) /).map((sentence) => {
    const numbers = sentence.match(/\d+(\.\d+)?/g) ?? [];
    const known = table[`said.${sentence.replace(/\d+(\.\d+)?/g, '#')}`];
    return known ? known.replace(/#/g, () => numbers.shift() ?? '') : sentence;
  }).join(' ');
}

export function eventText(event) {
  const type = String(event.event_type ?? '');
  if (type === 'phase') return table[`phase.${event.text}`] ?? event.text;
  if (type.endsWith('_over')) {
    const cause = type.slice(0, -'_over'.length);
    return t('event.over', { what: table[`cause.${cause}`] ?? cause.replaceAll('_', ' ') });
  }
  return table[`cause.${type}`] ?? (said(event.text) || type.replaceAll('_', ' '));
}
