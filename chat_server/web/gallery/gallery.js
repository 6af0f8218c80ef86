/** The gallery: a list of every state, or with `?state=` the widget in that state. For designers and for the tests. */

import { start } from "/web/widget/main.js";
import { scriptedSocket } from "./scripted-socket.js";
import { STATES } from "./states.js";

const asked = new URLSearchParams(location.search);
const name = asked.get("state");

const list = document.getElementById("states");
for (const [key, { title }] of Object.entries(STATES)) {
  const link = document.createElement("a");
  link.href = `?state=${key}`;
  link.textContent = title;
  if (key === name) link.setAttribute("aria-current", "page");
  const item = document.createElement("li");
  item.append(link);
  list.append(item);
}

if (name in STATES) show(name, asked.get("lang") ?? "en");

/** Play the state, then say that the page is ready to be looked at. */
async function show(key, lang) {
  sessionStorage.clear();
  const script = STATES[key];
  const Socket = scriptedSocket(key);
  const widget = await start({ origin: location.origin, lang, open: script.closed ? undefined : "", Socket });
  const settled = () => new Promise((ready) => setTimeout(ready, 50));
  await settled();
  for (const sheet of script.sheets ?? []) {
    const opener = sheet === "menu" ? widget.head.menu : widget.shadowRoot.querySelector(`[data-sheet="${sheet}"]`);
    opener.click();
  }
  await script.then?.(widget);
  await settled();
  if (script.later) Socket.current.later();
  await settled();
  document.documentElement.dataset.ready = key;
}
