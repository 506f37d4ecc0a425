// The line to the controller: a live stream, polling where there is no stream to be had, and commands.
//
// Freshness: the server sends each state with its age; from there this clock counts on. A state is news when its
// boot-time stamp is later (or the boot is another one), so that poll and stream may overlap. `isStale` is true
// 3 s after the last news while the belt may move; at rest the controller speaks every 5 s and gets 8. A page that
// was hidden believes nothing until it has heard again.

import { said, t } from './i18n.js';

const STALE_S = 3;
const STALE_AT_REST_S = 8;
const POLL_MS = 1000;
const REOPEN_MS = 10000;
const ANSWER_MS = 1500;
const AT_REST = new Set(['idle', 'done', 'paused', 'armed', 'fault']);

export function createLink(onState) {
  const seen = { state: null, ageS: Infinity, atMs: 0, downSinceMs: performance.now(), pollingSinceMs: null };
  let source = null;

  function take(state) {
    seen.downSinceMs = null;
    if (state.seq === null || isOlder(state, seen.state)) {
      if (seen.state) Object.assign(seen.state, { status: state.status, connected: state.connected });
      return;
    }
    seen.state = state;
    seen.ageS = typeof state.age_s === 'number' ? state.age_s : Infinity;
    seen.atMs = performance.now();
    onState(state);
  }

  function open() {
    source?.close();
    source = new EventSource('/api/stream');
    source.onopen = () => { seen.pollingSinceMs = null; };
    source.onmessage = (message) => take(JSON.parse(message.data));
    source.addEventListener('again', open);
    source.onerror = () => {
      seen.downSinceMs ??= performance.now();
      if (source.readyState === EventSource.CLOSED) seen.pollingSinceMs ??= performance.now();
    };
  }

  async function poll() {
    try {
      const response = await fetch('/api/state', { signal: AbortSignal.timeout(2 * POLL_MS) });
      if (response.ok) take(await response.json());
    } catch {
      seen.downSinceMs ??= performance.now();
    }
  }

  function everySecond() {
    if (document.hidden || seen.pollingSinceMs === null) return;
    void poll();
    if (performance.now() - seen.pollingSinceMs >= REOPEN_MS) {
      seen.pollingSinceMs = performance.now();
      open();
    }
  }

  function onVisible() {
    if (document.hidden) {
      seen.ageS = Infinity;
      return;
    }
    void poll();
    open();
  }

  function ageS() {
    return seen.ageS + (performance.now() - seen.atMs) / 1000;
  }

  function isStale() {
    const downS = seen.downSinceMs === null ? 0 : (performance.now() - seen.downSinceMs) / 1000;
    return downS >= STALE_S || ageS() >= staleAfterS(seen.state);
  }

  open();
  setInterval(everySecond, POLL_MS);
  document.addEventListener('visibilitychange', onVisible);
  return { ageS, isStale, state: () => seen.state, heard: () => seen.state !== null };
}

function isOlder(state, than) {
  return than !== null && state.boot === than.boot && state.bt_ns < than.bt_ns;
}

function staleAfterS(state) {
  if (!state) return STALE_S;
  const stands = AT_REST.has(state.phase) && !(state.speed_kmh > 0);
  return stands ? STALE_AT_REST_S : STALE_S;
}

// Posts to the server. Resolves to {ok, reason, ...}; never rejects.
export async function post(path, body = {}, timeoutMs = ANSWER_MS) {
  try {
    const response = await fetch(path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-Pitrainer': '1' },
      body: JSON.stringify(body),
      keepalive: true,
      signal: AbortSignal.timeout(timeoutMs),
    });
    const answer = await response.json();
    return { ...answer, ok: response.ok && answer.ok === true, reason: said(answer.reason) };
  } catch {
    return { ok: false, reason: t('no_answer') };
  }
}

export async function read(path) {
  try {
    const response = await fetch(path, { signal: AbortSignal.timeout(5000) });
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
}
