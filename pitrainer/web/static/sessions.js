// The sessions to choose from: title, purpose, length and a small profile. A tap loads one; nothing moves.
// The list is left alone while it stays the same, so that no tap falls on a row that just moved.

import { thumbnail } from './chart.js';
import { element, isGrey } from './dom.js';
import { t } from './i18n.js';
import { read } from './link.js';
import { minutes } from './words.js';

const SVG = 'http://www.w3.org/2000/svg';

export async function fillSessions(list, choose) {
  const answer = await read('/api/sessions');
  if (!answer) {
    if (list.dataset.shown) return false;
    list.replaceChildren(element('li', 'session-none', t('library.again')));
    return false;
  }
  const news = JSON.stringify(answer.sessions);
  if (news === list.dataset.shown) return true;
  list.dataset.shown = news;
  const rows = answer.sessions.map((session) => row(session, choose));
  list.replaceChildren(...(rows.length ? rows : [element('li', 'session-none', t('library.none'))]));
  return true;
}

function row(session, choose) {
  const item = document.createElement('li');
  const button = element('button', 'session');
  button.type = 'button';
  button.disabled = isGrey();
  const spoilt = session.problems.length > 0;
  const head = element('span', 'session-head');
  head.append(element('span', 'session-title', session.title), element('span', 'session-length num', minutes(session.estimated_s)));
  button.append(head, element('span', 'session-purpose', spoilt ? session.problems[0] : session.purpose));
  if (session.steps.length) button.append(picture(session.steps));
  if (spoilt) button.setAttribute('aria-disabled', 'true');
  else button.addEventListener('click', () => choose(session));
  item.append(button);
  return item;
}

function picture(steps) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('class', 'thumbnail');
  svg.setAttribute('aria-hidden', 'true');
  svg.setAttribute('preserveAspectRatio', 'none');
  thumbnail(svg, steps);
  return svg;
}
