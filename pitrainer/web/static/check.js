// A session file, pasted or chosen, judged by the server with the words of `pitrainer check`. Nothing is kept.

import { element } from './dom.js';
import { t } from './i18n.js';
import { post } from './link.js';

const LARGEST_B = 100000;
const PATIENCE_MS = 10000;

export function createCheck({ form, text, file, list }) {
  let name = '';

  function tell(lines) {
    list.replaceChildren(...lines.map(({ level, line }) => element('li', `problem problem-${level}`, line)));
  }

  async function check() {
    if (new Blob([text.value]).size > LARGEST_B) return tell([{ level: 'error', line: t('check.large') }]);
    const answer = await post('/api/check', { name, text: text.value }, PATIENCE_MS);
    if (!answer.ok) return tell([{ level: 'error', line: answer.reason }]);
    const problems = answer.problems ?? [];
    return tell(problems.length ? problems : [{ level: 'fine', line: t('check.ok') }]);
  }

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void check();
  });
  file.addEventListener('change', async () => {
    const [chosen] = file.files;
    if (!chosen) return;
    if (chosen.size > LARGEST_B) return void tell([{ level: 'error', line: t('check.large') }]);
    name = chosen.name;
    text.value = await chosen.text();
    await check();
  });
  text.addEventListener('input', () => { name = ''; });
}
