// Putting words on the page: always as text, and only when they changed, so that screen readers hear news, not noise.
// What this module put there is remembered: asking the page itself four times a second costs a slow phone more.

const nodes = new Map();
const texts = new Map();
const shown = new Map();
const marks = new Map();

export function byId(id) {
  let node = nodes.get(id);
  if (!node) nodes.set(id, node = document.getElementById(id));
  return node;
}

export function text(id, value) {
  if (texts.get(id) === value) return;
  texts.set(id, value);
  byId(id).textContent = value;
}

export function show(id, visible) {
  if (shown.get(id) === visible) return;
  shown.set(id, visible);
  byId(id).hidden = !visible;
}

export function mark(node, name, value) {
  let known = marks.get(node);
  if (!known) marks.set(node, known = {});
  if (known[name] === value) return;
  known[name] = value;
  node.dataset[name] = value;
}

export function element(kind, className, content = '') {
  const made = document.createElement(kind);
  made.className = className;
  made.textContent = content;
  return made;
}

// Is the page's news too old to act on?
export const isGrey = () => document.body.classList.contains('is-stale');
