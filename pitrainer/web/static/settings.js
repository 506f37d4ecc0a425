// The runner's own settings: kept in this browser, never sent. The panel's fields carry `data-setting`.
//
// Language is the exception: the server writes the page in it, so it is kept in a cookie and the page is loaded anew.

const KEY = 'pitrainer.settings';
export const VIEWS = ['focus', 'full', 'blind'];

const DEFAULTS = {
  view: 'full', theme: 'system', speakSteps: true, speakSoon: true, speakCauses: true, beeps: true, metronome: false,
  cadence: 120, volume: 0.8, breath: 0, vibrate: true, awake: true,
};

function stored() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) ?? {};
  } catch {
    return {}; // nothing kept, or no storage in this window
  }
}

// What was stored, as far as it is of the right kind.
function sound(found) {
  const fits = ([name, usual]) => [name, typeof found?.[name] === typeof usual ? found[name] : usual];
  const made = Object.fromEntries(Object.entries(DEFAULTS).map(fits));
  return { ...made, view: VIEWS.includes(made.view) ? made.view : 'full' };
}

export const settings = sound(stored());

function keep() {
  try {
    localStorage.setItem(KEY, JSON.stringify(settings));
  } catch { /* private window: for this visit only */ }
}

function valueOf(field) {
  if (field.type === 'checkbox') return field.checked;
  return typeof DEFAULTS[field.dataset.setting] === 'number' ? Number(field.value) : field.value;
}

function fill(field) {
  const value = settings[field.dataset.setting];
  if (field.type === 'checkbox') field.checked = value;
  else if (field.type === 'radio') field.checked = field.value === value;
  else field.value = String(value);
}

function showLook() {
  const { dataset } = document.body;
  dataset.view = settings.view;
  if (dataset.look) dataset.look = settings.view; // at rest every view is the full one
  const light = document.getElementById('light');
  light.media = { light: 'all', dark: 'not all' }[settings.theme] ?? '(prefers-color-scheme: light)';
  for (const out of document.querySelectorAll('[data-shows]')) out.textContent = String(settings[out.dataset.shows]);
}

// Fills the fields and follows them; `changed(name)` is told what was changed.
export function bindSettings(changed) {
  for (const field of document.querySelectorAll('[data-setting]')) {
    fill(field);
    field.addEventListener('input', () => {
      if (field.type === 'radio' && !field.checked) return;
      settings[field.dataset.setting] = valueOf(field);
      keep();
      showLook();
      changed(field.dataset.setting);
    });
  }
  document.getElementById('language').addEventListener('change', (event) => {
    document.cookie = `language=${event.target.value}; path=/; max-age=31536000; SameSite=Lax`;
    location.reload();
  });
  showLook();
}
