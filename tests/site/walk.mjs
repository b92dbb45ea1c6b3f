// A walk through a page's stepper, done by the page itself, so that any browser can be asked to take it.
//
//     node walk.mjs PATH_OF_FIREFOX ADDRESS WIDTH HEIGHT
//
// takes it in Firefox and prints what was found. Other browsers are driven from the tests, which read `walk` as text.

/** Presses all that there is and looks at the pictures each time: what was looked at, and what was wrong.
    @returns {Promise<{ looks: number, troubles: string[] }>} */
export async function walk() {
  const stepper = /** @type {any} */ (document.querySelector("raft-stepper"));
  /** @type {{ looks: number, troubles: string[] }} */
  const found = { looks: 0, troubles: [] };
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const until = async (isTrue) => {
    for (let i = 0; i < 100 && !isTrue(); i++) await pause(50);
    return isTrue();
  };
  const find = (selector) => stepper.querySelector(selector);
  const box = (element) => element.getBoundingClientRect();
  const isSeen = (element) => element && getComputedStyle(element).visibility === "visible" && box(element).width > 0;
  const says = (words) => found.troubles.push(words);

  const look = (act) => {
    found.looks++;
    for (const figure of stepper.querySelectorAll(".raft-step:not([hidden]) figure.raft-picture")) {
      const pictures = [...figure.querySelectorAll(":scope > svg")].filter(isSeen);
      const widths = pictures.map((svg) => Math.round(box(svg).width));
      if (!(Math.max(...widths) > 100)) says(`${act}: the picture is ${Math.max(0, ...widths)} px wide`);
    }
  };
  const apart = async (act, one, other) => {
    found.looks++;
    if (await until(() => !overlaps(one, other))) return;
    says(`${act}: ${one.className} and ${other.className} lie on each other`);
  };
  const overlaps = (one, other) => {
    if (!isSeen(one) || !isSeen(other)) return false;
    const [a, b] = [box(one), box(other)];
    const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
    const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    return Math.min(across, down) > 1;
  };
  const isStill = () => !find(".raft-stage");
  const arrive = async (act) => {
    look(`${act}, under way`);
    await pause(200);
    look(`${act}, a little later`);
    if (!await until(isStill)) says(`${act}: the motion does not end`);
    look(act);
  };
  const key = (name) => find(".raft-button--next")
    .dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true }));

  stepper.dispatchEvent(new PointerEvent("pointerenter"));
  if (!await until(() => stepper.getAttribute("motion") === "ready")) says("the motion does not come");
  find(".raft-button--speed").click();   // double speed
  const size = stepper.querySelectorAll(".raft-step").length;
  for (let step = 2; step <= size; step++) {
    find(".raft-button--next").click();
    await arrive(`Next to step ${step}`);
  }
  find(".raft-button--previous").click();
  await arrive("Previous");
  key("Home");
  look("Home");
  for (let i = 0; i < 4; i++) {
    key("ArrowRight");
    await pause(60);
    look(`ArrowRight ${i + 1}, fast`);
  }
  await arrive("ArrowRight");
  key("ArrowLeft");
  await arrive("ArrowLeft");
  key("End");
  look("End");
  for (const [i, dot] of [...stepper.querySelectorAll(".raft-dot")].entries()) {
    dot.click();
    await pause(20);
    look(`dot ${i + 1}`);
  }
  const range = find(".raft-range");
  range.value = "2";
  range.dispatchEvent(new Event("input", { bubbles: true }));
  look("slider");
  find(".raft-button--play").click();
  await arrive("Play");
  find(".raft-button--play").click();

  const legend = find(".raft-legend");
  legend.open = true;
  await pause(50);
  await apart("legend", legend, find(".raft-controls"));
  legend.open = false;
  for (const name of ["__search", "__drawer"]) {
    const toggle = /** @type {any} */ (document.getElementById(name));
    toggle.checked = true;
    toggle.dispatchEvent(new Event("change", { bubbles: true }));
    await pause(400);
    await apart(name, document.querySelector(".md-search__form"), document.querySelector(".md-tabs"));
    toggle.checked = false;
    toggle.dispatchEvent(new Event("change", { bubbles: true }));
    await pause(100);
  }
  const term = document.querySelector("a.raft-codex-term");
  if (!getComputedStyle(term).textDecorationLine.includes("underline")) says("a term is not underlined");
  const { scrollWidth } = document.documentElement;
  if (scrollWidth > innerWidth) says(`the page is ${scrollWidth} px wide`);
  return found;
}

const [program, firefox, address, width, height] = process.argv.slice(1);
if (program === (await import("node:url")).fileURLToPath(import.meta.url)) {
  const { default: puppeteer } = await import("puppeteer-core");
  const browser = await puppeteer.launch({ browser: "firefox", executablePath: firefox, headless: true });
  try {
    const page = await browser.newPage();
    const errors = [];
    page.on("pageerror", (error) => errors.push(String(error)));
    await page.setViewport({ width: Number(width), height: Number(height) });
    await page.goto(address);
    await page.waitForSelector(".raft-controls");
    const found = await page.evaluate(walk);
    process.stdout.write(JSON.stringify({ ...found, troubles: [...found.troubles, ...errors] }));
  } finally {
    await browser.close();
  }
}
