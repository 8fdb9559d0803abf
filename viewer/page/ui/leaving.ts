/** Does what removes the button that was pressed, which would take the focus with it: the first filter gets it. */
export function leaving(act: () => void): void {
  document.getElementById('search')?.focus();
  act();
}
