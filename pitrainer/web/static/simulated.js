// Things to do to the simulated treadmill and strap, and what to expect of each.

import { post } from './link.js';
import { element } from './view.js';

const TRIES = [
  ['strap_off', 'Take the strap off', 'No more climbing after 5 s, easing off after 15 s, a walk after 60 s.'],
  ['strap_on', 'Put the strap on', 'Heart rate comes back; it climbs on from where it is.'],
  ['console_faster', 'Console: faster', 'What you press on the treadmill wins; the program waits for Continue.'],
  ['console_slower', 'Console: slower', 'The same, slower.'],
  ['console_steeper', 'Console: steeper', 'The same, steeper.'],
  ['console_flatter', 'Console: flatter', 'The same, flatter.'],
  ['console_start', 'Console: START', 'The second act after Arm. Without Arm the program stays out of it.'],
  ['console_stop', 'Console: STOP', 'The belt stops and the session pauses.'],
  ['safety_key', 'Pull the safety key', 'The belt stops at once; a fault that you must acknowledge.'],
  ['link_drop', 'Drop the radio link', 'Holding after 2 s; after 5 s a stop. Coming back never starts the belt.'],
];

export function fillTries(list, say) {
  list.replaceChildren(...TRIES.map(([doWhat, title, expect]) => {
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
