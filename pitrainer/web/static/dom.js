// Putting words on the page: always as text, and only when they changed, so that screen readers hear news, not noise.

export const byId = (id) => document.getElementById(id);

export function text(id, value) {
  const node = byId(id);
  if (node.textContent !== value) node.textContent = value;
}

export function show(id, visible) {
  const node = byId(id);
  if (node.hidden === visible) node.hidden = !visible;
}

export function mark(node, name, value) {
  if (node.dataset[name] !== value) node.dataset[name] = value;
}

export function element(kind, className, content = '') {
  const made = document.createElement(kind);
  made.className = className;
  made.textContent = content;
  return made;
}
