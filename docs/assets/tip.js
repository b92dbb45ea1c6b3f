// What a term means is shown where its link is pointed at or focused: the one sentence with which its entry begins. It
// stays while the pointer is on it, and Escape sends it away (WCAG 1.4.13). A finger follows the link.

// Its looks come with it: no page is sent them before a term is pointed at.
const LOOKS = `
.raft-tip { position: fixed; inset: auto; z-index: 9; max-width: min(21rem, calc(100vw - 16px)); margin: 0;
  padding: .5rem .7rem; border: 1px solid var(--raft-line); border-radius: .35rem; background: var(--raft-panel);
  color: var(--raft-ink); box-shadow: 0 4px 16px rgb(0 0 0 / 18%); font-size: .7rem; line-height: 1.5;
  overflow-wrap: anywhere; }
.raft-tip:not([popover], .raft-tip--shown) { display: none; }
@media print { .raft-tip { display: none; } }
`;

const OPENS_AFTER_MS = 150;
const CLOSES_AFTER_MS = 250;

// Where a box goes: under its link, over it where there is no room below, and never over the edge of the window.
export const placed = (link, box, room, gap = 6, edge = 8) => ({
  left: Math.max(edge, Math.min(link.left, room.width - box.width - edge)),
  top: link.bottom + gap + box.height <= room.height - edge
    ? link.bottom + gap
    : Math.max(edge, link.top - gap - box.height),
});

const sentences = new Map();   // by the entry's address

/** A source's words are in its link's title; a term's are in its entry's description, fetched when first needed. */
function sentence({ title, href }) {
  if (title) return title;
  const entry = href.split("#")[0];
  if (!sentences.has(entry)) sentences.set(entry, described(entry).catch(() => sentences.delete(entry) && ""));
  return sentences.get(entry);
}

async function described(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw answer;   // a page that is not there has a description too: the site's
  const html = await answer.text();
  const page = new DOMParser().parseFromString(html, "text/html");
  return page.querySelector("meta[name=description]").getAttribute("content");
}

/** The box for the words of all links that a selector finds. */
export class Tip {
  constructor(links) {
    this.links = links;
    const looks = new CSSStyleSheet();
    looks.replaceSync(LOOKS);
    document.adoptedStyleSheets.push(looks);
    this.box = Object.assign(document.createElement("div"), { id: "raft-tip", className: "raft-tip" });
    this.box.setAttribute("role", "tooltip");
    if ("popover" in this.box) this.box.popover = "manual";
    (document.querySelector("main") ?? document.body).append(this.box);
    const events = ["pointerover", "pointerout", "focusin", "focusout", "keydown"];
    for (const type of events) document.addEventListener(type, this);
    window.addEventListener("scroll", this, { passive: true, capture: true });
    window.addEventListener("resize", this, { passive: true });
  }

  handleEvent(event) {
    const link = event.target.closest?.(this.links);
    if (event.type === "pointerover" && event.pointerType !== "touch") {
      if (link || this.box.contains(event.target)) clearTimeout(this.timer);
      if (link && link !== this.link) {
        sentence(link);   // on its way while the pointer rests
        this.timer = setTimeout(() => this.open(link), OPENS_AFTER_MS);
      }
    } else if (event.type === "pointerout" && (link || event.target === this.box)) {
      clearTimeout(this.timer);
      if (document.activeElement !== this.link) this.timer = setTimeout(() => this.close(), CLOSES_AFTER_MS);
    } else if (event.type === "focusin" && link?.matches(":focus-visible")) this.open(link);
    else if (event.type === "focusout" && link && link === this.link) this.close();
    else if (event.type === "keydown" && event.key === "Escape") this.close();
    else if ((event.type === "scroll" || event.type === "resize") && this.link) this.place();
  }

  // While a title's words are shown here, the browser must not show them too.
  async open(link) {
    clearTimeout(this.timer);
    if (link === this.link) return;
    this.close();
    this.link = link;
    this.title = link.title;
    const words = await sentence(link);
    if (!words || this.link !== link) return;
    this.box.textContent = words;
    link.removeAttribute("title");
    link.setAttribute("aria-describedby", this.box.id);
    this.box.classList.add("raft-tip--shown");
    this.box.showPopover?.();
    this.place();
  }

  place() {
    const room = { width: document.documentElement.clientWidth, height: window.innerHeight };
    const firstLine = this.link.getClientRects()[0] ?? this.link.getBoundingClientRect();
    const { left, top } = placed(firstLine, this.box.getBoundingClientRect(), room);
    this.box.style.left = `${left}px`;
    this.box.style.top = `${top}px`;
  }

  close() {
    clearTimeout(this.timer);
    if (!this.link) return;
    if (this.title) this.link.title = this.title;
    this.link.removeAttribute("aria-describedby");
    this.link = undefined;
    this.box.classList.remove("raft-tip--shown");
    this.box.hidePopover?.();
  }
}
