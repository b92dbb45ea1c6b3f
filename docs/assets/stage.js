// The pictures in motion: copies of one step's pictures, laid over those of the step that shows and changed as the
// film says. The step's own show again the moment anything else is asked for.
import { changesBetween, dialsAt, moveMarkup, movesAt } from "./film.js";

export class Stage {
  /** Lays copies of the pictures of the step `base` over those of the step `shown`, at the time `ms`. */
  constructor(film, steps, { base, shown, ms }) {
    Object.assign(this, { film, steps, base, shown, ms, clones: [] });
    for (const figure of steps[shown].querySelectorAll("figure")) {
      const picture = steps[base].querySelector(`figure.${figure.classList[0]} > svg:not(.raft-stage)`);
      if (!picture) continue;
      const clone = picture.cloneNode(true);
      for (const named of [clone, ...clone.querySelectorAll("[id]")]) named.removeAttribute("id");
      for (const said of ["role", "aria-labelledby"]) clone.removeAttribute(said);
      clone.setAttribute("aria-hidden", "true");
      clone.classList.add("raft-stage");
      figure.classList.add("raft-moving");
      figure.append(clone);
      this.clones.push(clone);
    }
  }

  /** Shows a later time; at its own it is the picture that it was copied from. */
  draw(ms) {
    if (ms === this.ms) return;
    const { film } = this;
    for (const [part, look] of changesBetween(film.changes, this.ms, ms)) {
      for (const place of this.#all("part", part)) {
        if (typeof look === "string") place.outerHTML = look;
        else place.replaceWith(this.steps[look].querySelector(`svg:not(.raft-stage) [data-part="${part}"]`).cloneNode(true));
      }
    }
    for (const [part, moving] of [["mail", film], ...Object.entries(film.beside ?? {})]) {
      for (const place of this.#all("part", part)) place.innerHTML = [...movesAt(moving, ms)].map(moveMarkup).join("");
    }
    for (const [name, left] of dialsAt(film.dials, film.dial_span, ms)) {
      for (const dial of this.#all("dial", name)) dial.setAttribute("stroke-dasharray", `${left.toFixed(4)} 1`);
    }
    this.ms = ms;
  }

  strike() {
    for (const clone of this.clones) {
      clone.parentElement.classList.remove("raft-moving");
      clone.remove();
    }
  }

  #all = (name, value) => this.clones.flatMap((clone) => [...clone.querySelectorAll(`[data-${name}="${value}"]`)]);
}
