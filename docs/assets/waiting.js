/** Takes the styles away that show one step until the script comes: none waits any more, and they cost time at every move. */
export function forgetWaiting() {
  for (const sheet of document.styleSheets) {
    try {
      const layer = [...sheet.cssRules].findIndex((rule) => rule instanceof CSSLayerBlockRule && rule.name === "raft-not-yet");
      if (layer >= 0) sheet.deleteRule(layer);
    } catch { /* another origin's */ }
  }
}
