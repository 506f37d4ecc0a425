// "Add to home screen", where the browser offers it to pages; else only the words of the settings panel.

export function offerInstall(button) {
  let offer = null;
  window.addEventListener('beforeinstallprompt', (event) => {
    event.preventDefault();
    offer = event;
    button.hidden = false;
  });
  button.addEventListener('click', () => { void offer?.prompt(); });
  window.addEventListener('appinstalled', () => { button.hidden = true; });
}
