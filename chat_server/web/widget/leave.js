/** Leaving the page at once: cover it, empty it, go. And the key for it: Shift, three times within five seconds. */

export const NEUTRAL_PAGE = "https://www.bbc.co.uk/weather";

const PRESSES = 3;
const WITHIN = 5_000;

/**
 * Cover and empty the page before anything else can happen, then let `farewell` clear and tell, then go.
 * The entry in the history is replaced, so that Back does not return here.
 */
export function leavePage({ to = NEUTRAL_PAGE, title = "", farewell = () => {} } = {}) {
  const cover = document.createElement("div");
  Object.assign(cover.style, { position: "fixed", inset: "0", background: "#ffffff", zIndex: "2147483647" });
  document.body.replaceChildren(cover);
  document.title = title;
  for (const sign of document.head.querySelectorAll('link[rel~="icon"]')) sign.remove();
  try {
    farewell();
  } finally {
    location.replace(/^https?:\/\//i.test(to) ? to : NEUTRAL_PAGE);
  }
}

/** Call `left` after three presses of Shift on its own, and `pressed(remaining)` after each before. */
export function onThreeShifts({ left, pressed = () => {}, signal }) {
  let times = [];
  let alone = false;
  const start = () => {
    times = [];
  };
  document.addEventListener("keydown", (event) => {
    alone = event.key === "Shift" && (event.repeat ? alone : true);
    if (event.key !== "Shift") start();
  }, { signal, capture: true });
  document.addEventListener("pointerdown", () => {
    alone = false; // Shift and a click mark text
  }, { signal, capture: true });
  document.addEventListener("keyup", (event) => {
    if (event.key !== "Shift" || !alone) return;
    alone = false;
    times = [...times.filter((at) => event.timeStamp - at < WITHIN), event.timeStamp];
    if (times.length < PRESSES) {
      pressed(PRESSES - times.length);
      return;
    }
    start();
    left();
  }, { signal, capture: true });
}
