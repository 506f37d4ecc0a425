// Things to do to the simulated treadmill and strap, and what to expect of each.

import { element } from './dom.js';
import { t } from './i18n.js';
import { post } from './link.js';

const TRIES = ['strap_off', 'strap_on', 'console_faster', 'console_slower', 'console_steeper', 'console_flatter',
  'console_start', 'console_stop', 'safety_key', 'link_drop'];

export function fillTries(list, say) {
  list.replaceChildren(...TRIES.map((doWhat) => {
    const [title, expect] = t(`try.${doWhat}`).split('|');
    const item = document.createElement('li');
    const button = element('button', 'action try-button', title);
    button.type = 'button';
    button.addEventListener('click', async () => {
      const answer = await post(`/api/sim/${doWhat}`);
      if (!answer.ok) say(answer.reason);
    });
    item.append(button, element('p', 'try-expect', expect));
    return item;
  }));
}
